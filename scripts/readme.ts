import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';

/** One row of a table: an input, output or secret of an action or a reusable workflow. */
interface Entry {
  description?: string;
  default?: unknown;
  required?: boolean;
}

type Part = 'inputs' | 'outputs' | 'secrets';
type Entries = Record<string, Entry | null>;

/** `<!-- inputs:rollout -->` … `<!-- /inputs -->`, each alone on its line. A name with `.yml` is a reusable workflow. */
const block = /^(<!-- (inputs|outputs|secrets):([\w.-]+) -->)\n(?:.*\n)*?(<!-- \/\2 -->)$/gm;
const opening = /^<!-- (?:inputs|outputs|secrets):[\w.-]+ -->$/gm;

/** The pages that can contain tables: the README of the project, those of the actions, and docs/. */
function readmeFiles(root: string): string[] {
  const folder = path.join(root, 'actions');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const pages = globSync('docs/*.md', { cwd: root }).sort();
  return ['README.md', ...names.map((name) => path.join('actions', name, 'README.md')), ...pages].filter(
    (file) => existsSync(path.join(root, file)),
  );
}

/**
 * The text of a page with its tables generated again.
 * @throws Error for a block that is not closed, of something unknown, or with an entry that has no description.
 */
export function refresh(root: string, text: string): string {
  let closed = 0;
  const fresh = text.replace(block, (_, begin: string, part: Part, name: string, end: string) => {
    closed += 1;
    return `${begin}\n${renderTable(readEntries(root, name, part), part, name)}\n${end}`;
  });
  const opened = text.match(opening)?.length ?? 0;
  if (opened !== closed) throw new Error('a marker <!-- inputs:NAME --> lacks its <!-- /inputs -->');
  return fresh;
}

function readEntries(root: string, name: string, part: Part): Entries {
  const action = path.join(root, 'actions', name, 'action.yml');
  if (existsSync(action)) return parse(readFileSync(action, 'utf8'))[part] ?? {};
  const workflow = path.join(root, '.github/workflows', name);
  if (!existsSync(workflow)) throw new Error(`there is neither an action nor a reusable workflow "${name}"`);
  return parse(readFileSync(workflow, 'utf8')).on?.workflow_call?.[part] ?? {};
}

function renderTable(entries: Entries, part: Part, name: string): string {
  const rows = Object.entries(entries).map(([key, entry]) => {
    const description = entry?.description?.trim();
    if (!description) throw new Error(`${part} of ${name}: "${key}" has no description`);
    const text = description.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
    return part === 'inputs' ? [`\`${key}\``, text, describeDefault(entry)] : [`\`${key}\``, text];
  });
  if (rows.length === 0) return `There are no ${part}.`;
  const headings = {
    inputs: ['Input', 'Description', 'Default'],
    outputs: ['Output', 'Description'],
    secrets: ['Secret', 'Description'],
  };
  const head = headings[part];
  return ['', ...[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`), ''].join(
    '\n',
  );
}

function describeDefault(entry: Entry | null): string {
  if (entry?.required) return '**required**';
  const value = entry?.default;
  return value === undefined || value === '' ? '' : `\`${String(value).replaceAll('|', '\\|')}\``;
}

/** Pages whose tables differ from action.yml or are missing, each as a sentence. With `write`, updates the pages. */
export function refreshReadmes(root: string, write: boolean): string[] {
  const missing = readdirSync(path.join(root, 'actions'))
    .filter((name) => existsSync(path.join(root, 'actions', name, 'action.yml')))
    .flatMap((name) => lacking(root, name));
  const stale = readmeFiles(root).flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    try {
      const fresh = refresh(root, text);
      if (fresh === text) return [];
      if (write) writeFileSync(path.join(root, file), fresh);
      return write ? [] : [`${file} is stale: run "node scripts/readme.ts"`];
    } catch (error) {
      return [`${file}: ${(error as Error).message}`];
    }
  });
  return [...missing, ...stale];
}

function lacking(root: string, name: string): string[] {
  const file = path.join('actions', name, 'README.md');
  if (!existsSync(path.join(root, file))) return [`${file} is missing`];
  const text = readFileSync(path.join(root, file), 'utf8');
  return (['inputs', 'outputs'] as const)
    .filter((part) => !text.includes(`<!-- ${part}:${name} -->`))
    .map((part) => `${file} has no block <!-- ${part}:${name} -->`);
}

if (import.meta.main) {
  const problems = refreshReadmes(path.dirname(import.meta.dirname), !process.argv.includes('--check'));
  for (const problem of problems) console.error(`readme: ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
