import { describe, expect, test } from '@jest/globals';
import { parseMigrations, planMigrations, verifyVersions } from '@slipway/database';

const files = parseMigrations(
  ['001_a', '002_b', '003_c'].map((name) => ({
    file: `migrations/${name}.sql`,
    content: Buffer.from(name === '003_c' ? '-- slipway: contract\nSELECT 3;' : `SELECT '${name}';`),
  })),
);
const row = (version: string, release = 'earlier') => {
  const found = files.find((file) => file.version === version);
  return { version, sha256: found?.sha256 ?? 'of a file that is gone', release };
};
const plan = (...rows: ReturnType<typeof row>[]) => {
  const { pending, ...rest } = planMigrations(files, rows, 'r1');
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
    expect(planMigrations(files.slice(0, 2), [row('001')], 'r1').class).toBe('expand');
  });

  test('does not compare a row that was written by hand', () => {
    expect(
      planMigrations(files, [{ version: '001', sha256: null, release: null }], 'r1').pending,
    ).toHaveLength(2);
  });

  test('names every contradiction at once', () => {
    const rows = [{ ...row('001'), sha256: 'other' }, row('003'), row('004')];
    expect(() => planMigrations(files, rows, 'r1')).toThrow(
      [
        'the migrations and the database do not agree:',
        'version 004 is in the database, but has no file: is this an older checkout?',
        'migrations/001_a.sql: was changed after it had been applied; write a new migration instead',
        'migrations/002_b.sql: is new, but 004 was applied already; give it a higher number',
      ].join('\n'),
    );
  });
});

describe('the proof', () => {
  test.each([
    ['holds', ['001', '002', '003'], []],
    ['lacks a version', ['001', '003'], ['version 002 is missing in the database']],
    ['finds one more', ['001', '002', '003', '009'], ['version 009 is in the database, but has no file']],
  ])('%s', (_what, versions, expected) => {
    const differences = verifyVersions(
      files,
      versions.map((version) => row(version)),
    );
    expect(differences).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});
