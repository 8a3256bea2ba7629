import { expect, test } from '@jest/globals';
import type { RecordedDatabase, ReleaseRecord } from '@slipway/release';
import { chooseTarget } from '../../../actions/rollback/src/target.ts';
import { databaseOf, explainUnproven } from '../../../actions/rollout/src/contract-migrations.ts';
import { stampBeginning } from '../../../actions/rollout/src/record-state.ts';
import type { Platform, Stamp } from '../../../packages/platform/src/index.ts';

const image = { repository: 'b', tag: null, digest: 'd' };
const stamp = (state: Stamp['state'], contracts?: string[]): Stamp => ({
  schema: 1,
  app: 'docsense',
  environment: 'production',
  release: '1.0.0-1',
  version: '1.0.0',
  commit: 'c',
  state,
  at: '2026-11-24T00:00:00.000Z',
  services: {},
  previous: {},
  database: 'none',
  ...(contracts ? { contracts } : {}),
});
const applied = (kind: RecordedDatabase['class'], contracts?: string[]): RecordedDatabase => ({
  before: '002',
  after: '002',
  applied: [],
  class: kind,
  backup: null,
  ...(contracts ? { contracts } : {}),
});

test.each<[string, RecordedDatabase | null, Stamp[], Stamp['database']]>([
  ['no database', null, [stamp('verified', [])], 'none'],
  ['no contract migration was ever applied', applied('expand', []), [stamp('verified', [])], 'expand'],
  [
    'the one that serves was proven with them',
    applied('none', ['002']),
    [stamp('verified', ['002'])],
    'none',
  ],
  [
    'one came with a release that failed before it was stamped',
    applied('none', ['002', '003']),
    [stamp('verified', ['002'])],
    'contract',
  ],
  [
    'one came with a release that was put back',
    applied('none', ['002']),
    [stamp('restored', ['002']), stamp('started', ['002']), stamp('verified', [])],
    'contract',
  ],
  ['its own', applied('contract', ['002']), [stamp('verified', [])], 'contract'],
  ['which are applied is unknown', applied('expand'), [stamp('verified', [])], 'expand'],
  [
    'which the one that serves has run on is unknown',
    applied('expand', ['002']),
    [stamp('verified')],
    'contract',
  ],
  [
    'unknown for that one, but known for one before it',
    applied('none', ['002']),
    [stamp('verified'), stamp('verified', ['002'])],
    'none',
  ],
  [
    'unknown for that one, and there is no contract migration',
    applied('none', []),
    [stamp('verified')],
    'none',
  ],
  ['the first release', applied('expand', ['002']), [], 'expand'],
  [
    'the first one that gets through',
    applied('none', ['002']),
    [stamp('restored'), stamp('started', ['002'])],
    'none',
  ],
])('the class that is stamped: %s', (_what, database, stamps, expected) => {
  expect(databaseOf(database, stamps)).toEqual({
    database: expected,
    ...(database?.contracts ? { contracts: database.contracts } : {}),
  });
});

test.each<[string, RecordedDatabase | null, Stamp[], RegExp | null]>([
  [
    'no stamp lists contract migrations, as after an upgrade',
    applied('none', ['002', '003']),
    [stamp('verified'), stamp('started', [])],
    /has the contract migrations 002, 003, and no verified stamp .* lists .*: a rollback of 2\.0\.0 will be refused\. .* "force: true"/,
  ],
  [
    'one that is not stamped, as of a release that failed, or one that was named afterwards',
    applied('expand', ['002', '003']),
    [stamp('verified', ['002'])],
    /has the contract migration 003, which no verified stamp .* lists: a rollback of 2\.0\.0 will be refused\. .* "force: true"/,
  ],
  ['its own, which db-migrate reported', applied('contract', ['002']), [stamp('verified', [])], null],
  ['one that is proven', applied('none', ['002']), [stamp('verified', ['002'])], null],
  ['none yet verified', applied('none', ['002']), [stamp('started', ['002'])], null],
  ['which are applied is unknown', applied('expand'), [stamp('verified', [])], null],
  ['no database', null, [stamp('verified', [])], null],
])('that a rollback will be refused is reported: %s', (_what, database, stamps, expected) => {
  const warning = explainUnproven({ version: '2.0.0', database }, stamps);
  expect(warning?.message ?? null).toEqual(expected && expect.stringMatching(expected));
  expect(warning !== null).toBe(
    databaseOf(database, stamps).database === 'contract' && database?.class !== 'contract',
  );
});

test('a rollback past a contract migration of a release that was never stamped is not taken for a safe one', () => {
  const serving = {
    ...stamp('verified', []),
    services: { b: { image, release: '1.0.0-1' } },
  };
  const next: Stamp = {
    ...stamp('started'),
    release: '3.0.0-3',
    version: '3.0.0',
    previous: serving.services,
    // Release 2.0.0 had applied it, and failed before its rollout began.
    ...databaseOf(applied('none', ['002']), [serving]),
  };
  expect(chooseTarget([next, serving], 'unfinished')).toMatchObject({ version: '1.0.0', contracted: next });
  const after: Stamp = {
    ...stamp('started'),
    previous: { b: { image, release: '3.0.0-3' } },
    ...databaseOf(applied('expand', ['002']), [{ ...next, state: 'verified' }, next, serving]),
  };
  const proven: Stamp = {
    ...next,
    state: 'verified',
    services: { b: { image, release: '3.0.0-3' } },
  };
  expect(chooseTarget([after, proven, next, serving], 'unfinished')).toMatchObject({
    version: '3.0.0',
    contracted: null,
  });
});

test('the page of the run warns when a release is stamped so, and only then', async () => {
  const warnings: unknown[] = [];
  const begin = (serving: Stamp): Promise<Stamp> =>
    stampBeginning({
      platform: {
        stamps: async () => [serving],
        observe: async () => new Map(),
        stamp: async () => undefined,
      } as Partial<Platform> as Platform,
      record: { version: '2.0.0', database: applied('none', ['002']) } as ReleaseRecord,
      services: [],
      images: new Map(),
      now: new Date(),
      log: { annotate: (annotation) => warnings.push(annotation) },
    });
  expect(await begin(stamp('verified', ['002']))).toMatchObject({ database: 'none' });
  expect(warnings).toEqual([]);
  expect(await begin(stamp('verified'))).toMatchObject({ database: 'contract' });
  expect(warnings).toEqual([
    expect.objectContaining({ level: 'warning', title: 'A rollback of 2.0.0 will be refused' }),
  ]);
});
