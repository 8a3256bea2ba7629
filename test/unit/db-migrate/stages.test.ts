import { describe, expect, test } from '@jest/globals';
import { Cancelled, Fault } from '@slipway/kernel';
import type { AppliedMigration, DownRehearsal, Migration, MigrationPlan } from '@slipway/migrations';
import { beginRelease, type MigrationFile } from '@slipway/release';
import { checkDrift } from '../../../actions/db-migrate/src/drift.ts';
import type { FoundDrift } from '../../../actions/db-migrate/src/migration.ts';
import { correct, describeUnproven, nextStep } from '../../../actions/db-migrate/src/outcome.ts';
import { appliedVersions, recordOf, wantsBackup } from '../../../actions/db-migrate/src/record.ts';
import { downCheck } from '../../../actions/db-migrate/src/rehearsal-report.ts';
import { gapChecks, nothingToReview, planWith } from '../../../actions/db-migrate/src/review.ts';
import {
  judgeAssertions,
  judgeState,
  projectionJudgement,
} from '../../../actions/db-migrate/src/verdicts.ts';

const record = beginRelease({
  id: '1.0.0-7',
  app: 'docsense',
  environment: 'production',
  version: '1.0.0',
  commit: 'c0ffee',
  run: { actor: 'octocat', url: '' },
});
const migration: Migration = {
  version: '002',
  file: 'migrations/002_b.sql',
  sql: 'SELECT 2;',
  sha256: 'f'.repeat(64),
  checksum: null,
  kind: 'versioned',
  transaction: 'auto',
  class: 'expand',
  down: null,
};
const plan: MigrationPlan = {
  pending: [migration],
  resume: new Map(),
  earlier: ['001'],
  current: '001',
  before: null,
  class: 'expand',
  contractMigrations: [],
};
const file = (version: string, state: MigrationFile['state']): MigrationFile => ({
  file: `migrations/${version}.sql`,
  version,
  state,
});

describe('prepared: whether a backup is made', () => {
  test.each([
    ['always', false, true],
    ['when-pending', false, false],
    ['when-pending', true, true],
    ['never', true, false],
  ] as const)('%s, with work: %s', (policy, hasWork, expected) => {
    expect(wantsBackup(policy, hasWork)).toBe(expected);
  });
});

describe('reviewed', () => {
  test('a contract migration that only the lint knows makes the plan one', () => {
    const pending: Migration[] = [{ ...migration, class: 'contract' }];
    expect(planWith(plan, { ...nothingToReview, pending, contracts: true })).toMatchObject({
      pending,
      class: 'contract',
      contractMigrations: ['002'],
    });
    expect(planWith(plan, { ...nothingToReview, pending: plan.pending })).toEqual(plan);
  });

  test('a gap in the numbers is for a person to check', () => {
    expect(gapChecks([])).toEqual([]);
    expect(gapChecks(['003', '005 to 007'])).toMatchObject([
      { id: 'gaps', state: 'manual', evidence: 'there is no migration 003, 005 to 007' },
    ]);
  });

  const drifted: FoundDrift = { state: 'drifted', detail: 'it differs', name: 'schema-0123456789ab' };
  test.each<[string, Parameters<typeof checkDrift>[0], FoundDrift, object]>([
    [
      'none',
      { drift: 'enforce', 'accepted-drift': 'none' },
      { ...drifted, state: 'none' },
      { state: 'passed' },
    ],
    [
      'the first release',
      { drift: 'enforce', 'accepted-drift': 'none' },
      { ...drifted, state: 'first' },
      { state: 'unknown' },
    ],
    [
      'one that is accepted',
      { drift: 'enforce', 'accepted-drift': drifted.name },
      drifted,
      { state: 'waived', evidence: `accepted as ${drifted.name}: it differs` },
    ],
    [
      'one that is warned of',
      { drift: 'warn', 'accepted-drift': 'none' },
      drifted,
      { state: 'failed', remedy: expect.stringContaining(drifted.name) },
    ],
    [
      'what is unknown',
      { drift: 'warn', 'accepted-drift': 'schema-000000000000' },
      { ...drifted, state: 'unknown' },
      { state: 'unknown', remedy: expect.stringContaining('accepted-drift') },
    ],
  ])('drift: %s', (_, config, found, expected) => {
    expect(checkDrift(config, found)).toMatchObject({ id: 'drift', ...expected });
  });

  test('drift is refused under enforce', () => {
    const refuse = () => checkDrift({ drift: 'enforce', 'accepted-drift': 'none' }, drifted);
    expect(refuse).toThrow('it differs');
  });
});

