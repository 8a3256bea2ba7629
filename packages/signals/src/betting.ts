/** How boldly is bet against the objective, as shares of 1/objective. More than 0.2 takes short bursts for a broken release. */
const stakes = [0.05, 0.2];

/**
 * A bet against "the expected fraction of bad events is at most the objective at every look". Its evidence is a
 * nonnegative supermartingale that starts at 1 as long as that is true, so that it ever reaches 1/level with a
 * probability of at most `level`, however often one looks (Ville). Nothing is assumed about requests within a look.
 */
export interface Bet {
  readonly objective: number;
  /** The objective counts as broken once the evidence reaches this. */
  readonly bar: number;
  /** Looks that the money is spread over. */
  readonly looks: number;
  readonly look: number;
  /** Money not yet staked. */
  readonly left: number;
  /** What each stake has become. */
  readonly wealth: readonly number[];
  readonly evidence: number;
  /** The most evidence there ever was. */
  readonly most: number;
}

/** @param level accepted probability that a kept objective is called broken at any of the looks. */
export function openBet(objective: number, level: number, looks: number): Bet {
  const wealth = stakes.map(() => 0);
  return { objective, bar: 1 / level, looks, look: 0, left: 1, wealth, evidence: 1, most: 1 };
}

/**
 * The bet after one more look. Half of the money is staked at the first look and the rest in equal parts at the
 * others, so that a regression that starts late is found as well. Capped betting on means: Waudby-Smith and Ramdas,
 * arXiv 2010.09686; the mixture over the time of onset: Shin, Ramdas and Rinaldo, arXiv 2203.03532.
 * @param fraction of events that were bad; null for a look without events, which changes nothing.
 */
export function placeBet(bet: Bet, fraction: number | null): Bet {
  const due = bet.look === 0 ? 0.5 : 0.5 / (bet.looks - 1);
  const stake = Math.min(bet.left, due);
  const surprise = fraction === null ? 0 : Math.min(1, Math.max(0, fraction)) - bet.objective;
  const wealth = bet.wealth.map(
    (money, at) => (money + stake) * (1 + ((stakes[at] ?? 0) / bet.objective) * surprise),
  );
  const left = bet.left - stake;
  const evidence = wealth.reduce((sum, money) => sum + money, 0) / wealth.length + left;
  return { ...bet, look: bet.look + 1, left, wealth, evidence, most: Math.max(bet.most, evidence) };
}

export function isBroken(bet: Bet): boolean {
  return bet.most >= bet.bar;
}
