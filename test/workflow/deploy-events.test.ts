import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { RunHandle, RunnerEvent } from '@slipway/local-runner';
import { root } from '../support/action.ts';
import {
  callOf,
  clearDeployPlays,
  type DeployPlay,
  jobsOf,
  phasesOf,
  playDeploy,
} from './fixtures/deploy.ts';
import { clearPlays, type Play } from './fixtures/play.ts';

/*
 * What can happen to a run from outside, one test for each row of the table in docs/operations.md: which jobs and steps of
 * deploy.yml run then. What the actions do is proven elsewhere; scripts stand for them here.
 */

afterAll(clearPlays);
afterAll(clearDeployPlays);

type Act = (handle: RunHandle, cancel: AbortController) => void;

/** Does something once, when a line of the log begins so. */
async function playAt(line: string, act: Act, options: DeployPlay = {}): Promise<Play> {
  const cancel = new AbortController();
  let done = false;
  const during = (event: RunnerEvent, handle: RunHandle): void => {
    if (done || event.type !== 'log' || !event.line.startsWith(line)) return;
    done = true;
    act(handle, cancel);
  };
  return playDeploy({ signal: cancel.signal, during, ...options });
}

const cancelRun: Act = (_, cancel) => cancel.abort();
const forceCancel: Act = (handle) => handle.forceCancel();
const loseMachine: Act = (handle) => handle.loseMachine('deploy.release');
const waits = (phase: string): DeployPlay => ({
  phases: { [phase]: { wait: 'yes', outputs: { changed: 'true' } } },
});
const before = { preflight: 'success', build: 'success', approve: 'success' };
const untouched = { release: 'skipped', rescue: 'skipped' };
const early = ['preflight-checklist', 'build-push'];
const afterCancel = { timing: { interrupt: 300, terminate: 200, overtime: 1500, minute: 1000 } };

