import { afterAll, expect, test } from '@jest/globals';
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
 * Which commit the jobs of deploy.yml work with, and what a release that is proven survives. Scripts stand for the
 * actions.
 */

afterAll(clearPlays);
afterAll(clearDeployPlays);

const all = [
  ...['preflight-checklist', 'build-push', 'probe', 'db-migrate', 'rollout', 'smoke-test', 'watch-metrics'],
  'promote',
];

/** The subject of the commit that each phase worked at: `first` is tagged. */
function worked({ lines }: Play): Record<string, string> {
  const found = lines.flatMap((line) => {
    const [, phase, where] = /^(\S+) works at (.*)$/.exec(line) ?? [];
    return phase && where ? [[phase, where]] : [];
  });
  return Object.fromEntries(found);
}

const everywhere = (where: string): Record<string, string> =>
  Object.fromEntries(all.map((phase) => [phase, where]));
const withVersion = (version: string): DeployPlay => ({
  caller: callOf('deploy.yml', `{ environment: production, version: "${version}" }`),
});

test.each(['1.2.3', 'v1.2.3'])(
  'version %s by hand, on a branch that is ahead: its tag in all jobs',
  async (version) => {
    const played = await playDeploy({ ahead: true, ...withVersion(version) });
    expect(played.errors).toEqual([]);
    expect(worked(played)).toEqual(everywhere('first'));
  },
);

test('a version without a tag is the commit of the run, in all jobs', async () => {
  const played = await playDeploy({ ahead: true, ...withVersion('1.2.30') });
  expect(played.errors).toEqual([]);
  expect(worked(played)).toEqual(everywhere('second'));
});

test('the tag of the run is checked out without a question', async () => {
  const played = await playDeploy(withVersion('1.2.3'));
  expect(worked(played)).toEqual(everywhere('first'));
  const steps = played.result.jobs['deploy.build']?.steps ?? [];
  expect(steps.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id)).toEqual(['tag', 'tagged']);
});

test.each(['*', '-x', '$(touch x)', 'refs/tags/v1.2.3'])(
  'a version without a tag, %j, finds none',
  async (version) => {
    const played = await playDeploy({ ahead: true, ...withVersion(version) });
    expect(played.errors).toEqual([]);
    expect(worked(played)).toMatchObject({ 'build-push': 'second' });
  },
);

test('a rescue works with the commit of the build', async () => {
  const played = await playDeploy({
    ...{ ahead: true, ...withVersion('1.2.3') },
    phases: { 'watch-metrics': { wait: 'yes' } },
    during: (event, handle) => {
      if (event.type === 'log' && event.line === 'watch-metrics waits') handle.loseMachine('deploy.release');
    },
  });
  expect(jobsOf(played)).toMatchObject({ release: 'failure', rescue: 'success' });
  expect(worked(played)).toMatchObject({ rollback: 'first' });
});

test('a release that is proven is not rolled back because its promotion fails', async () => {
  const played = await playDeploy({ phases: { promote: { exit: 1, outputs: { proven: 'true' } } } });
  expect(phasesOf(played).at(-1)).toBe('promote');
  expect(jobsOf(played)).toMatchObject({ release: 'failure', rescue: 'skipped' });
  expect(played.result.jobs['deploy.release']?.outputs).toMatchObject({ settled: 'true' });
});

test('a release that is proven is not rolled back because its promotion is cancelled', async () => {
  const cancel = new AbortController();
  const played = await playDeploy({
    signal: cancel.signal,
    phases: { promote: { wait: 'yes', outputs: { proven: 'true' } } },
    during: (event) => {
      if (event.type === 'log' && event.line === 'promote waits') cancel.abort();
    },
  });
  expect(phasesOf(played).at(-1)).toBe('promote');
  expect(jobsOf(played)).toMatchObject({ release: 'cancelled', rescue: 'skipped' });
});
