import { describe, expect, test } from '@jest/globals';
import { formatOf } from '../../../packages/migrations/src/formats/index.ts';
import { type Files, listing } from '../../support/migration-folder.ts';

const sqitch = formatOf('sqitch');
const who = '2024-01-02T03:04:05Z Zoë <zoe@example.com>';
const head = '%syntax-version=1.0.0\n%project=flipr\n';

const plan = (...lines: string[]): string => `${head}\n${lines.join('\n')}\n`;
const scripts = (...names: string[]): Files =>
  Object.fromEntries(names.flatMap((name) => [[`deploy/${name}.sql`, 'BEGIN;\nSELECT 1;\nCOMMIT;\n']]));

describe('a plan of sqitch', () => {
  test('gives the changes in its order, those that were reworked with a tag', () => {
    const files = {
      'sqitch.plan': plan(
        `users ${who} # first`,
        `lists [users] ${who}`,
        `@v1.0 ${who} # a tag`,
        '',
        '# a comment alone',
        `users [users@v1.0 !other:x] ${who} # wider`,
        `@v1.1 ${who}`,
      ),
      ...scripts('users@v1.0', 'lists', 'users'),
      'revert/users.sql': 'ROLLBACK OF users',
    };
    const { migrations, problems } = sqitch.read(listing(files));
    expect(problems).toEqual([]);
    expect(migrations.map(({ version, file }) => [version, file])).toEqual([
      ['users@v1.0', 'migrations/deploy/users@v1.0.sql'],
      ['lists', 'migrations/deploy/lists.sql'],
      ['users', 'migrations/deploy/users.sql'],
    ]);
    expect(migrations.map(({ down }) => down?.sql)).toEqual([undefined, undefined, 'ROLLBACK OF users']);
  });

  test('that was edited above a change makes another change of it', () => {
    const ids = (first: string) => {
      const files = { 'sqitch.plan': plan(`a ${who}${first}`, `b ${who}`), ...scripts('a', 'b') };
      return sqitch
        .read(listing(files))
        .migrations.map((one) => (one as unknown as { change: { id: string } }).change.id);
    };
    const [a, b] = ids('');
    expect(ids('')).toEqual([a, b]);
    const [changed, after] = ids(' # note');
    expect(changed).not.toBe(a);
    expect(after).not.toBe(b);
  });

  test.each<[string, string, Files, string[]]>([
    [
      'no project',
      '%syntax-version=1.0.0\n\n',
      {},
      ['migrations/sqitch.plan:1: there is no line "%project=…"'],
    ],
    [
      'no empty line',
      `${head}a ${who}\n`,
      {},
      ['migrations/sqitch.plan:3: an empty line must separate the "%" lines from the changes'],
    ],
    [
      'lines',
      plan('a', `b? ${who}`, `-c ${who}`, `d [!] ${who}`, `@v1 ${who}`, `@v1 ${who}`),
      scripts('c', 'd'),
      [
        'migrations/sqitch.plan:4: the line is not "name [dependencies] date planner <email>"',
        'migrations/sqitch.plan:5: the line is not "name [dependencies] date planner <email>"',
        'migrations/sqitch.plan:6: a line that reverts a change is not supported; revert it with sqitch',
        'migrations/sqitch.plan:7: "!" is not a dependency',
        'migrations/sqitch.plan:9: the tag @v1 occurs twice',
      ],
    ],
    [
      'changes',
      plan(`@v0 ${who}`, `a [b] ${who}`, `b ${who}`, `b [a b@v9] ${who}`),
      { ...scripts('a'), 'deploy/b.sql': Buffer.from([0xff]) },
      [
        'migrations/sqitch.plan:4: the tag @v0 precedes any change',
        'migrations/sqitch.plan:5: it requires b, but no earlier change has that name',
        'migrations/sqitch.plan:7: the change b occurs twice without a tag in between',
        'migrations/sqitch.plan:7: it requires b@v9, but no earlier change has that name',
        'migrations/deploy/b.sql: the file is not UTF-8',
        'migrations/deploy/b.sql: the file is not UTF-8',
      ],
    ],
    [
      'no script',
      plan(`a ${who}`),
      {},
      ['migrations/sqitch.plan:4: there is no file migrations/deploy/a.sql'],
    ],
  ])('says what is wrong with %s', (_what, text, files, expected) => {
    expect(sqitch.read(listing({ 'sqitch.plan': text, ...files })).problems).toEqual(expected);
  });
});
