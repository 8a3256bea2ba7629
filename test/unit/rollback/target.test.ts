import { describe, expect, test } from '@jest/globals';
import { explainContracted } from '../../../actions/rollback/src/refusal.ts';
import { chooseTarget } from '../../../actions/rollback/src/target.ts';
import type { Stamp } from '../../../packages/platform/src/index.ts';

const service = (release: string | null) => ({
  backend: { image: { repository: 'r/backend', tag: null, digest: `sha256:${release}` }, release },
});

function stamp(release: string, state: Stamp['state'], previous: string | null): Stamp {
  return {
    schema: 1,
    app: 'docsense',
    environment: 'production',
    release: `${release}-1`,
    version: release,
    commit: 'c',
    state,
    at: '2026-11-24T00:00:00.000Z',
    services: service(`${release}-1`),
    previous: previous === null ? { backend: null } : service(`${previous}-1`),
    database: 'none',
  };
}

const v1 = stamp('1.0.0', 'verified', null);
const v2 = stamp('2.0.0', 'verified', '1.0.0');

describe('putting back an unfinished release', () => {
  test.each<[string, Stamp[], string | undefined, string]>([
    ['nothing was ever released', [], undefined, 'no release was started'],
    ['the newest is verified', [v2, v1], undefined, '2.0.0 is verified'],
    [
      'it was put back before',
      [stamp('2.0.0', 'restored', '1.0.0'), v1],
      undefined,
      'was already rolled back',
    ],
    [
      'the newest belongs to somebody else',
      [stamp('3.0.0', 'started', '2.0.0'), v2],
      '2.5.0-1',
      '2.5.0-1 changed nothing here',
    ],
  ])('nothing to do: %s', (_, stamps, only, words) => {
    expect(chooseTarget(stamps, 'unfinished', only)).toMatchObject({
      kind: 'nothing',
      reason: expect.stringContaining(words),
    });
  });

  test.each([
    ['its own, verified', [v2, v1], '2.0.0-1', true],
    ['another, verified', [v2, v1], '1.0.0-1', false],
    ['another, unfinished', [stamp('2.0.0', 'started', '1.0.0'), v1], '1.0.0-1', false],
    ['its own, put back before', [stamp('2.0.0', 'restored', '1.0.0'), v1], '2.0.0-1', false],
    ['none', [], '2.0.0-1', false],
  ])('a run whose release is not unfinished changes nothing: %s', (_, stamps, own, verified) =>
    expect(chooseTarget(stamps, 'own', own)).toMatchObject({ kind: 'nothing', verified }),
  );

  test('what it replaced comes back, with its version', () => {
    const target = chooseTarget([stamp('2.0.0', 'started', '1.0.0'), v1], 'unfinished', '2.0.0-1');
    expect(target).toMatchObject({ kind: 'restore', version: '1.0.0', services: service('1.0.0-1') });
  });

  test('a first release leaves nothing running', () => {
    expect(chooseTarget([stamp('1.0.0', 'started', null)], 'unfinished')).toMatchObject({
      version: null,
      services: { backend: null },
    });
  });
});

describe('a schema that was contracted since', () => {
  const contract = (of: Stamp): Stamp => ({ ...of, database: 'contract' });
  const failed = stamp('3.0.0', 'restored', '2.0.0');
  const begun = stamp('3.0.0', 'started', '2.0.0');
  const first = contract(stamp('1.0.0', 'started', null));
  test.each<[string, Stamp[], string, string | null]>([
    ['by the release itself', [contract(begun), v2, v1], 'unfinished', '3.0.0'],
    ['by the one that comes back', [begun, contract(v2), v1], 'unfinished', null],
    ['by one that is skipped', [failed, contract(v2), v1], 'previous', '2.0.0'],
    ['by one that failed', [contract(failed), v2, v1], '1.0.0', '3.0.0'],
    ['before the target', [v2, contract(v1)], 'unfinished', null],
    [
      'by one that is skipped, with the target not stamped any more',
      [stamp('4.0.0', 'started', '0.9.0'), contract(v2)],
      'unfinished',
      '2.0.0',
    ],
    ['by a first release, after which nothing serves again', [first], 'unfinished', null],
    ['never', [failed, v2, v1], 'previous', null],
  ])('%s', (_, stamps, to, version) => {
    const target = chooseTarget(stamps, to);
    expect(target.kind === 'restore' ? (target.contracted?.version ?? null) : null).toBe(version);
  });
});

