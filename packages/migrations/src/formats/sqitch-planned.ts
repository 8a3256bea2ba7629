import type { SqitchChange, SqitchTag } from './sqitch-plan.ts';

/** The changes of a plan up to a line of it, to be found as a dependency names them. */
export class PlannedChanges {
  readonly all: SqitchChange[] = [];
  /** Places in `all`, by name and by id: a change that was reworked has several. */
  readonly #places = new Map<string, number[]>();
  /** Places of the changes that tags belong to. */
  readonly #tags = new Map<string, number>();

  /** A name that comes again marks the change before it as reworked: its scripts are named after a tag since then. */
  add(change: SqitchChange): void {
    const place = this.#places.get(change.name)?.at(-1);
    if (place !== undefined) {
      const since = this.all.slice(place).reverse();
      const reworked = this.all[place];
      if (reworked) reworked.reworkTags = since.flatMap(({ tags }) => tags.map(({ name }) => name));
    }
    for (const key of [change.name, change.id]) {
      this.#places.set(key, [...(this.#places.get(key) ?? []), this.all.length]);
    }
    this.all.push(change);
  }

  hasTag(name: string): boolean {
    return this.#tags.has(name);
  }

  /** @param name Without its `@`. */
  addTag(name: string, tag: SqitchTag): void {
    this.all.at(-1)?.tags.push(tag);
    this.#tags.set(name, this.all.length - 1);
  }

  /** The first change of a name; with a tag the one as of the tag; with a tag alone the one that has it. */
  find(name: string, tag?: string): SqitchChange | undefined {
    const until = tag === undefined || tag === 'HEAD' ? this.all.length - 1 : this.#tags.get(tag);
    if (until === undefined) return undefined;
    if (name === '') return this.all[until];
    const within = (this.#places.get(name) ?? []).filter((place) => place <= until);
    const place = tag === undefined ? within.at(0) : within.at(-1);
    return place === undefined ? undefined : this.all[place];
  }
}
