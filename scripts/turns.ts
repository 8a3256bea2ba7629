/** Where one of several things that run at once says its lines. */
export interface Turn {
  say(line: string): void;
  /** Lets the next one speak. */
  end(): void;
}

/**
 * Lets `count` things speak one after the other, so that no line of one stands between two of another: what is said
 * before its turn is kept, and comes out when the turn comes.
 */
export function takeTurns(
  count: number,
  print: (line: string) => void = (line) => console.log(line),
): Turn[] {
  const turns = Array.from({ length: count }, () => ({ kept: [] as string[], over: false }));
  const speak = (): void => {
    for (const turn of turns) {
      for (const line of turn.kept.splice(0)) print(line);
      if (!turn.over) return;
    }
  };
  return turns.map((turn) => ({
    say(line) {
      turn.kept.push(line);
      speak();
    },
    end() {
      turn.over = true;
      speak();
    },
  }));
}
