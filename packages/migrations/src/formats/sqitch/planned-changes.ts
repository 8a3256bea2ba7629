import type { SqitchChange, SqitchTag } from './sqitch-migration.ts';

/** The changes of a plan up to a line of it, to be found as a dependency names them. */
export class PlannedChanges {
  readonly all: SqitchChange[] = [];
  /** Positions in `all`, by name and by id: a change that was reworked has several. */
  readonly #positions = new Map<string, number[]>();
  /** Positions of the changes that tags belong to. */
  readonly #tags = new Map<string, number>();

  /** A name that comes again marks the change before it as reworked: its scripts are named after a tag since then. */
  add(change: SqitchChange): void {
    const position = this.#positions.get(change.name)?.at(-1);
    if (position !== undefined) {
      const since = this.all.slice(position).reverse();
      const reworked = this.all[position];
      if (reworked) reworked.reworkTags = since.flatMap(({ tags }) => tags.map(({ name }) => name));
    }
    for (const key of [change.name, change.id]) {
      this.#positions.set(key, [...(this.#positions.get(key) ?? []), this.all.length]);
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
    const within = (this.#positions.get(name) ?? []).filter((position) => position <= until);
    const position = tag === undefined ? within.at(0) : within.at(-1);
    return position === undefined ? undefined : this.all[position];
  }
}
