import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { bannedWords, exemptFiles, exemptLines, type Rule } from './source/banned-words.ts';
import { root, within } from './source/files.ts';
import { type Piece, piecesOfSource, piecesOfText } from './source/words-of.ts';

/** A banned word in a file. */
export interface Found {
  file: string;
  line: number;
  /** The word with what is around it. */
  text: string;
  use: string;
}

const sources = /\.(?:ts|mts|js|mjs|cjs)$/;
const texts = /\.(?:md|ya?ml|sh)$|^\.ci\/run$/;

/** The files of the repository that people write, by their path from the root. */
export function writtenFiles(folders: readonly string[] = []): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = [...new Set(listed.split('\0'))].filter(
    (file) => (sources.test(file) || texts.test(file)) && existsSync(path.join(root, file)),
  );
  return within(files, folders).filter((file) => !exemptFiles.some((one) => one.file.test(file)));
}

/** Banned words in the files, by file and line. */
export function findBannedWords(files: readonly string[]): Found[] {
  return files
    .flatMap((file) => wordsIn(file, readFileSync(path.join(root, file), 'utf8')))
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** Banned words in one file, its name included. */
export function wordsIn(file: string, text: string): Found[] {
  const pieces = sources.test(file) ? piecesOfSource(file, text) : piecesOfText(text);
  const name: Piece = {
    kind: 'name',
    text: path.basename(file).replace(/[.-]/g, ' ').toLowerCase(),
    line: 0,
  };
  const lines = text.split('\n');
  const found = [name, ...pieces].flatMap((piece) => bannedWords.flatMap((rule) => match(file, piece, rule)));
  return found.filter(
    (one) => !exemptLines.some(({ file: of, line }) => of.test(file) && line.test(lines[one.line - 1] ?? '')),
  );
}

function match(file: string, piece: Piece, rule: Rule): Found[] {
  if (rule.in !== undefined && rule.in !== piece.kind) return [];
  const { text, starts } = joinLines(piece.text);
  return [...text.matchAll(new RegExp(rule.pattern, 'gi'))].map(({ index, 0: word }) => ({
    file,
    line: piece.line + starts.findLastIndex((start) => start <= index),
    text: text.slice(Math.max(0, index - 40), index + word.length + 30).trim(),
    use: rule.use,
  }));
}

/** A phrase may be broken over two lines: all lines as one, and where each of them starts. */
function joinLines(text: string): { text: string; starts: number[] } {
  const starts: number[] = [];
  let joined = '';
  for (const line of text.split('\n')) {
    starts.push(joined.length);
    joined += `${line.replace(/^\s*(?:\*(?!\/)|\/\/|#+|>)?\s*/, '').trimEnd()} `;
  }
  return { text: joined.trimEnd(), starts };
}

/** One line for a reader: where, what, and what to write in its place. */
export function formatFound({ file, line, text, use }: Found): string {
  return `${file}:${line}: ${text} -> ${use}`;
}

if (import.meta.main) {
  const found = findBannedWords(writtenFiles(process.argv.slice(2)));
  for (const one of found) console.log(formatFound(one));
  if (found.length > 0) console.error(`${found.length} banned words`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
