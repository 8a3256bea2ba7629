import { afterAll, describe, expect, test } from '@jest/globals';
import type { RunHandle, RunnerEvent } from '@slipway/local-runner';
import { clearPlays, type Play, play } from './fixtures/play.ts';

afterAll(clearPlays);

const says =
  (line: string, act: (handle: RunHandle) => void) =>
  (event: RunnerEvent, handle: RunHandle): void => {
    if (event.type === 'log' && event.line === line) act(handle);
  };

/** Cancels the run as soon as a step prints a line. */
async function cancelAt(line: string, workflow: string): Promise<Play> {
  const cancel = new AbortController();
  return play(workflow, { signal: cancel.signal, during: says(line, () => cancel.abort()) });
}

function waiting(more: string, onInterrupt = 'leave'): string {
  return `
on: push
jobs:
  work:
    runs-on: x
    outputs: { changed: '\${{ steps.wait.outputs.changed }}', state: '\${{ steps.wait.outputs.state }}' }
    steps:
      - { id: wait, uses: $/actions/wait, with: { on-interrupt: ${onInterrupt} } }
      - { id: next, run: echo never }
${more}`;
}

describe('cancelling the run', () => {
  test('interrupts the step, keeps its outputs, and lets what must run always run', async () => {
    const { result, results, lines, reported } = await cancelAt(
      'waiting',
      waiting(`
      - { id: restore, if: "\${{ always() && steps.wait.outputs.changed == 'true' }}", run: 'echo restored \${{ job.status }}' }
      - { id: reported, if: cancelled(), run: echo reported }
      - { id: failed, if: failure(), run: echo never }
  after: { needs: work, runs-on: x, steps: [{ run: echo never }] }
  free: { needs: after, runs-on: x, if: "\${{ !cancelled() }}", steps: [{ run: echo never }] }
  rescue: { needs: work, runs-on: x, if: "\${{ always() && needs.work.outputs.state == 'saved' }}", steps: [{ run: 'echo rescued \${{ needs.work.result }}' }] }
`),
    );
    expect(results).toEqual({ work: 'cancelled', after: 'skipped', free: 'skipped', rescue: 'success' });
    expect(result.conclusion).toBe('cancelled');
    expect(result.jobs.work?.outputs).toEqual({ changed: 'true', state: 'saved' });
    expect(result.jobs.work?.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      ...['wait cancelled', 'next skipped', 'restore success', 'reported success', 'failed skipped'],
    ]);
    expect(lines).toEqual(['waiting', 'heard SIGINT', 'restored cancelled', 'reported', 'rescued cancelled']);
    expect(reported('cancelled')).toHaveLength(1);
  });

  test('kills what does not listen: SIGINT, SIGTERM, SIGKILL', async () => {
    const { results, lines } = await cancelAt('waiting', waiting('', 'stay'));
    expect(results).toEqual({ work: 'cancelled' });
    expect(lines).toEqual(['waiting', 'heard SIGINT', 'heard SIGTERM']);
  });

  test('ends the children of a script with it', async () => {
    const { lines } = await cancelAt(
      'started',
      `
on: push
jobs:
  work:
    runs-on: x
    steps:
      - run: |
          trap '' INT TERM
          (sleep 4; echo "outlived it") &
          echo started
          wait
      - { if: always(), run: sleep 0.2 }
`,
    );
    expect(lines).toEqual(['started']);
  });

  test('leaves a step and a job alone whose if holds all the same', async () => {
    const { results, lines } = await cancelAt(
      'restoring',
      `
on: push
jobs:
  steps:
    runs-on: x
    steps: [{ if: always(), run: echo restoring; sleep 0.3; echo restored }, { run: echo never }]
  job:
    runs-on: x
    if: always()
    steps: [{ run: sleep 0.4 }, { run: echo continued }]
`,
    );
    expect(results).toEqual({ steps: 'cancelled', job: 'success' });
    expect(lines).toEqual(['restoring', 'restored', 'continued']);
  });

  test('ends everything when the time after it is up', async () => {
    const cancel = new AbortController();
    const { results, lines } = await play(
      `
on: push
jobs:
  work: { runs-on: x, if: always(), steps: [{ run: echo started; sleep 30 }, { if: always(), run: echo never }] }
  rescue: { needs: work, runs-on: x, if: always(), steps: [{ run: echo rescued }] }
`,
      {
        signal: cancel.signal,
        during: says('started', () => cancel.abort()),
        timing: { interrupt: 300, terminate: 200, overtime: 400, minute: 1000 },
      },
    );
    expect(results.work).toBe('cancelled');
    expect(lines).not.toContain('never');
  });
});

describe('time that is up', () => {
  test('fails the step, which the job then knows', async () => {
    const { result, errors, lines } = await play(`
on: push
jobs:
  work:
    runs-on: x
    steps:
      - { id: wait, name: Wait, uses: $/actions/wait, timeout-minutes: 1 }
      - { if: failure(), run: 'echo \${{ steps.wait.outcome }} \${{ steps.wait.outputs.state }}' }
`);
    expect(result.conclusion).toBe('failure');
    expect(errors).toEqual(["The action 'Wait' has timed out after 1 minutes."]);
    expect(lines).toEqual(['waiting', 'heard SIGINT', 'failure saved']);
  });

  test('cancels the job, as GitHub does', async () => {
    const { result, results, lines } = await play(`
on: push
jobs:
  work:
    runs-on: x
    timeout-minutes: 1
    steps:
      - { id: wait, uses: $/actions/wait }
      - { if: failure(), run: echo never }
      - { if: cancelled(), run: echo cleaned }
  after: { needs: work, runs-on: x, if: "\${{ !cancelled() && needs.work.result == 'cancelled' }}", steps: [{ run: echo after }] }
`);
    expect(results).toEqual({ work: 'cancelled', after: 'success' });
    expect(result.conclusion).toBe('cancelled');
    expect(lines).toEqual(['waiting', 'heard SIGINT', 'cleaned', 'after']);
  });
});

describe('a lost machine', () => {
  test('fails its job at once, without outputs and without what must run always', async () => {
    const { result, results, lines, reported } = await play(
      `${waiting(`
      - { if: always(), run: echo never }
  rescue: { needs: work, runs-on: x, if: always(), steps: [{ run: 'echo "\${{ needs.work.result }} [\${{ needs.work.outputs.changed }}]"' }] }
`)}`,
      { during: says('waiting', (handle) => handle.loseMachine('work')) },
    );
    expect(results).toEqual({ work: 'failure', rescue: 'success' });
    expect(result.jobs.work?.outputs).toEqual({});
    expect(result.jobs.work?.steps.map(({ id }) => id)).toEqual(['wait']);
    expect(lines).toEqual(['waiting', 'failure []']);
    expect(reported('machine-lost')).toMatchObject([{ job: 'work' }]);
  });

  test('must be there', async () => {
    let error: unknown;
    await play('on: push\njobs:\n  one: { runs-on: x, steps: [{ run: echo hello }] }\n', {
      during: says('hello', (handle) => {
        try {
          handle.loseMachine('two');
        } catch (thrown) {
          error = thrown;
        }
      }),
    });
    expect(String(error)).toContain('the job two runs on no machine now');
  });
});
