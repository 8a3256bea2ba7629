import type { FolderListing } from '../format.ts';
import { locationOf, userPath } from '../source.ts';

export const journalFile = 'meta/_journal.json';

export interface JournalEntry {
  tag: string;
  /** Milliseconds since 1970, as digits. */
  when: string;
}

/** The entries of drizzle's journal in their order, and what is wrong with it. Pure. */
export function readJournalFile(listing: FolderListing): { entries: JournalEntry[]; problems: string[] } {
  const file = userPath(listing, journalFile);
  const text = listing.files.get(journalFile)?.toString('utf8');
  if (text === undefined) return { entries: [], problems: [`${file}: the file does not exist`] };
  const problems: string[] = [];
  const journal = parse(text);
  if (journal === undefined) return { entries: [], problems: [`${file}: the file is not JSON`] };
  const { dialect, entries } = journal;
  if (!Array.isArray(entries)) return { entries: [], problems: [`${file}: there is no list "entries"`] };
  if (dialect !== undefined && !['postgresql', 'pg'].includes(String(dialect))) {
    problems.push(`${file}: the migrations are for ${dialect}`);
  }
  const found = entries.flatMap((entry: { tag?: unknown; when?: unknown } | null, index) => {
    const { tag, when } = entry ?? {};
    if (typeof tag === 'string' && Number.isSafeInteger(when)) {
      return [{ tag, when: String(when) }];
    }
    problems.push(`${file}: entry ${index} has no "tag", or no whole number as "when"`);
    return [];
  });
  return { entries: found, problems };
}

function parse(text: string): { dialect?: unknown; entries?: unknown } | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `file:line` of the entry of a tag. */
export function locationInJournal(listing: FolderListing, tag: string): string {
  const text = listing.files.get(journalFile)?.toString('utf8') ?? '';
  return locationOf(userPath(listing, journalFile), text, Math.max(0, text.indexOf(JSON.stringify(tag))));
}
