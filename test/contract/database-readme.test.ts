import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { configJsonSchema, loadConfig } from '@slipway/config';
import { formatNames } from '@slipway/migrations';
import { ruleNames } from '@slipway/sql';
import type { Rule } from '../../packages/sql/src/lint/finding.ts';
import { appendOnlyRules } from '../../packages/sql/src/lint/rules/append-only.ts';
import { root } from '../support/action.ts';
import { backupIdentity } from '../support/backups.ts';

const readme = readFileSync(path.join(root, 'actions/db-migrate/README.md'), 'utf8');
const yaml = [...readme.matchAll(/^```yaml\n(database:\n[\s\S]*?)^```/gm)].map(([, block = '']) => block);

/** What stands behind a marker up to the next heading. */
function after(marker: string): string {
  const [, found] = readme.split(`<!-- ${marker} -->`);
  if (found === undefined) throw new Error(`the README has no marker <!-- ${marker} -->`);
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

/** Rules that look at a pair of up and down file, and are never more than a word in the log. */
const ofPairs = ['no-down', 'irreversible-down'];

async function allRules(): Promise<Rule[]> {
  const files = globSync('packages/sql/src/lint/rules/*.ts', { cwd: root });
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(path.join(root, file)).href)));
  return modules
    .flatMap((module) => Object.entries(module))
    .flatMap(([name, value]) => (name === 'appendOnlyRules' ? appendOnlyRules([]) : value))
    .filter((value): value is Rule => typeof (value as Rule)?.check === 'function');
}

const sources = globSync(
  '{packages/{backup,migrations,postgres,sql,kernel,runner},actions/db-migrate}/src/**/*.ts',
  { cwd: root },
)
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');

/** Messages that are put together of two, which no source has in one piece. */
const composed = [
  /^(?:another migration|a run of)/,
  /of this database is running$/,
  /^database\.url leads to$/,
  /^the backup cannot be (?:decoded|restored)$/,
  /^blocked by session$/,
  /^db-migrate was cancelled during$/,
  /^pg_(?:dump|restore)$/,
  /^migrations\//,
];

function said(message: string): boolean {
  return sources.includes(message) || composed.some((pattern) => pattern.test(message));
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
}

function keysOf(schema: JsonSchema): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [key, ...keysOf(value)]);
  return [...own, ...(schema.anyOf ?? []).flatMap(keysOf)];
}

describe('the README of db-migrate', () => {
  test('has a row for each rule, with its level', async () => {
    const named = new Map((await allRules()).map((rule) => [rule.name, rule]));
    const expected = ruleNames().map((name) => {
      if (ofPairs.includes(name)) return [name, 'info'];
      return [name, `${named.get(name)?.level}${named.get(name)?.contract ? ', contract' : ''}`];
    });
    expect(expected.length).toBeGreaterThan(30);
    const listed = rows(after('rules'), 2);
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  test('has a row for each format', () => {
    expect(
      rows(after('formats'), 1)
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([...formatNames].toSorted());
  });

  test('has every key of the section database', () => {
    const { properties } = configJsonSchema() as unknown as JsonSchema;
    const keys = keysOf(properties?.database ?? {});
    expect(keys.length).toBeGreaterThan(30);
    const block = after('every key');
    expect(keys.filter((key) => !new RegExp(`(?:^|[ {#])${key}:`, 'm').test(block))).toEqual([]);
  });

  test.each(yaml)('shows a configuration that is accepted: %#', (block) => {
    const names = [...block.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [
      name,
      name === 'BACKUP_IDENTITY' ? backupIdentity : 'value',
    ]);
    const text = `app: docsense\nservices: {backend: {image: registry.example.com/a}}\n${block}`;
    const env = Object.fromEntries(names);
    const load = () => loadConfig({ file: 'README.md', text, environment: '', env, uses: ['database'] });
    expect(load).not.toThrow();
  });

  test('quotes messages that there are', () => {
    const quoted = ['When it fails', 'Restore'].flatMap((title) => {
      const section = readme.split(`\n## ${title}\n`)[1]?.split(/^#/m)[0] ?? '';
      return [...section.matchAll(/^\| (?!The |---)(.*?) \|/gm)].map(([, cell = '']) => cell);
    });
    expect(quoted.length).toBeGreaterThan(25);
    const pieces = quoted.flatMap((cell) =>
      [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, message = '']) => message.split(/…|; |:$/)),
    );
    const unknown = pieces.map((piece) => piece.trim()).filter((piece) => piece.length > 8 && !said(piece));
    expect(unknown).toEqual([]);
  });
});

test('there is more than one configuration in it', () => expect(yaml.length).toBeGreaterThan(1));
