import { afterAll, expect, test } from '@jest/globals';
import { clearPlays, play } from './fixtures/play.ts';

afterAll(clearPlays);

test('a job hands its outputs to the next, an action its environment to the next step', async () => {
  const { results, lines, told } = await play(`
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    outputs: { text: '\${{ steps.spoken.outputs.text }}' }
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - run: git log --format=%s
      - id: spoken
        uses: $/actions/speak
        with: { text: abc }
      - run: echo "heard $SPOKEN"
  two:
    needs: one
    runs-on: ubuntu-24.04
    steps:
      - run: echo "needs \${{ needs.one.outputs.text }}"
`);
  expect(results).toEqual({ one: 'success', two: 'success' });
  expect(lines).toEqual([
    ...['first', 'said abc to example/caller in true', 'heard abc', 'tidied abc'],
    'needs abc',
  ]);
  expect(told('summary').map(({ markdown }) => markdown)).toEqual(['# abc\n']);
});
