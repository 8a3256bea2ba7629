/** What became of the wait for a lane. */
export type Turn = { granted: true; leave: () => void } | { granted: false };

interface Waiting {
  answer: (turn: Turn) => void;
}

interface Lane {
  busy: boolean;
  waiting: Waiting[];
}

/**
 * Concurrency groups: one job at a time in each. Of those that wait, GitHub keeps the newest alone, unless the group
 * says `queue: max`.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  /** Waits for the turn. It is not granted when a newer job takes the place, or the wait is given up. */
  enter(group: string, keepAll: boolean, giveUp: AbortSignal): Promise<Turn> {
    const key = group.toLowerCase();
    const lane = this.#lanes.get(key) ?? { busy: false, waiting: [] };
    this.#lanes.set(key, lane);
    return new Promise((answer) => {
      if (!keepAll) for (const older of lane.waiting.splice(0)) older.answer({ granted: false });
      const mine = { answer };
      lane.waiting.push(mine);
      const quit = (): void => {
        const at = lane.waiting.indexOf(mine);
        if (at < 0) return;
        lane.waiting.splice(at, 1);
        answer({ granted: false });
      };
      if (giveUp.aborted) quit();
      else giveUp.addEventListener('abort', quit, { once: true });
      this.#next(lane);
    });
  }

  #next(lane: Lane): void {
    if (lane.busy) return;
    const first = lane.waiting.shift();
    if (!first) return;
    lane.busy = true;
    const leave = (): void => {
      lane.busy = false;
      this.#next(lane);
    };
    first.answer({ granted: true, leave });
  }
}
