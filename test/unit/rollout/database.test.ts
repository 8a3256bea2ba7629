import { expect, test } from '@jest/globals';
import {
  chooseRollback,
  emptyState,
  type RecordedDatabase,
  type ReleaseEntry,
  type ReleasePhase,
} from '@slipway/release';
import { databaseOf, explainUnproven } from '../../../actions/rollout/src/contract-migrations.ts';
import { releaseEntry } from '../../support/releases.ts';

const image = { repository: 'b', tag: null, digest: 'd' };
const release = (phase: ReleasePhase, contracts?: string[]): ReleaseEntry =>
  releaseEntry({ sequence: 1, phase, ...(contracts ? { contracts } : {}) });
const applied = (kind: RecordedDatabase['class'], contracts?: string[]): RecordedDatabase => ({
  before: '002',
  after: '002',
  applied: [],
  class: kind,
  backup: null,
  ...(contracts ? { contracts } : {}),
});

test.each<[string, RecordedDatabase | null, ReleaseEntry[], ReleaseEntry['database']]>([
  ['no database', null, [release('proven', [])], 'none'],
  ['no contract migration was ever applied', applied('expand', []), [release('proven', [])], 'expand'],
  [
    'the one that serves was proven with them',
    applied('none', ['002']),
    [release('proven', ['002'])],
    'none',
  ],
  [
    'one came with a release that failed before it was rolled out',
    applied('none', ['002', '003']),
    [release('proven', ['002'])],
    'contract',
  ],
  [
    'one came with a release that was put back',
    applied('none', ['002']),
    [release('restored', ['002']), release('serving', ['002']), release('proven', [])],
    'contract',
  ],
  ['its own', applied('contract', ['002']), [release('proven', [])], 'contract'],
  ['which are applied is unknown', applied('expand'), [release('proven', [])], 'expand'],
  [
    'which the one that serves has run on is unknown',
    applied('expand', ['002']),
    [release('proven')],
    'contract',
  ],
  [
    'unknown for that one, but known for one before it',
    applied('none', ['002']),
    [release('proven'), release('proven', ['002'])],
    'none',
  ],
  [
    'unknown for that one, and there is no contract migration',
    applied('none', []),
    [release('proven')],
    'none',
  ],
  ['the first release', applied('expand', ['002']), [], 'expand'],
  [
    'the first one that gets through',
    applied('none', ['002']),
    [release('restored'), release('serving', ['002'])],
    'none',
  ],
])('the class on the target: %s', (_what, database, releases, expected) => {
  expect(databaseOf(database, releases)).toEqual({
    database: expected,
    ...(database?.contracts ? { contracts: database.contracts } : {}),
  });
});

test.each<[string, RecordedDatabase | null, ReleaseEntry[], RegExp | null]>([
  [
    'no release lists contract migrations, as after an upgrade',
    applied('none', ['002', '003']),
    [release('proven'), release('serving', [])],
    /has the contract migrations 002, 003, and no proven release .* lists .*: a rollback of 2\.0\.0 will be refused\. .* "force: true"/,
  ],
  [
    'one that no release lists, as of a release that failed, or one that was named afterwards',
    applied('expand', ['002', '003']),
    [release('proven', ['002'])],
    /has the contract migration 003, which no proven release .* lists: a rollback of 2\.0\.0 will be refused\. .* "force: true"/,
  ],
  ['its own, which db-migrate reported', applied('contract', ['002']), [release('proven', [])], null],
  ['one that is proven', applied('none', ['002']), [release('proven', ['002'])], null],
  ['none yet proven', applied('none', ['002']), [release('serving', ['002'])], null],
  ['which are applied is unknown', applied('expand'), [release('proven', [])], null],
  ['no database', null, [release('proven', [])], null],
])('that a rollback will be refused is reported: %s', (_what, database, releases, expected) => {
  const warning = explainUnproven({ version: '2.0.0', database }, releases);
  expect(warning?.message ?? null).toEqual(expected && expect.stringMatching(expected));
  expect(warning !== null).toBe(
    databaseOf(database, releases).database === 'contract' && database?.class !== 'contract',
  );
});

test('a rollback past a contract migration of a release that was never rolled out is not taken for a safe one', () => {
  const services = (release: string) => ({ b: { image, release } });
  const serving = releaseEntry({ sequence: 1, services: services('1.0.0-1'), contracts: [] });
  const next = releaseEntry({
    sequence: 3,
    phase: 'serving',
    services: services('3.0.0-1'),
    previous: serving.services,
    previousSequence: 1,
    // Release 2.0.0 had applied it, and failed before its rollout began.
    ...databaseOf(applied('none', ['002']), [serving]),
  });
  const state = { ...emptyState('docsense', 'production'), releases: [next, serving] };
  expect(chooseRollback(state, 'unfinished')).toMatchObject({ to: serving, contracted: next });
  const proven: ReleaseEntry = { ...next, phase: 'proven', provenAt: next.changedAt };
  const after = releaseEntry({
    sequence: 4,
    phase: 'serving',
    services: services('4.0.0-1'),
    previous: proven.services,
    previousSequence: 3,
    ...databaseOf(applied('expand', ['002']), [proven, serving]),
  });
  expect(chooseRollback({ ...state, releases: [after, proven, serving] }, 'unfinished')).toMatchObject({
    to: proven,
    contracted: null,
  });
});