describe('what is said of a release that is stamped with the class contract', () => {
  const of = (one: Stamp, contracts?: string[]): Stamp => ({ ...one, ...(contracts ? { contracts } : {}) });
  const third = { ...stamp('3.0.0', 'started', '2.0.0'), database: 'contract' as const };
  const class_ = '3.0.0 contracted the database schema: 2.0.0 may not run on it any more';
  const rolled = (them: string) => `3.0.0 was rolled out on a database with the contract migration${them}`;
  const end = ': 2.0.0 may not run on that schema';
  test.each<[string, Stamp[], string]>([
    [
      'with contract migrations that no verified release is stamped with, whosever they are',
      [of(third, ['002', '003']), of(v2, ['002']), v1],
      `${rolled(' 003')}, which no earlier verified stamp lists${end}`,
    ],
    [
      'where no stamp before it lists contract migrations',
      [of(v2, ['002']), of(third, ['002', '003']), v2, v1],
      `${rolled('s 002, 003')}, and no earlier verified stamp lists the contract migrations that a release has run on${end}`,
    ],
    [
      'that was itself verified, and put back',
      [third, third, v2].map((one, at) =>
        of({ ...one, state: at === 0 ? 'restored' : 'verified' }, at === 2 ? [] : ['003']),
      ),
      `${rolled(' 003')}, which no earlier verified stamp lists${end}`,
    ],
    ['that its record alone says is one', [third, v2], class_],
    ['that is one although all are proven', [of(third, ['002']), of(v2, ['002'])], class_],
    ['before any was verified', [of(third, ['002'])], class_],
  ])('%s', (_, stamps, message) => {
    const contracted = stamps.find(({ version }) => version === '3.0.0') as Stamp;
    expect(explainContracted(contracted, stamps, '2.0.0')).toEqual({
      message,
      hint: expect.stringContaining('"force: true"'),
    });
  });
});

describe('the stamp that says which contracts the one that comes back has run on', () => {
  const begun = stamp('2.0.0', 'started', '1.0.0');
  const first = stamp('1.0.0', 'started', null);
  test.each<[string, Stamp[], string, Stamp | null]>([
    ['by which it was verified', [begun, v1], 'unfinished', v1],
    ['that of the one that was asked for', [v2, v1], 'previous', v1],
    ['the one that found it there, when it has none', [begun], 'unfinished', begun],
    ['none, when nothing comes back', [first], 'unfinished', null],
  ])('%s', (_, stamps, to, proof) => {
    expect(chooseTarget(stamps, to)).toMatchObject({ proof });
  });
});

describe('rolling back on demand', () => {
  test('previous is the last verified release before the one that runs', () => {
    expect(chooseTarget([v2, v1], 'previous')).toMatchObject({ version: '1.0.0' });
  });

  test('a failed release in between is never the target', () => {
    const failed = stamp('3.0.0', 'restored', '2.0.0');
    expect(chooseTarget([failed, v2, v1], 'previous')).toMatchObject({ version: '1.0.0' });
  });

  test.each(['1.0.0', 'v1.0.0', '1.0.0-1'])('by name: %s', (name) => {
    expect(chooseTarget([v2, v1], name)).toMatchObject({ version: '1.0.0' });
  });

  test.each<[Stamp[], string, string]>([
    [[], 'previous', 'no release of Slipway is stamped'],
    [[v1], 'previous', 'no verified release before'],
    [[v2, v1], '9.9.9', 'no verified release "9.9.9"'],
    [[stamp('2.0.0', 'started', '1.0.0'), v1], '2.0.0', 'no verified release "2.0.0"'],
  ])('refused: %#', (stamps, to, words) => {
    expect(() => chooseTarget(stamps, to)).toThrow(words);
  });
});
