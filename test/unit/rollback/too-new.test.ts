import { expect, test } from '@jest/globals';
import { tooNew } from '../../../actions/rollback/src/too-new.ts';
import { releaseEntry } from '../../support/releases.ts';

const begunAt = '2026-10-01T10:00:00.000Z';
const oldest = { ...releaseEntry({ sequence: 2 }), begunAt };
const newest = releaseEntry({ sequence: 3 });
const choice = { to: releaseEntry({ sequence: 1 }), migrated: [newest, oldest] };
const of = (release: string, at: string, schemaVersion: string | null = null) => ({
  file: 'a.dump',
  schemaVersion,
  release,
  createdAt: `2026-10-01T${at}:00.000Z`,
});

test.each<[string, ReturnType<typeof of>, string[], string | null]>([
  ['of the oldest release, before it migrated', of(oldest.id, '10:01'), [], null],
  [
    'of a newer release',
    of(newest.id, '10:30'),
    [],
    'the backup a.dump was made by 3.0.0, after 2.0.0 had migrated',
  ],
  [
    'with a migration that goes',
    of(oldest.id, '10:01', '003'),
    ['004', '003'],
    'the backup a.dump has the migration 003, which came after 1.0.0',
  ],
  ['of somebody else, before', of('nightly', '09:59'), [], null],
  [
    'of somebody else, after, where versions cannot be compared',
    of('nightly', '10:01'),
    [],
    'the backup a.dump of 2026-10-01T10:01:00.000Z was made after 2.0.0 had begun, and may have its migrations',
  ],
  ['of somebody else, after, without those versions', of('nightly', '10:01', '002'), ['003'], null],
])('a backup %s', (_, backup, versions, problem) => {
  expect(tooNew(backup, choice, versions)).toBe(problem);
});
