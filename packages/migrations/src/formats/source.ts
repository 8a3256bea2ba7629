import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { positionAt, scanStatements, sqlText } from '@slipway/sql';
import type { FolderListing, Migration } from './format.ts';

/** What every format says of a file in the same way. */
export type SourceFile = Pick<Migration, 'file' | 'sql' | 'sha256' | 'class' | 'transaction'> & {
  /** The bytes, for checksums that count them. */
  content: Buffer;
  /** Why the file cannot be read as SQL. */
  problems: string[];
};

const contractMarker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;

/** A file of a listing as SQL. Pure. */
export function readSource(listing: FolderListing, name: string): SourceFile {
  const content = listing.files.get(name) ?? Buffer.alloc(0);
  const file = userPath(listing, name);
  const text = sqlText(content);
  const problems = encodingProblems(file, content, text);
  const sql = problems.length > 0 ? '' : text;
  return {
    file,
    content,
    problems,
    sql,
    sha256: digest('sha256', withLineFeeds(content)),
    class: contractMarker.test(sql) ? 'contract' : 'expand',
    transaction: ownTransaction(sql) ? 'own' : 'auto',
  };
}

/** The file as the user knows it: relative to the workspace. */
export function userPath(listing: FolderListing, name: string): string {
  return listing.folder === '.' ? name : `${listing.folder}/${name}`;
}

/** What reverts a migration, from a separate file; null when there is no such file. */
export function readDown(listing: FolderListing, name: string): Migration['down'] {
  if (!listing.files.has(name)) return null;
  const { file, sql } = readSource(listing, name);
  return { file, sql };
}

function encodingProblems(file: string, content: Buffer, text: string): string[] {
  if (!isUtf8(content)) return [`${file}: the file is not UTF-8`];
  if (text.includes('\0')) return [`${file}: the file contains a NUL byte; save it as UTF-8 text`];
  return [];
}

/** A checkout on Windows is the same migration. */
function withLineFeeds(content: Buffer): Buffer {
  if (!content.includes('\r\n')) return content;
  return Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

export function digest(algorithm: 'sha1' | 'sha256', content: Buffer | string): string {
  return hash(algorithm, content);
}

/** Whether the text begins and ends a transaction itself, comments aside. */
function ownTransaction(sql: string): boolean {
  // Most files name neither word, and a scan of five thousand of them can be felt.
  if (!/\b(?:begin|start)\b/i.test(sql) || !/\b(?:commit|end)\b/i.test(sql)) return false;
  const { statements } = scanStatements(sql);
  const [first, last] = [statements.at(0)?.words[0] ?? '', statements.at(-1)?.words[0] ?? ''];
  return ['begin', 'start'].includes(first) && ['commit', 'end'].includes(last);
}

/**
 * A text with a part of it replaced by spaces: what is left keeps its position, in UTF-16 units as well as in lines.
 * Line ends stay.
 */
export function blankOut(text: string, from: number, to: number): string {
  return text.slice(0, from) + text.slice(from, to).replace(/[^\r\n]/g, ' ') + text.slice(to);
}

/** `file:line` of an index of its text, for a problem. */
export function locationOf(file: string, text: string, offset: number): string {
  return `${file}:${positionAt(text, offset).line}`;
}
