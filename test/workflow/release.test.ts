import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunHandle, RunnerEvent } from '@slipway/local-runner';
import { parse, stringify } from 'yaml';
import { bringUpFirstVersion } from '../../demo/opening.ts';
import { type Prober, startProber } from '../../demo/prober.ts';
import { goodCommit, green, type Release, startGitHub, startRelease } from '../../demo/release.ts';
import { type Site, type Stage, setStage } from '../../demo/stage.ts';
import { tagDigest } from '../../demo/target-state.ts';
import { runBundle } from '../support/action.ts';
import { stepEnvironment } from '../support/images.ts';
import { withClient } from '../support/postgres.ts';
import { digests, outcomes, type RunReport } from '../support/run-report.ts';
import { registryLogin, unluckySecrets } from '../support/unlucky-secrets.ts';

/*
 * Whole releases through deploy.yml and rollback.yml, by the shipped bundles, on real servers: what the scenarios of the
 * demo do not show. One story after the other: 1.0.0 serves until a release of 2.0.0 succeeds.
 */

let stage: Stage;
let staging: Site;
let sites: Record<string, Site>;
let newer: string;
let reversible: string; // the same, with a rollback that takes the schema back
const probers: Prober[] = [];

/** Watches are short and everything else is quick, for what they find is tested elsewhere. */
const short = { 'stable-for': '1s', 'drain-timeout': '5s' };
const quick = { watch: { for: '4s', every: '1s' }, services: { backend: short, frontend: short } };

beforeAll(async () => {
  stage = await setStage(() => {});
  staging = await stage.addSite('staging');
  sites = { staging, production: stage };
  for (const { secrets } of [stage, staging]) secrets.SLIPWAY_SECRETS = unluckySecrets;
  const { repository } = stage;
  const config = parse(await repository.read('.github/slipway.yml'));
  config.environments = {
    staging: { ...config.environments.staging, ...quick, compose: { project: staging.project } },
    production: quick,
  };
  const demo = await repository.read('.github/workflows/demo.yml');
  const caller = demo.replace('environment: demo', 'environment: production').replace('DEMO_', 'PRODUCTION_');
  const migration = 'migrations/002_document_source.sql';
  const sql = await repository.read(migration);
  const first = await repository.commit('1.0.0', {
    [migration]: null,
    '.github/slipway.yml': stringify(config),
    '.github/workflows/production.yml': caller,
    '.github/workflows/plan.yml': caller.replace('production\n', 'production\n      dry-run: true\n'),
  });
  await Promise.all([stage.startProxy(), staging.startProxy()]);
  await bringUpFirstVersion(stage, '1.0.0', first, 'production');
  const down = 'migrations/002_document_source.down.sql';
  reversible = await repository.commit('2.0.1', {
    [migration]: sql,
    [down]: 'ALTER TABLE documents DROP COLUMN source;\n',
    '.github/slipway.yml': stringify({ ...config, rollback: { ...config.rollback, database: 'down' } }),
  });
  newer = await repository.commit('2.0.0', { [down]: null, '.github/slipway.yml': stringify(config) });
  probers.push(startProber(stage.api, 20), startProber(staging.api, 20));
}, 240_000);

afterAll(async () => {
  await Promise.all(probers.map((prober) => prober.stop()));
  await stage?.stop();
}, 300_000);

type Run = Partial<Release> & { during?: (event: RunnerEvent, run: () => RunHandle) => void };

/** As GitHub knows them. */
const over: NonNullable<Parameters<typeof startGitHub>[0]['runs']> = {};

async function release(workflow: string, options: Run = {}): Promise<RunReport> {
  const runId = options.runId ?? Date.now();
  const known = goodCommit(stage, options.sha ?? newer, green, runId, Object.keys(sites));
  const github = await startGitHub({ ...known, runs: { ...over, ...known.runs } });
  const [before, failedBefore] = [await stage.observe(), probers[0]?.report().failed ?? 0];
  const events: RunnerEvent[] = [];
  let handle: RunHandle | undefined;
  try {
    handle = await startRelease(stage, github, {
      ...{ version: '2.0.0', sha: newer, runId, sites },
      workflow: `.github/workflows/${workflow}.yml`,
      approve: async () => 'approved',
      secrets: registryLogin,
      ...options,
      on: (event) => {
        events.push(event);
        options.during?.(event, () => handle as RunHandle);
      },
    });
    const result = await handle.done;
    const jobs = Object.entries(result.jobs).map(([id, job]) => [id.replace(/^deploy\./, ''), job.result]);
    return {
      result,
      results: Object.fromEntries(jobs),
      errors: events.flatMap((event) =>
        event.type === 'annotation' && event.level === 'error' ? [event.message] : [],
      ),
      before,
      after: await stage.observe(),
      failed: (probers[0]?.report().failed ?? 0) - failedBefore,
      event: (type, job) =>
        events.find((event) => event.type === type && (!job || ('job' in event && event.job === job))),
    };
  } finally {
    over[runId] = { suite: 2, workflow: 1, status: 'completed' };
    await github.stop();
  }
}