/** By the first cell of the row. */
const events: Record<string, () => Promise<void>> = {
  'preflight or build refused or failed': async () => {
    const played = await playDeploy({ phases: { 'build-push': { exit: 1 } } });
    expect(jobsOf(played)).toEqual({
      ...{ preflight: 'success', build: 'failure', approve: 'skipped' },
      ...untouched,
    });
    expect(phasesOf(played).sort()).toEqual([...early].sort());
  },

  'approval rejected, or not given within 30 days': async () => {
    const played = await playDeploy({ approve: async () => 'rejected' });
    expect(jobsOf(played)).toEqual({ ...before, approve: 'failure', ...untouched });
    expect(played.result.conclusion).toBe('failure');
    expect(phasesOf(played).sort()).toEqual([...early].sort());
  },

  'cancelled before the approval': async () => {
    const cancel = new AbortController();
    const played = await playDeploy({
      signal: cancel.signal,
      approve: () => {
        cancel.abort();
        return new Promise(() => undefined);
      },
    });
    expect(jobsOf(played)).toEqual({ ...before, approve: 'cancelled', ...untouched });
    expect(played.result.conclusion).toBe('cancelled');
  },

  'cancelled while it waits for another release': async () => {
    const caller = [
      callOf('deploy.yml', '{ environment: production }', 'one'),
      callOf('deploy.yml', '{ environment: production, config: other.yml }', 'two'),
    ].join('');
    const played = await playAt('watch-metrics waits', cancelRun, { ...waits('watch-metrics'), caller });
    const [queued = '', running = ''] = ['one', 'two'].sort(
      (a, b) => releaseSteps(played, a) - releaseSteps(played, b),
    );
    expect(releaseSteps(played, queued)).toBe(0);
    // It cannot be known from here that the release never began: the target knows.
    expect(jobsOf(played, queued)).toEqual({ ...before, release: 'cancelled', rescue: 'success' });
    expect(jobsOf(played, running)).toEqual({ ...before, release: 'cancelled', rescue: 'skipped' });
    expect(rollbacks(played)).toEqual(['rollback to=own', 'rollback to=own']);
  },

  'cancelled during the probe or the migration': async () => {
    const played = await playAt('db-migrate waits', cancelRun, {
      phases: { 'db-migrate': { wait: 'yes' } },
    });
    expect(jobsOf(played)).toEqual({ ...before, release: 'cancelled', rescue: 'skipped' });
    expect(phasesOf(played).slice(2)).toEqual(['probe', 'db-migrate']);
    expect(played.result.jobs['deploy.release']?.outputs).toMatchObject({ settled: 'true' });
  },

  'cancelled after the rollout began': async () => {
    for (const phase of ['rollout', 'smoke-test', 'watch-metrics', 'promote']) {
      const played = await playAt(`${phase} waits`, cancelRun, waits(phase));
      expect(jobsOf(played)).toEqual({ ...before, release: 'cancelled', rescue: 'skipped' });
      expect(phasesOf(played).slice(-2)).toEqual([phase, 'rollback']);
      expect(rollbacks(played)).toEqual(['rollback to=own']);
    }
  },

  'the rollback is not done 5 minutes after the cancellation': async () => {
    const played = await playAt('watch-metrics waits', cancelRun, {
      phases: { 'watch-metrics': { wait: 'yes' }, rollback: { wait: 'deaf' } },
      ...afterCancel,
    });
    expect(jobsOf(played)).toMatchObject({ ...before, release: 'cancelled' });
    expect(played.result.jobs['deploy.release']?.outputs).toEqual({});
    // The second is that of the rescue, which takes nothing from the outputs that were lost.
    expect(rollbacks(played)).toEqual(['rollback to=own', 'rollback to=own']);
  },

  'cancelled by force': async () => {
    const played = await playAt('watch-metrics waits', forceCancel, waits('watch-metrics'));
    expect(jobsOf(played)).toEqual({ ...before, release: 'cancelled', rescue: 'cancelled' });
    expect(rollbacks(played)).toEqual([]);
  },

  'the runner was lost': async () => {
    const played = await playAt('watch-metrics waits', loseMachine, waits('watch-metrics'));
    expect(jobsOf(played)).toEqual({ ...before, release: 'failure', rescue: 'success' });
    expect(rollbacks(played)).toEqual(['rollback to=own']);
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome: 'failed' });
  },

  'the runner was lost, and still works': async () => {
    const played = await playAt('watch-metrics waits', loseMachine, {
      phases: {
        ...waits('watch-metrics').phases,
        rollback: { exit: 1, outputs: { outcome: 'refused', reason: 'locked', verified: '' } },
      },
    });
    expect(jobsOf(played)).toEqual({ ...before, release: 'failure', rescue: 'failure' });
    expect(rollbacks(played)).toEqual(['rollback to=own']);
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome: 'failed' });
  },

  'the release job exceeded its time limit': async () => {
    const played = await playDeploy({
      phases: {
        'preflight-checklist': { outputs: { 'timeout-minutes': '3' } },
        ...waits('watch-metrics').phases,
      },
    });
    expect(jobsOf(played)).toEqual({ ...before, release: 'cancelled', rescue: 'skipped' });
    expect(rollbacks(played)).toEqual(['rollback to=own']);
  },

  'all jobs run again': async () => {
    const first = await playAt('watch-metrics waits', forceCancel, waits('watch-metrics'));
    const asked: string[] = [];
    const played = await playDeploy({
      again: { attempt: 2, jobs: 'all', before: first.result },
      approve: async ({ job }) => {
        asked.push(job);
        return 'approved';
      },
    });
    expect(asked).toEqual(['deploy.approve']);
    expect(jobsOf(played)).toEqual({ ...before, release: 'success', rescue: 'skipped' });
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome: 'passed' });
  },

  'failed jobs run again': async () => {
    const first = await playAt('watch-metrics waits', forceCancel, waits('watch-metrics'));
    const asked: string[] = [];
    const played = await playDeploy({
      again: { attempt: 2, jobs: 'failed', before: first.result },
      approve: async ({ job }) => {
        asked.push(job);
        return 'approved';
      },
    });
    expect(asked).toEqual([]);
    expect(phasesOf(played)[0]).toBe('probe');
    expect(played.lines).toContain(
      'probe has [DATABASE_URL KUBE_CONFIG], record [record of preflight-checklist|record of build-push]',
    );
    expect(jobsOf(played)).toEqual({ ...before, release: 'success', rescue: 'skipped' });
  },

  'rollback.yml started while a release is under way': async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-under-way-'));
    const begun = path.join(folder, 'begun');
    const caller = [
      callOf('deploy.yml', '{ environment: production }'),
      `  later:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: until [ -e '${begun}' ]; do sleep 0.1; done\n`,
      callOf('rollback.yml', '{ environment: production }', 'by-hand'),
      '    needs: later\n',
    ].join('');
    const cancel = new AbortController();
    const during = (event: RunnerEvent): void => {
      if (event.type !== 'log') return;
      if (event.line === 'watch-metrics waits') writeFileSync(begun, '');
      if (event.line === 'rollback to=previous') cancel.abort();
    };
    const played = await playDeploy({ ...waits('watch-metrics'), caller, signal: cancel.signal, during });
    rmSync(folder, { recursive: true });
    expect(jobsOf(played)).toEqual({ ...before, release: 'cancelled', rescue: 'skipped' });
    expect(rollbacks(played)).toEqual(['rollback to=previous', 'rollback to=own']);
  },

  'rollback.yml started on a branch or tag that the environment does not accept': async () => {
    const played = await playDeploy({
      caller: callOf('rollback.yml', '{ environment: production }'),
      environments: { production: { refs: ['refs/heads/main'] } },
    });
    expect(jobsOf(played)).toEqual({ rollback: 'failure' });
    expect(phasesOf(played)).toEqual([]);
    expect(played.errors).toEqual([expect.stringContaining('is not allowed to deploy to production')]);
  },
};

const releaseSteps = (played: Play, id: string): number =>
  played.result.jobs[`${id}.release`]?.steps.length ?? 0;

/** The inputs of each rollback. */
const rollbacks = ({ lines }: Play): string[] => lines.filter((line) => /^rollback to=/.test(line));

