import { afterAll, describe, expect, test } from '@jest/globals';
import {
  before,
  callOf,
  clearDeployPlays,
  jobsOf,
  loseMachine,
  playAt,
  playDeploy,
  rollbacks,
  waits,
} from './fixtures/deploy.ts';
import { clearPlays } from './fixtures/play.ts';

/* What deploy.yml passes on and says. What the actions do is proven elsewhere; scripts stand for them here. */

afterAll(clearPlays);
afterAll(clearDeployPlays);

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

  test('keeps the reports of one application on two clusters apart', async () => {
    const played = await playDeploy({
      caller: [
        callOf('deploy.yml', '{ environment: production }', 'one'),
        callOf('deploy.yml', '{ environment: production, config: eu/slipway.yml }', 'two'),
        callOf('rollback.yml', '{ environment: production, config: eu/slipway.yml }', 'back'),
      ].join(''),
    });
    const first = ['slipway-preflight-production-slipway', 'slipway-release-production-slipway'];
    const second = first.map((name) => `${name}-eu-slipway.yml`);
    const rolledBack = 'slipway-rollback-production-slipway-eu-slipway.yml';
    expect(Object.keys(played.result.artifacts).sort()).toEqual([...first, ...second, rolledBack].sort());
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
    ['db-migrate', { exit: 1, outputs: { outcome: 'refused' } }, 'refused'],
    ['rollout', { exit: 1, outputs: { outcome: 'refused', changed: '' } }, 'refused'],
    ['watch-metrics', { exit: 1, outputs: { outcome: 'inconclusive' } }, 'inconclusive'],
    ['smoke-test', { exit: 1 }, 'failed'],
  ])('says how it ended when %s ends it (%j)', async (phase, how, outcome) => {
    const played = await playDeploy({ phases: { [phase]: how } });
    expect(jobsOf(played)).toEqual({ ...before, release: 'failure', rescue: 'skipped' });
    expect(played.result.jobs.deploy?.outputs).toMatchObject({ outcome });
  });
});
