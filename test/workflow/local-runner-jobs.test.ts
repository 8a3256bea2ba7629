import { afterAll, describe, expect, test } from '@jest/globals';
import { clearPlays, play, refusalOf } from './fixtures/play.ts';

afterAll(clearPlays);

/** Jobs with one command each, run on a push. */
function jobs(all: Record<string, { needs?: string[]; if?: string; run?: string; more?: string }>): string {
  const texts = Object.entries(all).map(([id, { needs = [], if: condition, run = 'true', more = '' }]) =>
    [
      `  ${id}:`,
      '    runs-on: ubuntu-24.04',
      `    needs: [${needs.join(', ')}]`,
      ...(condition === undefined ? [] : [`    if: ${condition}`]),
      ...more
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `    ${line}`),
      '    steps:',
      `      - run: ${run}`,
    ].join('\n'),
  );
  return `on: push\njobs:\n${texts.join('\n')}\n`.replaceAll('    needs: []\n', '');
}

test('a job passes its outputs to the next, an action its environment to the next step', async () => {
  const { results, lines, reported } = await play(`
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
  expect(reported('summary').map(({ markdown }) => markdown)).toEqual(['# abc\n']);
});

test('a second checkout replaces what the first one left', async () => {
  const { results, lines } = await play(`
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with: { persist-credentials: false }
      - run: touch untracked && rm -r programs
      - id: again
        uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
        with: { ref: refs/tags/v1.2.3, persist-credentials: false }
      - run: git status --porcelain; git tag --points-at HEAD; [ "$(git rev-parse HEAD)" = "\${{ steps.again.outputs.commit }}" ] && echo same
`);
  expect(results).toEqual({ one: 'success' });
  expect(lines).toEqual(['v1.2.3', 'same']);
});

test('needs and if decide which jobs run', async () => {
  const { results, result, lines } = await play(
    jobs({
      good: { run: 'echo good' },
      bad: { run: 'exit 3' },
      'after-good': { needs: ['good'] },
      'after-bad': { needs: ['bad'] },
      'far-after-bad': { needs: ['after-bad'] },
      'if-false': { if: "${{ github.event_name == 'release' }}" },
      'after-skipped': { needs: ['if-false'] },
      'not-cancelled': { needs: ['after-skipped'], if: '${{ !cancelled() }}' },
      'on-failure': { needs: ['after-bad'], if: 'failure()' },
      'no-failure': { needs: ['good'], if: 'failure()' },
      'with-status': { needs: ['bad'], if: "${{ needs.bad.result == 'failure' }}" },
      always: { needs: ['bad', 'good'], if: "${{ always() && contains(needs.*.result, 'failure') }}" },
      forgiven: { run: 'exit 1', more: 'continue-on-error: true' },
      'after-forgiven': { needs: ['forgiven'] },
    }),
  );
  expect(results).toEqual({
    ...{ good: 'success', bad: 'failure', 'after-good': 'success', 'after-bad': 'skipped' },
    ...{
      'far-after-bad': 'skipped',
      'if-false': 'skipped',
      'after-skipped': 'skipped',
      'not-cancelled': 'success',
    },
    ...{ 'on-failure': 'success', 'no-failure': 'skipped', 'with-status': 'skipped', always: 'success' },
    ...{ forgiven: 'success', 'after-forgiven': 'success' },
  });
  expect(result.conclusion).toBe('failure');
  expect(lines).toContain('good');
});

describe('an approval', () => {
  const gated = `
on: push
jobs:
  gate: { runs-on: x, environment: { name: production-approval, deployment: false }, steps: [{ run: echo approved }] }
  after: { runs-on: x, needs: gate, steps: [{ run: 'true' }] }
`;
  const environments = { 'production-approval': { reviewers: true } };

  test.each([
    ['approved', { gate: 'success', after: 'success' }],
    ['rejected', { gate: 'failure', after: 'skipped' }],
  ] as const)('%s', async (answer, expected) => {
    const asked: unknown[] = [];
    const approve = async (request: unknown) => {
      asked.push(request);
      return answer;
    };
    const { results, reported } = await play(gated, { environments, approve });
    expect(results).toEqual(expected);
    expect(asked).toEqual([{ environment: 'production-approval', job: 'gate' }]);
    expect(reported('approval-waiting')).toHaveLength(1);
    expect(reported('approval-given')).toMatchObject([{ answer }]);
  });

  test('that is never given ends with the cancellation', async () => {
    const cancel = new AbortController();
    const { results, result } = await play(gated, {
      environments,
      approve: () => new Promise(() => {}),
      signal: cancel.signal,
      during: (event) => event.type === 'approval-waiting' && cancel.abort(),
    });
    expect(results).toEqual({ gate: 'cancelled', after: 'skipped' });
    expect(result.conclusion).toBe('cancelled');
  });

  test('that nobody can give is refused before the run', async () => {
    expect(await refusalOf(gated, { environments })).toContain('there is no "approve" to ask');
  });
});

test('jobs of one group run one after the other', async () => {
  const one = (name: string): { run: string; more: string } => ({
    run: `'echo ${name} in; sleep 0.1; echo ${name} out'`,
    more: 'concurrency: { group: lane, queue: max }',
  });
  const { lines } = await play(jobs({ a: one('a'), b: one('b'), c: one('c') }));
  expect(lines).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

test('files travel between jobs as artifacts', async () => {
  const upload = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a';
  const { results, lines, result, reported } = await play(`
on: push
jobs:
  make:
    runs-on: x
    steps:
      - run: mkdir -p out/deep && echo 1 > out/a.txt && echo 2 > out/deep/b.txt && echo 3 > out/.hidden && echo x > "$RUNNER_TEMP/report.html"
      - { uses: ${upload}, with: { name: files, path: out/, retention-days: 3 } }
      - { uses: ${upload}, with: { name: report, path: '\${{ runner.temp }}/report.html' } }
      - { uses: ${upload}, with: { name: none, path: missing } }
      - { id: again, uses: ${upload}, with: { name: files, path: 'out/*.txt' }, continue-on-error: true }
      - { uses: ${upload}, with: { name: files, path: "out/**\\n!out/deep/*", overwrite: true } }
  take:
    needs: make
    runs-on: x
    steps:
      - { uses: actions/download-artifact@018cc2cf5baa6db3ef3c5f8a56943fffe632ef53, with: { name: files, path: got } }
      - run: find got -type f
      - { uses: actions/download-artifact@018cc2cf5baa6db3ef3c5f8a56943fffe632ef53, with: { name: missing } }
`);
  expect(results).toEqual({ make: 'success', take: 'failure' });
  expect(lines).toContain('got/a.txt');
  expect(lines).not.toContain('got/deep/b.txt');
  expect(Object.keys(result.artifacts)).toEqual(['files', 'report']);
  expect(reported('annotation').map(({ message }) => message)).toEqual([
    expect.stringContaining('No files were found with the provided path: missing'),
    'an artifact with the name files exists in this run already',
    expect.stringContaining('Artifact not found for name: missing'),
  ]);
});
