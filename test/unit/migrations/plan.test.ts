import { describe, expect, test } from '@jest/globals';
import {
  type AppliedMigration,
  type JournalRow,
  type Migration,
  type MigrationState,
  numberingGaps,
  planMigrations,
  verifyVersions,
} from '@slipway/migrations';
import { noted } from '../../support/journal.ts';

const files: Migration[] = ['001_a', '002_b', '003_c'].map((name) => ({
  version: name.slice(0, 3),
  file: `migrations/${name}.sql`,
  sql: `SELECT '${name}';`,
  sha256: `text of ${name}`,
  checksum: `sum of ${name}`,
  kind: 'versioned',
  transaction: 'auto',
  class: name === '003_c' ? 'contract' : 'expand',
  down: null,
}));
const row = (version: string, release = 'earlier') => ({ version, release });
type Row = ReturnType<typeof row>;
/** What a database holds after these versions were applied by these releases. */
const standing = (...rows: Row[]): MigrationState & { rows: AppliedMigration[]; journal: JournalRow[] } => ({
  rows: rows.map(({ version }) => ({
    version,
    checksum: files.find((file) => file.version === version)?.checksum ?? 'of a file that is gone',
    state: 'applied',
  })),
  journal: rows.map(({ version, release }) =>
    noted(version, files.find((file) => file.version === version)?.sha256 ?? '', release),
  ),
});
const options = { release: 'r1', outOfOrder: 'refuse' } as const;
const plan = (...rows: Row[]) => {
  const { pending, ...rest } = planMigrations(files, standing(...rows), options);
  return { ...rest, pending: pending.map(({ version }) => version) };
};

