import { globSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseDocument, visit } from 'yaml';
import { root, shippedSources, within } from './source/files.ts';
import { literalsOf, parseSource } from './source/literals.ts';

/** A sentence, or a part of one, that somebody who uses Slipway can read. */
export interface Sentence {
  file: string;
  text: string;
}

/** Files with keys that GitHub or the README tables show to a reader. */
const documents = ['actions/*/action.yml', '.github/workflows/{deploy,rollback}.yml'];
const shown = new Set(['description', 'name', 'summary', 'deprecationMessage']);

const word = /^[("'‘“„`[<]*[A-Za-z][A-Za-z]*(?:['’-][A-Za-z]+)*[)"'’”`\]>]*[.,;:!?…]*[)"'’”`]*$/;
const statement =
  /^(?:SELECT|INSERT|UPDATE|DELETE|WITH|SET|RESET|SHOW|CREATE|ALTER|DROP|LOCK|BEGIN|COMMIT|ROLLBACK|VALUES|FROM|WHERE|ORDER|GROUP|JOIN|LEFT|UNION|AND|OR|ON|IF)\b/;
const tag =
  /<\/?(?:a|article|aside|b|body|br|canvas|caption|circle|code|col|dd|details|div|dl|dt|em|footer|g|h\d|head|header|html|i|img|kbd|li|line|main|meta|nav|ol|p|path|picture|polyline|pre|rect|script|section|small|source|span|strong|style|sub|summary|sup|svg|table|tbody|td|text|th|thead|title|tr|ul)(?:\s[^<>]*)?>/g;
const query = /^(?:SELECT|WITH) .*\bFROM /;
const english = /\b(?:a|an|the|is|are|was|were|not|no|takes?|that|this|has|have|which|will|can|cannot)\b/;

/**
 * Sentences of the shipped sources, of action.yml and of the reusable workflows, sorted by file and text, each once per
 * file. `folders` narrows the files; a folder that is not shipped is read as well when it is named.
 */
export function listSentences(folders: readonly string[] = []): Sentence[] {
  const named = within(
    globSync('{actions,packages,demo,scripts,bench,test}/**/*.ts', { cwd: root }),
    folders,
  );
  const sources =
    folders.length === 0 ? shippedSources() : named.filter((file) => !file.includes('node_modules'));
  const pages = within(globSync(documents, { cwd: root }), folders);
  const found = [...sources.flatMap(inSource), ...pages.flatMap(inDocument)];
  const lines = new Map(found.map((one) => [formatSentence(one), one]));
  return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** One line: the file, and the text with its line breaks as `⏎`. */
function formatSentence({ file, text }: Sentence): string {
  return `${file}: ${text}`;
}

function inSource(file: string): Sentence[] {
  const source = parseSource(file, readFileSync(path.join(root, file), 'utf8'));
  return literalsOf(source)
    .map(({ text }) => ({ file, text: oneLine(text) }))
    .filter(({ text }) => isSentence(text));
}

function inDocument(file: string): Sentence[] {
  const found: Sentence[] = [];
  visit(parseDocument(readFileSync(path.join(root, file), 'utf8')), {
    Pair(_, { key, value }) {
      const [name, text] = [scalar(key), scalar(value)];
      if (name && text && shown.has(name)) found.push({ file, text: oneLine(text) });
    },
  });
  return found;
}

function scalar(node: unknown): string | undefined {
  const value = typeof node === 'object' && node !== null && 'value' in node ? node.value : undefined;
  return typeof value === 'string' ? value : undefined;
}

function oneLine(text: string): string {
  return withoutMarkup(text)
    .trim()
    .replace(/[ \t]*\n\s*/g, ' ⏎ ');
}

/** The text between the tags of a piece of HTML; a style sheet, a script or an asset has none. */
function withoutMarkup(text: string): string {
  if (/[{;]\n/.test(text) || text.length > 5000) return '';
  return text.replace(tag, ' ').replace(/ +/g, ' ');
}

/** Two words in a row, and not a statement of SQL. */
function isSentence(text: string): boolean {
  if (text === text.toUpperCase()) return false;
  if (statement.test(text) && (!english.test(text) || query.test(text))) return false;
  const words = text.split(/\s+/).map((one) => word.test(one) || (one.includes('${…}') ? undefined : false));
  return words.some((one, at) => one === true && (words[at + 1] === true || words[at + 2] === true));
}

/** The list that is under review: a sentence that is new or changed is seen in its diff. */
export const sentencesFile = path.join(root, 'test/contract/sentences.txt');

export function sentencesText(): string {
  return `${listSentences().map(formatSentence).join('\n')}\n`;
}

/** Prints the sentences of the folders that are named; without one, writes the list of all. */
if (import.meta.main) {
  const folders = process.argv.slice(2);
  if (folders.length === 0) writeFileSync(sentencesFile, sentencesText());
  else for (const sentence of listSentences(folders)) console.log(formatSentence(sentence));
}
