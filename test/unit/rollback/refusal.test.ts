import { describe, expect, test } from '@jest/globals';
import type { ReleaseEntry, RestoreTarget } from '@slipway/release';
import { explainContracted, refuseRemoval } from '../../../actions/rollback/src/refusal.ts';
import { releaseEntry } from '../../support/releases.ts';

const v1 = releaseEntry({ sequence: 1 });
const v2 = releaseEntry({ sequence: 2 });

describe('why a rollback past a release of the class contract is refused', () => {
  const of = (one: ReleaseEntry, contracts: string[]): ReleaseEntry => ({ ...one, contracts });
  const third = releaseEntry({ sequence: 3, phase: 'serving', database: 'contract' });
  const own = '3.0.0 contracted the database schema: 2.0.0 may not run on it any more';
  const rolled = (them: string) => `3.0.0 was rolled out on a database with the contract migration${them}`;
  const end = ': 2.0.0 may not run on that schema';
  const restored: ReleaseEntry = { ...third, phase: 'restored', provenAt: third.changedAt };
  test.each<[string, ReleaseEntry[], string]>([
    [
      'with contract migrations that no proven release lists, whosever they are',
      [of(third, ['002', '003']), of(v2, ['002']), v1],
      `${rolled(' 003')}, which no earlier proven release lists${end}`,
    ],
    [
      'where no release before it lists contract migrations',
      [of(third, ['002', '003']), v2, v1],
      `${rolled('s 002, 003')}, and no earlier proven release lists the contract migrations that a release has run on${end}`,
    ],
    [
      'that was itself proven, and rolled back',
      [of(restored, ['003']), of(v2, [])],
      `${rolled(' 003')}, which no earlier proven release lists${end}`,
    ],
    ['that its record alone says is one', [third, v2], own],
    ['that is one although all are proven', [of(third, ['002']), of(v2, ['002'])], own],
    ['before any was proven', [of(third, ['002'])], own],
  ])('%s', (_, releases, message) => {
    const contracted = releases.find(({ version }) => version === '3.0.0') ?? third;
    expect(explainContracted(contracted, releases, '2.0.0')).toEqual({
      message,
      hint: expect.stringContaining('"force: true"'),
    });
  });
});

describe('the removal of a release before which nothing was proven', () => {
  const serving = releaseEntry({ sequence: 1, phase: 'serving', run: { ...v1.run, id: '7' } });
  const removal: RestoreTarget = {
    kind: 'restore',
    from: serving,
    to: null,
    services: { web: null },
    migrated: [],
    contracted: null,
    proof: null,
  };

  test('is refused to another run', () => {
    expect(() => refuseRemoval({ id: '8' }, removal, undefined)).toThrow(
      '1.0.0 belongs to another run, and nothing was proven before it that could serve again',
    );
  });

  test('is for its own run, and for a run that has its record', () => {
    expect(() => refuseRemoval({ id: '7' }, removal, undefined)).not.toThrow();
    expect(() => refuseRemoval({ id: '8' }, removal, serving.id)).not.toThrow();
  });

  test('does not concern one after which something serves', () => {
    const image = { repository: 'web', tag: null, digest: null };
    const services = { web: { image, release: null }, worker: null };
    expect(() => refuseRemoval({ id: '8' }, { ...removal, services }, undefined)).not.toThrow();
  });
});
