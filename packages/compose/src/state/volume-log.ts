/** One value of a register. */
export interface Entry {
  /** Of the volume. */
  name: string;
  /** Values are numbered in the order in which they were written. */
  number: number;
  /** Chosen by its writer at random: the volume was created by whoever finds its own nonce there. */
  nonce: string;
  /** Nonce of the value that this one replaced; `none` for the first. */
  replaced: string;
}

/** In place of a nonce where there is none. */
export const none = 'none';

/** Entries by number, lowest first, from lines of `name nonce replaced`. Other volumes are left out. */
export function parseEntries(listed: string): Entry[] {
  return listed
    .split('\n')
    .flatMap((line): Entry[] => {
      const [name = '', nonce, replaced] = line.trim().split(' ');
      const number = Number(/-([1-9]\d{0,14})$/.exec(name)?.[1]);
      return nonce && replaced && Number.isSafeInteger(number) ? [{ name, number, nonce, replaced }] : [];
    })
    .sort((a, b) => a.number - b.number);
}

/** How a value is named for its readers. */
export function versionOf({ number, nonce }: Pick<Entry, 'number' | 'nonce'>): string {
  return `${number}.${nonce}`;
}

/** The entry that would follow the one with this version; null when it is not a version. */
export function successor(expected: string | null): Pick<Entry, 'number' | 'replaced'> | null {
  if (expected === null) return { number: 1, replaced: none };
  const [, number, nonce] = /^([1-9]\d{0,14})\.(\S+)$/.exec(expected) ?? [];
  return nonce === undefined ? null : { number: Number(number) + 1, replaced: nonce };
}

/**
 * What became of an attempt to write `mine`, from the entries that are there afterwards. `stale`: it was written, but not
 * after the newest value: its number had been pruned and was free again. `unknown`: it is not there, and nothing shows
 * that somebody else was first. Pure.
 */
export function judge(
  entries: readonly Entry[],
  mine: Pick<Entry, 'number' | 'nonce'>,
): 'replaced' | 'conflict' | 'stale' | 'unknown' {
  const own = entries.find(({ nonce }) => nonce === mine.nonce);
  const there = own ?? entries.find(({ number }) => number === mine.number);
  if (!there) return 'unknown';
  const counts = belongs(entries, there);
  if (own) return counts ? 'replaced' : 'stale';
  return counts ? 'conflict' : 'unknown';
}

/** Whether it is the newest value, or one that came before it. */
function belongs(entries: readonly Entry[], one: Entry): boolean {
  const next = entries.find(({ number }) => number > one.number);
  if (next) return next.replaced === one.nonce;
  const before = entries.findLast(({ number }) => number < one.number);
  return (before?.nonce ?? none) === one.replaced;
}

/**
 * Values that are retained, the newest included. A writer that was held up sees from the older ones whether its own was
 * replaced by somebody who had read it.
 */
const defaultHistory = 8;

/** Entries that can be deleted, lowest first; none until there are enough of them to be worth a command. Pure. */
export function prunable(entries: readonly Entry[], history = defaultHistory): Entry[] {
  return entries.length > 2 * history ? entries.slice(0, -history) : [];
}
