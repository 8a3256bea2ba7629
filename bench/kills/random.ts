/** Pseudo-random numbers, which are the same for the same seed (mulberry32). */
export interface Random {
  /** From 0 to below 1. */
  fraction(): number;
  /** One of them, with the same probability each. @throws Error when there is none. */
  pick<T>(of: readonly T[]): T;
  shuffle<T>(of: readonly T[]): T[];
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    pick(of) {
      const one = of[Math.floor(fraction() * of.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    shuffle: (of) =>
      of
        .map((value) => ({ value, at: fraction() }))
        .sort((a, b) => a.at - b.at)
        .map(({ value }) => value),
  };
}
