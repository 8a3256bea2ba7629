/** Where one of several things that run at once says its lines. */
export interface Turn {
  say(line: string): void;
  /** Lets the next one speak. */
  end(): void;
}

/**
 * Lets `count` things speak one after the other, so that no line of one is between two of another: what is said
 * before its turn is held back until then.
 */
export function takeTurns(
  count: number,
  print: (line: string) => void = (line) => console.log(line),
): Turn[] {
  const turns = Array.from({ length: count }, () => ({ pending: [] as string[], over: false }));
  const speak = (): void => {
    for (const turn of turns) {
      for (const line of turn.pending.splice(0)) print(line);
      if (!turn.over) return;
    }
  };
  return turns.map((turn) => ({
    say(line) {
      turn.pending.push(line);
      speak();
    },
    end() {
      turn.over = true;
      speak();
    },
  }));
}