const serves = (version: string): unknown => ({ [version]: 8 });
const passed = { preflight: 'success', build: 'success', approve: 'success' };

let dry: RunReport;

test('a dry run changes nothing at all', async () => {
  dry = await release('plan');
  expect(dry.after).toEqual(dry.before);
  expect(dry.results).toMatchObject({ ...passed, rescue: 'skipped' });
  expect(await tagDigest(stage, 'backend', '2.0.0')).toBeNull();
}, 300_000);

// A gap: the plan of the steps after the rollout is not reported.
test('a dry run ends at the rollout, which has no digests to plan with, for nothing was built', () => {
  expect(outcomes(dry, 'deploy.release')).toEqual({
    probe: 'passed',
    migrate: 'skipped',
    rollout: 'refused',
  });
  expect(dry.errors).toEqual([expect.stringMatching(/^no digest is known for backend, frontend\n/)]);
  expect(dry.result.conclusion).toBe('failure');
});

test('a rejected release touches nothing, and nobody has to be rescued', async () => {
  const reported = await release('production', { approve: async () => 'rejected' });
  expect(reported.result.conclusion).toBe('failure');
  expect(reported.results).toMatchObject({
    ...passed,
    approve: 'failure',
    release: 'skipped',
    rescue: 'skipped',
  });
  expect(reported.after).toEqual(reported.before);
  expect(reported.failed).toBe(0);
}, 300_000);

test('a record that GitHub drops keeps the release from starting: nothing is migrated', async () => {
  // As short as this, it is in every text of capital letters.
  const reported = await release('production', { secrets: { ...registryLogin, UNUSED: 'B' } });
  expect(reported.result.conclusion).toBe('failure');
  expect(reported.event('output-dropped', 'deploy.build')).toMatchObject({ output: 'release' });
  expect(outcomes(reported, 'deploy.release')).toEqual({ probe: 'refused' });
  expect(reported.errors).toEqual([
    expect.stringMatching(
      /^cannot continue the release: .* lacks what .*build-push recorded\n.*less than four characters/,
    ),
  ]);
  expect(reported.results).toMatchObject({ ...passed, release: 'failure', rescue: 'skipped' });
  expect(reported.after).toEqual(reported.before);
}, 300_000);

test('the machine is lost during the watch: a fresh one brings the old version back, and the schema', async () => {
  const reported = await release('production', {
    ...{ version: '2.0.1', sha: reversible },
    during: (event, run) => {
      if (event.type === 'log' && event.step === 'watch' && event.line.startsWith('watch '))
        run().loseMachine('deploy.release');
    },
  });
  expect(reported.event('machine-lost')).toMatchObject({ job: 'deploy.release' });
  expect(reported.result.conclusion).toBe('failure');
  expect(reported.results).toMatchObject({ ...passed, release: 'failure', rescue: 'success' });
  expect(reported.result.jobs['deploy.release']?.outputs).toEqual({});
  expect(
    reported.result.jobs['deploy.rescue']?.steps.find(({ id }) => id === 'rollback')?.outputs,
  ).toMatchObject({
    outcome: 'passed',
    restored: '1.0.0',
    summary: expect.stringContaining('The schema was taken back: without 002.'),
  });
  const { latest, schemaVersion } = reported.before;
  expect(reported.after).toMatchObject({ serving: serves('1.0.0'), latest, schemaVersion });
  expect(reported.failed).toBe(0);
}, 300_000);

test('cancelled by force during the watch, nothing is put back before rollback.yml does it', async () => {
  const cancelled = await release('production', {
    during: (event, run) => {
      if (event.type === 'log' && event.step === 'watch' && event.line.startsWith('watch '))
        run().forceCancel();
    },
  });
  expect(cancelled.results).toMatchObject({ ...passed, release: 'cancelled', rescue: 'cancelled' });
  expect(cancelled.after).toMatchObject({ serving: serves('2.0.0'), latest: cancelled.before.latest });
  const reported = await release('rollback', rollback('unfinished'));
  expect(reported.errors).toEqual([]);
  expect(reported.result.conclusion).toBe('success');
  expect(reported.after).toMatchObject({ serving: serves('1.0.0'), latest: cancelled.before.latest });
  expect(reported.failed + cancelled.failed).toBe(0);
}, 300_000);

