import { afterAll, describe, expect, test } from '@jest/globals';
import type { RunHandle, RunnerEvent } from '@slipway/local-runner';
import { clearPlays, type PlayOptions, play, refusalOf } from './fixtures/play.ts';

afterAll(clearPlays);

const says =
  (line: string, act: (handle: RunHandle) => void) =>
  (event: RunnerEvent, handle: RunHandle): void => {
    if (event.type === 'log' && event.line === line) act(handle);
  };

describe('a forced cancellation', () => {
  test('ends everything at once, and asks no condition', async () => {
    const { result, results, lines, reported } = await play(
      `
on: push
jobs:
  work:
    runs-on: x
    outputs: { changed: '\${{ steps.wait.outputs.changed }}' }
    steps:
      - { id: wait, uses: $/actions/wait, with: { on-interrupt: stay } }
      - { if: always(), run: echo never }
  rescue: { needs: work, runs-on: x, if: always(), steps: [{ run: echo never }] }
  later: { needs: work, runs-on: x, steps: [{ run: echo never }] }
`,
      { during: says('waiting', (handle) => handle.forceCancel()) },
    );
    expect(results).toEqual({ work: 'cancelled', rescue: 'cancelled', later: 'skipped' });
    expect(result.conclusion).toBe('cancelled');
    expect(result.jobs.work?.outputs).toEqual({});
    expect(lines).toEqual(['waiting']);
    expect(reported('cancelled')).toMatchObject([{ forced: true }]);
  });

  test('takes a job that waits for approval or for its group out of the queue', async () => {
    const { results } = await play(
      `
on: push
jobs:
  holds: { runs-on: x, concurrency: one, steps: [{ run: echo holds; sleep 5 }] }
  queued: { runs-on: x, concurrency: one, if: always(), steps: [{ run: echo never }] }
  asked: { runs-on: x, environment: gate, if: always(), steps: [{ run: echo never }] }
`,
      {
        environments: { gate: { reviewers: true } },
        approve: () => new Promise(() => undefined),
        during: says('holds', (handle) => handle.forceCancel()),
      },
    );
    expect(results).toEqual({ holds: 'cancelled', queued: 'cancelled', asked: 'cancelled' });
  });
});

describe('the run again', () => {
  const workflow = `
on: push
jobs:
  build:
    runs-on: x
    outputs: { text: '\${{ steps.said.outputs.text }}' }
    steps:
      - { id: said, run: 'echo build $GITHUB_RUN_ATTEMPT; echo "text=$GITHUB_RUN_ATTEMPT" >> "$GITHUB_OUTPUT"' }
  release: { needs: build, runs-on: x, steps: [{ run: 'echo release of \${{ needs.build.outputs.text }}; test \${{ github.run_attempt }} = 2' }] }
  after: { needs: release, runs-on: x, if: always(), steps: [{ run: 'echo after \${{ needs.release.result }}' }] }
`;

  test.each([
    ['failed', ['release of 1', 'after success']],
    ['all', ['build 2', 'release of 2', 'after success']],
  ] as const)('%s jobs: those that succeeded keep their outputs, or run too', async (jobs, lines) => {
    const first = await play(workflow);
    expect(first.lines).toEqual(['build 1', 'release of 1', 'after failure']);
    expect(first.results).toEqual({ build: 'success', release: 'failure', after: 'success' });
    const second = await play(workflow, { again: { attempt: 2, jobs, before: first.result } });
    expect(second.lines).toEqual(lines);
    expect(second.results).toEqual({ build: 'success', release: 'success', after: 'success' });
    expect(second.result.conclusion).toBe('success');
  });

  test('of a called workflow keeps the jobs in it, and asks nobody again', async () => {
    const files = {
      '.github/workflows/near.yml': `on: { workflow_call: {} }
jobs:
  approve: { runs-on: x, environment: gate, steps: [{ run: echo approved }] }
  work: { needs: approve, runs-on: x, steps: [{ run: 'test \${{ github.run_attempt }} = 2' }] }
`,
    };
    const asked: string[] = [];
    const options: PlayOptions = {
      files,
      environments: { gate: { reviewers: true } },
      approve: async ({ job }) => {
        asked.push(job);
        return 'approved';
      },
    };
    const text = 'on: push\njobs:\n  near: { uses: ./.github/workflows/near.yml }\n';
    const first = await play(text, options);
    expect(first.results).toEqual({ near: 'failure', 'near.approve': 'success', 'near.work': 'failure' });
    const again = { attempt: 2, jobs: 'failed', before: first.result } as const;
    const second = await play(text, { ...options, again });
    expect(second.results).toEqual({ near: 'success', 'near.approve': 'success', 'near.work': 'success' });
    expect(asked).toEqual(['near.approve']);
    const third = await play(text, { ...options, again: { ...again, before: second.result } });
    expect(third.lines).toEqual([]);
    expect(third.results).toEqual(second.results);
  });
});

test('an environment keeps branches and tags out that it does not list', async () => {
  const text = 'on: push\njobs:\n  a: { runs-on: x, environment: production, steps: [{ run: echo runs }] }\n';
  const only = (...refs: string[]): PlayOptions => ({ environments: { production: { refs } } });
  expect((await play(text, only('refs/tags/v*'))).lines).toEqual(['runs']);
  const { results, lines, errors } = await play(text, only('refs/heads/main', 'refs/tags/release/*'));
  expect(results).toEqual({ a: 'failure' });
  expect(lines).toEqual([]);
  expect(errors).toEqual([
    'Tag "v1.2.3" is not allowed to deploy to production due to environment protection rules.',
  ]);
});

test('storage that is full fails the upload', async () => {
  const { results, errors } = await play(
    `on: push
jobs:
  a:
    runs-on: x
    steps:
      - run: echo text > file
      - { uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a, with: { path: file } }
`,
    { artifactStorage: 'full' },
  );
  expect(results).toEqual({ a: 'failure' });
  expect(errors).toEqual([expect.stringContaining('Artifact storage quota has been hit')]);
});

describe('runs-on', () => {
  const job = (runsOn: string): string =>
    `on: push\njobs:\n  a: { runs-on: ${runsOn}, timeout-minutes: "\${{ fromJSON('7') }}", steps: [{ run: echo runs }] }\n`;

  test.each([
    ['ubuntu-24.04', { group: null, labels: ['ubuntu-24.04'] }],
    ['[self-hosted, production]', { group: null, labels: ['self-hosted', 'production'] }],
    ['{ group: big, labels: x64 }', { group: 'big', labels: ['x64'] }],
    [`"\${{ fromJSON('[\\"a\\", \\"b\\"]') }}"`, { group: null, labels: ['a', 'b'] }],
    [`"\${{ fromJSON('{\\"group\\": \\"big\\"}') }}"`, { group: 'big', labels: [] }],
  ])('%s', async (runsOn, expected) => {
    const { reported } = await play(job(runsOn));
    expect(reported('job-started')).toMatchObject([{ runsOn: expected, minutes: 7 }]);
  });

  test.each([
    ['"${{ github.head_ref }}"'],
    [`"\${{ fromJSON('[]') }}"`],
    [`"\${{ fromJSON('{\\"pool\\": \\"a\\"}') }}"`],
    [`"\${{ fromJSON('3') }}"`],
  ])('%s finds no runner', async (runsOn) =>
    expect(await refusalOf(job(runsOn))).toContain(
      'main.yml:3: runs-on must be a label, a list of labels, or a group with labels',
    ),
  );
});