describe('an event from outside', () => {
  test.each(Object.entries(events))('%s', (_, prove) => prove());

  test('is in the table of docs/operations.md, and each of its rows is proven here', () => {
    const text = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
    const table = /^## What can happen to a run$(.*?)^## /ms.exec(text)?.[1] ?? '';
    const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, cell = '']) => cell.replaceAll('`', ''));
    expect(rows.slice(2)).toEqual(Object.keys(events));
  });
});

describe('deploy.yml', () => {
  test('gives the secrets of the environment to nothing before the approval', async () => {
    const { lines } = await playDeploy({});
    const has = lines.flatMap((line) => / has (\[.*?\])/.exec(line)?.[1] ?? []);
    expect(has.slice(0, 2).sort()).toEqual(['[REGISTRY_PASSWORD]', '[]']);
    expect(has[2]).toBe('[DATABASE_URL KUBE_CONFIG]');
  });

  test('fails nothing because a report cannot be stored', async () => {
    const played = await playDeploy({ artifactStorage: 'full' });
    expect(played.result.conclusion).toBe('success');
    expect(jobsOf(played)).toEqual({ ...before, release: 'success', rescue: 'skipped' });
    expect(played.result.artifacts).toEqual({});
  });

  test('keeps the reports of two applications of one run apart', async () => {
    const played = await playDeploy({
      caller: [
        callOf('deploy.yml', '{ environment: production, config: apps/shop.yml }', 'shop'),
        callOf('deploy.yml', '{ environment: production, config: apps/blog.yml }', 'blog'),
      ].join(''),
    });
    expect(Object.keys(played.result.artifacts).sort()).toEqual([
      ...['slipway-preflight-production-blog', 'slipway-preflight-production-shop'],
      ...['slipway-release-production-blog', 'slipway-release-production-shop'],
    ]);
  });

  test('runs on what the inputs name: a label, labels, a group', async () => {
    const runnersOf = async (inputs: string): Promise<unknown[]> => {
      const played = await playDeploy({
        caller: callOf('deploy.yml', `{ environment: production, ${inputs} }`),
      });
      return played.reported('job-started').map(({ job, runsOn }) => [job.replace('deploy.', ''), runsOn]);
    };
    const label = { group: null, labels: ['prod'] };
    const hosted = { group: null, labels: ['ubuntu-24.04'] };
    const group = { group: 'big', labels: ['x64'] };
    expect(new Map((await runnersOf('runner: prod')) as [string, unknown][])).toEqual(
      new Map(Object.entries({ preflight: label, build: hosted, approve: label, release: label })),
    );
    const both = `runner: '["self-hosted", "prod"]', build-runner: '{"group": "big", "labels": ["x64"]}'`;
    const labels = { group: null, labels: ['self-hosted', 'prod'] };
    expect(new Map((await runnersOf(both)) as [string, unknown][])).toEqual(
      new Map(Object.entries({ preflight: labels, build: group, approve: labels, release: labels })),
    );
  });

  test('gives the release the time that preflight computed, or all that GitHub has', async () => {
    const minutesOf = async (outputs: Record<string, string>): Promise<number | undefined> => {
      const played = await playDeploy({ phases: { 'preflight-checklist': { outputs } } });
      return played.reported('job-started').find(({ job }) => job === 'deploy.release')?.minutes;
    };
    expect(await minutesOf({ 'timeout-minutes': '390' })).toBe(390);
    expect(await minutesOf({})).toBe(360);
  });

  test('names the release by the run in a rescue, whatever the outputs hold', async () => {
    const played = await playAt('watch-metrics waits', loseMachine, {
      phases: {
        ...waits('watch-metrics').phases,
        // GitHub drops it: it has the name of the user who pushes.
        'build-push': { outputs: { release: 'pusher' } },
      },
    });
    expect(played.reported('output-dropped').map(({ output }) => output)).toEqual(['release']);
    expect(rollbacks(played)).toEqual(['rollback to=own']);
    expect(played.lines.filter((line) => line.startsWith('rollback has'))).toEqual([
      'rollback has [DATABASE_URL KUBE_CONFIG], record []',
    ]);
  });

  test('passes when the rescue finds the release verified', async () => {
    const played = await playAt('promote waits', loseMachine, {
      phases: { promote: { wait: 'yes' }, rollback: { outputs: { verified: 'true' } } },
    });
    expect(jobsOf(played)).toMatchObject({ release: 'failure', rescue: 'success' });
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome: 'passed' });
  });

  test.each([
    ['probe', { exit: 1, outputs: { outcome: 'refused' } }, 'refused'],
    ['db-migrate', { exit: 1 }, 'failed'],
    ['smoke-test', { exit: 1 }, 'failed'],
  ])('says how it ended when %s ends it', async (phase, how, outcome) => {
    const played = await playDeploy({ phases: { [phase]: how } });
    expect(jobsOf(played)).toEqual({ ...before, release: 'failure', rescue: 'skipped' });
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome });
  });
});