describe('the plan', () => {
  test.each([
    [
      'an empty table',
      [],
      { pending: ['001', '002', '003'], current: null, before: null, class: 'contract' },
    ],
    ['some applied', [row('001'), row('002')], { pending: ['003'], before: '002', class: 'contract' }],
    [
      'all applied',
      [row('001'), row('002'), row('003')],
      { pending: [], current: '003', before: '003', class: 'none' },
    ],
    [
      'an attempt of the same release before: the old version still ran on 002',
      [row('001'), row('002'), row('003', 'r1')],
      { pending: [], earlier: ['003'], current: '003', before: '002', class: 'contract' },
    ],
  ])('of %s', (_what, rows, expected) => {
    expect(plan(...rows)).toMatchObject(expected);
  });

  test('is only as strong as its strongest pending file', () => {
    expect(planMigrations(files.slice(0, 2), standing(row('001')), options).class).toBe('expand');
  });

  test.each([
    ['open', 'by a release whose db-migrate step never passed', 'contract'],
    ['passed', 'by a release that passed', 'none'],
  ] as const)('takes a contract migration that is %s, applied %s, for %s', (contract, _by, expected) => {
    const found = standing(row('001'), row('002'), row('003'));
    // Only the lint knows of the second.
    Object.assign(found.journal[1] as JournalRow, { contract });
    expect(planMigrations(files, found, options)).toMatchObject({
      class: expected,
      contractMigrations: ['002', '003'],
    });
  });

  test('knows a contract migration that runs again by its text as well: that of today is proven by nothing', () => {
    const named = (sha256: string): string[] => {
      const again = { ...(files[2] as Migration), version: 'R__v', kind: 'repeatable' as const, sha256 };
      return planMigrations([...files.slice(0, 1), again], standing(row('001')), options).contractMigrations;
    };
    expect(named('a'.repeat(64))).toEqual(['R__v@aaaaaaaaaaaa']);
    expect(named('b'.repeat(64))).toEqual(['R__v@bbbbbbbbbbbb']);
  });

  test('does not compare a row that was written by hand', () => {
    const byHand: MigrationState = {
      rows: [{ version: '001', checksum: null, state: 'applied' }],
      journal: [],
    };
    expect(planMigrations(files, byHand, options).pending).toHaveLength(2);
  });

  test('names every contradiction at once', () => {
    const found = standing(row('001'), row('003'), row('004'));
    found.rows[0] = { version: '001', checksum: 'another', state: 'applied' };
    expect(() => planMigrations(files, found, options)).toThrow(
      [
        'the migrations contradict the database:',
        'version 004 is in the database, but has no file: is this an older checkout?',
        'migrations/001_a.sql: was changed after it was applied; write a new migration instead',
        'migrations/002_b.sql: is new, but 003 is already applied; give it a higher number',
      ].join('\n'),
    );
  });

  test('lets a late file run where that is allowed, in the order of the files', () => {
    const { pending } = planMigrations(files, standing(row('001'), row('003')), {
      ...options,
      outOfOrder: 'allow',
    });
    expect(pending.map(({ version }) => version)).toEqual(['002']);
  });

  test('knows by the journal that a file was changed whose tool keeps no checksum', () => {
    const found = standing(row('001'));
    found.rows[0] = { version: '001', checksum: null, state: 'applied' };
    expect(planMigrations(files, found, options).pending).toHaveLength(2);
    (found.journal[0] as JournalRow).sha256 = 'another text';
    expect(() => planMigrations(files, found, options)).toThrow(/001_a\.sql: was changed after/);
  });

  const half = {
    sha256: 'text of 002_b',
    release: 'r0',
    finished: false,
    step: 1,
    inFlight: true,
    done: null,
    contract: null,
    startedAt: '2026-01-01 00:00:00',
    finishedAt: null,
    ageSeconds: null,
  };
  test('continues in a file that was stopped half way, also when its tool marks it as failed', () => {
    for (const marked of [[], [{ version: '002', checksum: null, state: 'failed' as const }]]) {
      const found = standing(row('001'));
      found.rows.push(...marked);
      found.journal.push({ version: '002', ...half });
      const made = planMigrations(files, found, options);
      expect([...made.resume]).toEqual([['002', { step: 1, inFlight: true }]]);
      expect(made.pending.map(({ version }) => version)).toEqual(['002', '003']);
    }
  });

  test('refuses to forget a file that was begun and is gone', () => {
    const found = standing(row('001'));
    found.journal.push({ version: '009', ...half });
    expect(() => planMigrations(files, found, options)).toThrow(
      /version 009 was started and stopped after 1 of its statements, but has no file/,
    );
  });

  test('refuses to continue in a file that was changed half way', () => {
    const found = standing(row('001'));
    found.journal.push({ version: '002', ...half, sha256: 'another text' });
    expect(() => planMigrations(files, found, options)).toThrow(
      /002_b\.sql: was changed in the 1 statements that are applied/,
    );
  });

  test('runs a file again that was fixed before any of its statements was done', () => {
    const found = standing(row('001'));
    found.journal.push({ version: '002', ...half, sha256: 'another text', step: 0 });
    expect(planMigrations(files, found, options)).toMatchObject({ resume: new Map(), current: '001' });
  });

  test('refuses a version that its tool marks as failed', () => {
    const found = standing(row('001'));
    found.rows.push({ version: '002', checksum: null, state: 'failed' });
    expect(() => planMigrations(files, found, options)).toThrow(
      /002_b\.sql: version 002 is marked as failed/,
    );
  });

  test('runs a repeatable file again when it was changed, and only then', () => {
    const view: Migration = { ...(files[0] as Migration), version: 'R:view', kind: 'repeatable' };
    const found = (checksum: string): MigrationState => ({
      rows: [{ version: 'R:view', checksum, state: 'applied' }],
      journal: [],
    });
    expect(planMigrations([view], found('sum of 001_a'), options).pending).toEqual([]);
    expect(planMigrations([view], found('of the text before'), options).pending).toEqual([view]);
    expect(verifyVersions([view], found('of the text before'))).toEqual([
      'migrations/001_a.sql has another checksum in the database',
    ]);
  });
});

describe('the proof', () => {
  test.each([
    ['holds', ['001', '002', '003'], []],
    ['lacks a version', ['001', '003'], ['version 002 is missing from the database']],
    ['finds one more', ['001', '002', '003', '009'], ['version 009 is in the database, but has no file']],
  ])('%s', (_what, versions, expected) => {
    const differences = verifyVersions(files, standing(...versions.map((version) => row(version))));
    expect(differences).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});

describe('the numbers', () => {
  const numbered = (...versions: string[]) =>
    versions.map((version) => ({ version, kind: 'versioned' as const }));
  test.each([
    ['one by one', numbered('001', '002', '003'), []],
    ['one lost', numbered('001', '002', '004', '005'), ['003']],
    ['some lost', numbered('001', '002', '003', '007', '008'), ['004 to 006']],
    ['by tens', numbered('010', '020', '040'), []],
    ['timestamps', numbered('20240101120000', '20240301120000'), []],
    ['names', numbered('first', 'second'), []],
    ['none', [], []],
  ])('%s', (_what, files, gaps) => {
    expect(numberingGaps(files)).toEqual(gaps);
  });
});
