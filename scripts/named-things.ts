import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { listSentences } from './sentences.ts';
import { root } from './source/files.ts';
import { type KnownNames, readKnownNames } from './source/known-names.ts';
import { brokenLinks } from './source/links.ts';

/** A sentence of the sources, or a line of a document. */
interface Text {
  file: string;
  text: string;
}

/** Documents for users and for those who work here. */
const documents = ['*.md', 'docs/**/*.md', 'actions/*/*.md'];

/**
 * Inputs, outputs, configuration keys, files and commands that a sentence or a document names and that do not exist.
 * Each as one line: the file, what is named, and where.
 */
export function findUnknownNames(): string[] {
  const known = readKnownNames();
  // The changelog names what is gone.
  const pages = globSync(documents, { cwd: root, exclude: ['CHANGELOG.md'] }).sort();
  const lines = pages.flatMap((file) =>
    read(file)
      .split('\n')
      .map((text) => ({ file, text })),
  );
  const unknown = [...listSentences(), ...lines].flatMap((text) => unknownIn(text, known));
  return [...new Set([...unknown, ...pages.flatMap((file) => brokenLinks(file, read(file)))])];
}

/** What one sentence names and what does not exist. */
export function unknownIn({ file, text }: Text, known: KnownNames): string[] {
  return [
    ...inputsIn(text)
      .filter((name) => !isInterface(known, file, 'inputs', name))
      .map((name) => `input "${name}"`),
    ...outputsIn(text)
      .filter((name) => !isInterface(known, file, 'outputs', name))
      .map((name) => `output "${name}"`),
    ...keysIn(text, known)
      .filter((key) => !known.hasKey(partsOf(key)))
      .map((key) => `key ${key}`),
    ...filesIn(text)
      .filter((name) => globSync(name, { cwd: root }).length === 0)
      .map((name) => `file ${name}`),
    ...commandsIn(text)
      .filter((name) => !known.scripts.has(name))
      .map((name) => `command npm run ${name}`),
    ...programsIn(text).map((name) => `command ${name}`),
  ].map((what) => `${file}: ${what}, in: ${text.trim()}`);
}

const quoted = '["“`]([a-z][a-z-]*)["”`]';

function inputsIn(text: string): string[] {
  const lists = text.matchAll(
    new RegExp(`\\binputs? (${quoted}(?:(?:, | and | or |, and )${quoted})*)`, 'g'),
  );
  return [
    ...[...lists].flatMap(([, list = '']) =>
      [...list.matchAll(new RegExp(quoted, 'g'))].map(([, name]) => name),
    ),
    ...[...text.matchAll(/\((?:the )?inputs? ([a-z][a-z-]*)\)/g)].map(([, name]) => name),
    ...[...text.matchAll(/\binput ([a-z]+(?:-[a-z]+)+)\b/g)].map(([, name]) => name),
    ...[...text.matchAll(new RegExp(`${quoted} inputs?\\b`, 'g'))].map(([, name]) => name),
  ].filter((name) => name !== undefined);
}

function outputsIn(text: string): string[] {
  return [
    ...text.matchAll(new RegExp(`${quoted} outputs?\\b`, 'g')),
    ...text.matchAll(new RegExp(`\\boutputs? ${quoted}`, 'g')),
  ]
    .map(([, name]) => name)
    .filter((name) => name !== undefined);
}

/** An action's own sentence speaks of its own inputs; every other may speak of those of any action or workflow. */
function isInterface(known: KnownNames, file: string, kind: 'inputs' | 'outputs', name: string): boolean {
  const own = kind === 'inputs' ? /^actions\/([^/]+)\/src\//.exec(file)?.[1] : undefined;
  if (own !== undefined) return known.interfaces.get(own)?.inputs.has(name) ?? false;
  return [...known.interfaces.values()].some((one) => one[kind].has(name));
}

/** Dotted paths that begin with a section of slipway.yml. File names and hosts look the same, and end otherwise. */
function keysIn(text: string, known: KnownNames): string[] {
  const sections = [...known.sections].join('|');
  const paths = new RegExp(
    `(?<![\\w./@-])(?:${sections})(?:\\.(?:[a-z][a-z-]*|<[a-z-]+>|\\$\\{…\\}|\\*|…))+(?![\\w/(:@-]|\\.[a-z])`,
    'g',
  );
  const names = [...text.matchAll(paths)].map(([key]) => key);
  return names.filter((key) => !/\.(?:ts|js|ya?ml|json|md|sql|com|io|org|example)$/.test(key));
}

function partsOf(key: string): string[] {
  return key.split('.').map((part) => (/^[<$*…]/.test(part) ? '*' : part));
}

const folders = [
  'packages',
  'actions',
  'scripts',
  'docs',
  'test',
  'bench',
  'demo',
  'workflows-examples',
  '\\.ci',
  '\\.github',
];

/** The caller's own configuration, and actions of GitHub. */
const elsewhere =
  /^\.github\/slipway\.yml$|^actions\/(?:checkout|cache|setup-node|(?:up|down)load-artifact)$/;

function filesIn(text: string): string[] {
  const names = new RegExp(`(?<![\\w/.@:$}-])(?:${folders.join('|')})/[\\w.{}*<>,/-]*[\\w*>}/]`, 'g');
  return [...text.matchAll(names)]
    .map(([name]) => name.replace(/<[^>]*>/g, '*').replace(/\/$/, ''))
    .filter((name) => !name.includes('$') && !elsewhere.test(name));
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].flatMap(([, name]) => (name ? [name] : []));
}

/** There is no program named slipway, so no sentence may advise to run one. */
function programsIn(text: string): string[] {
  return [...text.matchAll(/\b(?:[Rr]un|with|command|npx) ["`](slipway [a-z]+)/g)].flatMap(([, name]) =>
    name ? [name] : [],
  );
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

if (import.meta.main) {
  const unknown = findUnknownNames();
  for (const line of unknown) console.log(line);
  process.exitCode = unknown.length > 0 ? 1 : 0;
}
