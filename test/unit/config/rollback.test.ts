import { expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';

const app = 'app: docsense\nservices: {backend: {image: registry.example.com/backend}}\n';
const database = (keys: string): string => `database: {url: "postgresql://a@b/c", ${keys}}\n`;

function load(text: string): string {
  const options = { file: 'slipway.yml', environment: 'production', env: {}, uses: ['rollback'] as const };
  return loadConfig({ ...options, text: app + text }).rollback.database;
}

test('a rollback leaves the database as it is unless something else is said', () => {
  expect(load('')).toBe('keep');
});

test.each<[string, string, string]>([
  ['no database', '', 'the section "database"'],
  ['a program', database('migrations: {command: [x]}'), 'migrations that Slipway runs itself, but '],
  ['a tool', database('migrations: {format: prisma}'), 'down migrations, which "prisma" has none of'],
  ['no rehearsal', database('backup: {prove: decode}'), 'a rehearsal of the down migrations: set '],
])('migrations are not taken back with %s', (_title, text, lacking) => {
  expect(load(`${text}rollback: {database: keep}\n`)).toBe('keep');
  expect(() => load(`${text}rollback: {database: down}\n`)).toThrow(
    `"rollback.database": "down" needs ${lacking}`,
  );
});

test.each<[string, string, string]>([
  ['no database', '', 'the section "database"'],
  ['snapshots', database('backup: {mode: restore-point}'), 'backups that Slipway restores, but '],
])('the database is not restored with %s', (_title, text, lacking) => {
  expect(() => load(`${text}rollback: {database: restore}\n`)).toThrow(
    `"rollback.database": "restore" needs ${lacking}`,
  );
});

test.each(['shadow-url: "postgresql://a@b/d"', 'backup: {prove: restore}'])(
  'they are where they are rehearsed: %s',
  (keys) => expect(load(`${database(keys)}rollback: {database: down}\n`)).toBe('down'),
);
