import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { RunnerEvent } from '@slipway/local-runner';
import { root } from '../support/action.ts';
import {
  before,
  callOf,
  cancelRun,
  clearDeployPlays,
  forceCancel,
  jobsOf,
  loseMachine,
  phasesOf,
  playAt,
  playDeploy,
  rollbacks,
  waits,
} from './fixtures/deploy.ts';
import { clearPlays, type Play } from './fixtures/play.ts';

/*
 * What can happen to a run from outside, one test for each row of the table in docs/operations.md: which jobs and steps of
 * deploy.yml run then. What the actions do is proven elsewhere; scripts stand for them here.
 */

afterAll(clearPlays);
afterAll(clearDeployPlays);

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

describe('an event from outside', () => {
  test.each(Object.entries(events))('%s', (_, prove) => prove());

  test('is in the table of docs/operations.md, and each of its rows is proven here', () => {
    const text = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
    const table = /^## What can happen to a run$(.*?)^## /ms.exec(text)?.[1] ?? '';
    const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, cell = '']) => cell.replaceAll('`', ''));
    expect(rows.slice(2)).toEqual(Object.keys(events));
  });
});