test.each<[DownRehearsal, string]>([
  [{ state: 'proven' }, 'passed'],
  [{ state: 'missing', files: ['a.sql'] }, 'skipped'],
  [{ state: 'missing', files: [] }, 'skipped'],
  [{ state: 'broken', reasons: ['+ table t'] }, 'failed'],
])('backed up: down migrations %j', (down, state) => {
  expect(downCheck(down)).toMatchObject({ id: 'down-migrations', state });
});

describe('applied', () => {
  const files = [file('', 'schema'), file('002', 'applied'), file('003', 'failed'), file('004', 'pending')];
  const stepwise = { stepwise: new Set<string>() };

  test('the record has what earlier attempts applied, and the backup of the first', () => {
    const backup = { file: 'a.dump', manifest: 'a.json', sha256: '', bytes: 1 };
    const first = recordOf(record, { plan, backup, applied: [] });
    expect(first.database).toMatchObject({ before: null, after: '001', applied: ['001'], backup });
    const again = recordOf(first, {
      plan,
      backup: { ...backup, file: 'b.dump' },
      applied: appliedVersions(files),
    });
    expect(again.database).toMatchObject({ after: '002', applied: ['001', '002'], backup });
  });

  test.each([
    ['the file that failed', new Fault('x'), stepwise, 'Fix the file and release again'],
    [
      'statements that run one by one',
      new Fault('x'),
      { stepwise: new Set(['migrations/003.sql']) },
      'You may edit the statements after those already applied.',
    ],
    ['an error that says it itself', new Fault('x', { hint: 'Wait.' }), stepwise, 'Wait.'],
    ['a cancellation', new Cancelled('003'), stepwise, 'it continues where it stopped'],
  ])('what to do about %s', (_, reason, review, hint) => {
    expect(nextStep(files, review, reason)).toContain(hint);
  });

  test('what the table says takes precedence over what was believed', () => {
    const rows: AppliedMigration[] = [
      { version: '003', checksum: null, state: 'applied' },
      { version: '004', checksum: null, state: 'failed' },
      { version: 'R__v', checksum: 'old', state: 'applied' },
    ];
    const repeatable: Migration = { ...migration, version: 'R__v', kind: 'repeatable', checksum: 'new' };
    const corrected = correct([migration, repeatable], [...files, file('R__v', 'pending')], rows);
    expect(corrected.map(({ state }) => state)).toEqual([
      'schema',
      'applied',
      'applied',
      'pending',
      'pending',
    ]);
  });
});

describe('verified', () => {
  test('a table that does not match the files has no check, and fails', () => {
    expect(judgeState('public.t', [])).toMatchObject({ check: { state: 'passed' }, failure: null });
    const { check, failure } = judgeState('public.t', ['version 003 is missing from the database']);
    expect([check, failure?.message]).toEqual([
      null,
      'the migrations ran, but the version table does not match the files: version 003 is missing from the database',
    ]);
  });

  test('an assertion that does not hold is in the report and in the error', () => {
    const held = judgeAssertions('002', [{ file: 'a.sql' }, { file: 'b.sql' }], []);
    expect(held).toMatchObject({ check: { evidence: 'all of a.sql, b.sql hold' }, failure: null });
    const broken = judgeAssertions('002', [{ file: 'a.sql' }], ['a.sql:1: "SELECT 1" fails']);
    expect(broken).toMatchObject({
      check: { state: 'failed', evidence: 'a.sql:1: "SELECT 1" fails' },
      failure: {
        message: 'the schema is at 002, but these assertions failed:\na.sql:1: "SELECT 1" fails',
      },
    });
  });

  test('projections that nobody has prove nothing', () => {
    const none = { openFailures: null, positions: null };
    expect(projectionJudgement('002', none, none)).toEqual({ check: null, failure: null });
    const good = { openFailures: 1, positions: null };
    expect(projectionJudgement('002', good, good)).toMatchObject({
      check: { state: 'passed' },
      failure: null,
    });
    expect(projectionJudgement('002', good, { ...good, openFailures: 2 })).toMatchObject({
      check: { state: 'failed' },
      failure: { message: expect.stringContaining('the projections are worse than before') },
    });
  });

  test('what is not proven stays applied', () => {
    const unproven = {
      plan,
      backup: null,
      rehearsal: null,
      checks: [],
    };
    const reason = new Fault('the assertions failed', { hint: 'Write a migration.' });
    const result = describeUnproven({ record }, { unproven, reason, files: [file('002', 'applied')] });
    expect(result).toMatchObject({
      outcome: 'failed',
      summary: 'the assertions failed.\nNothing was rolled out.',
      hint: 'Write a migration.',
      outputs: { 'schema-version': '002', applied: '1', backup: '' },
    });
  });
});
