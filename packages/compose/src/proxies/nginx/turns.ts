/** Lets callers in one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(body, body);
    this.#last = turn;
    return turn;
  }
}
