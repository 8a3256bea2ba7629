import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { formatNames } from '@slipway/migrations';
import { root } from '../support/action.ts';
import { backupIdentity } from '../support/backups.ts';
import { readPage, tableAfter } from '../support/documents.ts';

const yaml = ['database.md', 'backups.md', 'migration-formats.md'].flatMap((page) =>
  [...readPage(page).matchAll(/^```yaml\n(database:\n[\s\S]*?)^```/gm)].map(([, block = '']) => block),
);

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
  test('have a row for each format', () => {
    expect(
      tableAfter('migration-formats.md', 'formats', 1)
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
      const section = readPage('operations.md').split(`\n## ${title}\n`)[1]?.split(/^#/m)[0] ?? '';
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
