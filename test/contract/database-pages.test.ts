import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { formatNames } from '@slipway/migrations';
import { ruleNames } from '@slipway/sql';
import type { Rule } from '../../packages/sql/src/lint/finding.ts';
import { appendOnlyRules } from '../../packages/sql/src/lint/rules/append-only.ts';
import { root } from '../support/action.ts';
import { backupIdentity } from '../support/backups.ts';

const read = (page: string): string => readFileSync(path.join(root, 'docs', page), 'utf8');
const yaml = ['database.md', 'backups.md', 'migration-formats.md'].flatMap((page) =>
  [...read(page).matchAll(/^```yaml\n(database:\n[\s\S]*?)^```/gm)].map(([, block = '']) => block),
);

/** The text of a page from a marker to the next heading. */
function after(page: string, marker: string): string {
  const [, found] = read(page).split(`<!-- ${marker} -->`);
  if (found === undefined) throw new Error(`${page} has no marker <!-- ${marker} -->`);
  return found.split(/^#/m)[0] ?? '';
}

/** The cells of the first columns of a table, without their backquotes. */
function rows(table: string, columns: number): string[][] {
  return [...table.matchAll(/^\| `.*$/gm)].map(([line]) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, columns + 1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

/** Rules for a pair of up and down files, whose findings are only logged. */
const ofPairs = ['no-down', 'irreversible-down'];

async function allRules(): Promise<Rule[]> {
  const files = globSync('packages/sql/src/lint/rules/*.ts', { cwd: root });
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(path.join(root, file)).href)));
  return modules
    .flatMap((module) => Object.entries(module))
    .flatMap(([name, value]) => (name === 'appendOnlyRules' ? appendOnlyRules([]) : value))
    .filter((value): value is Rule => typeof (value as Rule)?.check === 'function');
}

const sources = globSync('{packages,actions}/*/src/**/*.ts', { cwd: root })
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');

/** Messages that are composed of several parts, so that no source has them in one piece. */
const composed = [
  /^(?:another migration|a run of)/,
  /of this database is running$/,
  /^database\.url points to$/,
  /^the backup cannot be (?:decoded|restored)$/,
  /^blocked by session$/,
  /^db-migrate was cancelled during$/,
  /^pg_(?:dump|restore)$/,
  /^migrations\//,
];

function exists(message: string): boolean {
  return sources.includes(message) || composed.some((pattern) => pattern.test(message));
}

describe('the pages about the database', () => {
  test('have a row for each rule, with its level', async () => {
    const named = new Map((await allRules()).map((rule) => [rule.name, rule]));
    const expected = ruleNames().map((name) => {
      if (ofPairs.includes(name)) return [name, 'info'];
      return [name, `${named.get(name)?.level}${named.get(name)?.contract ? ', contract' : ''}`];
    });
    expect(expected.length).toBeGreaterThan(30);
    const listed = rows(after('lint.md', 'rules'), 2);
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  test('have a row for each format', () => {
    expect(
      rows(after('migration-formats.md', 'formats'), 1)
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([...formatNames].toSorted());
  });

  test.each(yaml)('show a configuration that is accepted: %#', (block) => {
    const names = [...block.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [
      name,
      name === 'BACKUP_IDENTITY' ? backupIdentity : 'value',
    ]);
    const text = `app: docsense\nservices: {backend: {image: registry.example.com/a}}\n${block}`;
    const env = Object.fromEntries(names);
    const load = () => loadConfig({ file: 'README.md', text, environment: '', env, uses: ['database'] });
    expect(load).not.toThrow();
  });

  test('quote messages that exist', () => {
    const quoted = [
      'When a rollback failed',
      'Rollouts',
      'Smoke test and watch',
      'Migrations',
      'Restoring a database',
    ].flatMap((title) => {
      const section = read('operations.md').split(`\n## ${title}\n`)[1]?.split(/^#/m)[0] ?? '';
      return [...section.matchAll(/^\| (?!The |---)(.*?) \|/gm)].map(([, cell = '']) => cell);
    });
    expect(quoted.length).toBeGreaterThan(45);
    const pieces = quoted.flatMap((cell) =>
      [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, message = '']) => message.split(/…|; |:$/)),
    );
    const unknown = pieces.map((piece) => piece.trim()).filter((piece) => piece.length > 8 && !exists(piece));
    expect(unknown).toEqual([]);
  });
});

test('there is more than one configuration in it', () => expect(yaml.length).toBeGreaterThan(1));
