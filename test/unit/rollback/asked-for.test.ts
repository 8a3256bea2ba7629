import { expect, test } from '@jest/globals';
import { emptyState } from '@slipway/release';
import { replacedSince } from '../../../actions/rollback/src/asked-for.ts';
import { releaseEntry } from '../../support/releases.ts';

const first = releaseEntry({ sequence: 1 });
const second = releaseEntry({ sequence: 2 });
const takenBack = releaseEntry({ sequence: 2, phase: 'restored' });
const stateOf = (...releases: (typeof first)[]) => ({ ...emptyState('shop', 'production'), releases });

test('somebody else has taken back what was to be left', () => {
  expect(replacedSince(second, stateOf(takenBack, first))).toEqual({
    kind: 'nothing',
    reason: '2.0.0 was replaced by 1.0.0 while this rollback waited',
    proven: first,
  });
});

test.each<[string, Parameters<typeof replacedSince>]>([
  ['it is still there', [second, stateOf(second, first)]],
  [
    'a run that was cut off has begun to take it back',
    [second, stateOf({ ...second, phase: 'restoring' }, first)],
  ],
  ['another rollback than to "previous"', [null, stateOf(second, first)]],
  ['nothing was there', [null, stateOf()]],
])('the rollback continues: %s', (_, given) => {
  expect(replacedSince(...given)).toBeNull();
});
