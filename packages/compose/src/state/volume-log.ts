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

/** Entries by number, lowest first, from lines of `name nonce replaced`. Volumes that are no value are left out. */
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

/** The entry that would follow the one with this version; null for a text that is no version. */
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
  mine: Pick<Entry, 'number' | 'nonce' | 'replaced'>,
): 'replaced' | 'conflict' | 'stale' | 'unknown' {
  if (!entries.some(({ nonce }) => nonce === mine.nonce))
    return entries.some(({ number }) => number === mine.number) ? 'conflict' : 'unknown';
  const next = entries.find(({ number }) => number > mine.number);
  if (next) return next.replaced === mine.nonce ? 'replaced' : 'stale';
  const before = entries.findLast(({ number }) => number < mine.number);
  return (before?.nonce ?? none) === mine.replaced ? 'replaced' : 'stale';
}

/**
 * Values that are kept behind the newest. They show a writer that was held up for how long a value was the newest one.
 */
const keptEntries = 8;

/** Entries that can be deleted, lowest first; none until there are enough of them to be worth a command. Pure. */
export function prunable(entries: readonly Entry[], kept = keptEntries): Entry[] {
  return entries.length > 2 * kept ? entries.slice(0, -kept) : [];
}