const runId = 4711;
let both: RunReport;

test('a tag goes to staging, and to production once staging is verified', async () => {
  const asked: string[] = [];
  const reported = await release('release', {
    runId,
    approve: async () => {
      asked.push(Object.keys((await staging.observe()).serving).join());
      return 'approved';
    },
  });
  both = reported;
  expect(reported.errors).toEqual([]);
  expect(reported.result.conclusion).toBe('success');
  // The second approval is asked for when the version can be looked at in staging.
  expect(asked).toEqual(['no answer', '2.0.0']);
  for (const job of ['staging', 'production']) {
    expect(outcomes(reported, `${job}.release`)).toEqual({
      ...{
        probe: 'passed',
        migrate: 'passed',
        rollout: 'passed',
        smoke: 'passed',
        watch: 'passed',
        promote: 'passed',
      },
    });
    expect(reported.result.jobs[`${job}.rescue`]?.result).toBe('skipped');
  }
  expect(reported.event('job-started', 'production.release')?.at).toBeGreaterThanOrEqual(
    reported.event('job-ended', 'staging.release')?.at ?? Number.POSITIVE_INFINITY,
  );
  expect((await staging.observe()).serving).toEqual(serves('2.0.0'));
  expect(reported.after).toMatchObject({ serving: serves('2.0.0'), schemaVersion: '002' });
  expect(reported.after.latest).not.toEqual(reported.before.latest);
  expect(reported.failed).toBe(0);
  // Production runs the very images that staging has proven.
  const images = digests(both, 'production');
  expect(Object.keys(images)).toEqual(['backend', 'frontend']);
  expect(images).toEqual(digests(both, 'staging'));
}, 300_000);

test('run again, the same release succeeds with the images that it has built, and users notice nothing', async () => {
  const again = await release('release', { runId });
  expect(again.errors).toEqual([]);
  expect(again.result.conclusion).toBe('success');
  expect(again.after).toMatchObject({ serving: serves('2.0.0'), schemaVersion: '002' });
  expect(again.failed).toBe(0);
  expect(digests(again, 'production')).toEqual(digests(both, 'production'));
  expect(again.after.latest).toEqual(again.before.latest);
}, 300_000);

const rollback = (to: string): Run => ({
  event: { name: 'workflow_dispatch', inputs: { environment: 'production', to } },
});

test('a contract migration of a release that stopped before its rollout keeps an older version from coming back', async () => {
  const contract = '-- slipway: contract\nCREATE TABLE lessons (id bigint);\n';
  await stage.repository.commit('3.0.0', { 'migrations/003_lessons.sql': contract });
  const result = await runBundle('db-migrate', {
    inputs: { environment: 'production', version: '3.0.0', backup: 'never' },
    env: { ...stepEnvironment(stage), GITHUB_RUN_ID: '4712' },
    workspace: stage.repository.dir,
  });
  expect(result.outputs).toMatchObject({ outcome: 'passed', applied: '1' });
  const reported = await release('rollback', rollback('previous'));
  expect(reported.result.conclusion).toBe('failure');
  expect(reported.errors).toEqual([
    expect.stringMatching(
      /^the journal has the contract migration 003, which 1\.0\.0 is not known to have run on\n.*force: true/,
    ),
  ]);
  expect(reported.after).toEqual(reported.before);
  const undo =
    "DROP TABLE lessons; DELETE FROM schema_migrations WHERE version = '003'; DELETE FROM slipway_migrations WHERE version = '003'";
  await withClient(stage.databaseUrl, (client) => client.query(undo));
}, 300_000);

test('rolled back on demand, the version before serves again', async () => {
  const reported = await release('rollback', rollback('previous'));
  expect(reported.errors).toEqual([]);
  expect(reported.result.conclusion).toBe('success');
  expect(reported.after.serving).toEqual(serves('1.0.0'));
  expect(reported.failed).toBe(0);
  // What was deployed elsewhere stays.
  expect((await staging.observe()).serving).toEqual(serves('2.0.0'));
}, 300_000);

test('a rollback to a version that never ran is refused, and says which did', async () => {
  const reported = await release('rollback', rollback('9.9.9'));
  expect(reported.result.conclusion).toBe('failure');
  // 2.0.0 is one of the secrets.
  expect(reported.errors).toEqual([expect.stringMatching(/9\.9\.9.*can be restored: \*\*\*\.$/s)]);
  expect(reported.after).toEqual(reported.before);
}, 300_000);
