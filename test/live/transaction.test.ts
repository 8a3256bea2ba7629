import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeState, parseState, type TargetState } from '@slipway/release';
import { startProber } from '../../demo/prober.ts';
import type { Stage } from '../../demo/stage.ts';
import { type BundleResult, type BundleRun, runBundle } from '../support/action.ts';
import { releasable, startGitHub } from '../support/github.ts';
import { buildVersion, checkOutVersion, loadSchema, quickStage, stepEnvironment } from '../support/images.ts';
import { openStore } from '../support/open-store.ts';
import { withoutImage } from '../support/releases.ts';
import { answeredVersion } from '../support/small-stack.ts';

/* Releases that cross each other on one target, as bundles against a real engine. */

const repository = 'example/docsense';

let stage: Stage;
const images: Record<string, string> = {};
let prober: ReturnType<typeof startProber> | undefined;

beforeAll(async () => {
  stage = await quickStage();
  images['1.0.0'] = await buildVersion(stage, '1.0.0');
  images['2.0.0'] = await buildVersion(stage, '2.0.0');
  images['3.0.0'] = await buildVersion(stage, '3.0.0', 'crash');
  await loadSchema(stage);
  await stage.startProxy();
}, 300_000);

afterEach(async () => {
  await prober?.stop();
  prober = undefined;
});
afterAll(() => stage?.stop(), 60_000);

async function action(
  name: 'rollout' | 'rollback',
  inputs: Record<string, string>,
  runId: string,
  run: BundleRun = {},
): Promise<BundleResult> {
  if (inputs.version) await checkOutVersion(stage, inputs.version);
  const ofGitHub = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: repository };
  const env = { ...stepEnvironment(stage), ...ofGitHub, GITHUB_RUN_ID: runId, ...run.env };
  return runBundle(name, {
    ...run,
    inputs: { environment: 'demo', ...inputs },
    env,
    workspace: stage.repository.dir,
  });
}

/** A release that later steps would prove, in a separate run. */
const begin = (
  version: string,
  runId: string,
  inputs: Record<string, string> = {},
  run: BundleRun = {},
): Promise<BundleResult> =>
  action(
    'rollout',
    { version, images: images[version] ?? '', 'proven-by': 'promote', ...inputs },
    runId,
    run,
  );

/** With an API of GitHub that knows these runs. */
async function withGitHub<T>(
  runs: Record<string, 'in_progress' | 'completed'>,
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const known = Object.entries(runs).map(([id, status]) => [id, { suite: 1, workflow: 1, status }] as const);
  const of = { repository, sha: 'a'.repeat(40), run: '0' };
  const github = await startGitHub({ ...releasable(of), runs: Object.fromEntries(known) });
  try {
    return await work({ GITHUB_API_URL: github.url });
  } finally {
    await github.stop();
  }
}

/** A whole release, proven by its rollout. */
const release = (version: string, runId: string, inputs: Record<string, string> = {}) =>
  action('rollout', { version, images: images[version] ?? '', ...inputs }, runId);

async function serving(): Promise<string[]> {
  return Object.keys((await stage.observe()).serving);
}

async function store() {
  const { project, engine } = stage;
  const config = { files: ['docker-compose.prod.yml'], project };
  return openStore({
    target: { name: 'compose', config },
    env: engine.env,
    app: 'docsense',
    environment: 'demo',
  });
}

async function readState(): Promise<TargetState> {
  const found = await (await store()).state.read();
  return parseState(found?.text ?? '', 'docsense', 'demo');
}

test('twenty rollouts that start at once begin exactly one release', async () => {
  await checkOutVersion(stage, '1.0.0');
  const runs = Array.from({ length: 20 }, (_, at) =>
    action('rollout', { images: images['1.0.0'] ?? '', 'proven-by': 'promote' }, `10${at}`),
  );
  const results = await Promise.all(runs);
  const outcomes = results.map(({ outputs }) => outputs.outcome);
  expect(outcomes.filter((outcome) => outcome === 'passed')).toHaveLength(1);
  const refused = results.filter(({ outputs }) => outputs.outcome === 'refused');
  expect(refused).toHaveLength(19);
  for (const { errors } of refused) expect(errors[0]).toMatch(/the target is locked by run 10\d+, attempt 1/);
  expect((await readState()).releases).toHaveLength(1);
  const winner = results.findIndex(({ outputs }) => outputs.outcome === 'passed');
  expect(await action('rollback', {}, `10${winner}`)).toMatchObject({
    code: 0,
    outputs: { outcome: 'passed' },
  });
}, 300_000);

describe('after a proven release', () => {
  beforeEach(async () => {
    const again = await release('1.0.0', '1', { 'take-over': 'true', 'allow-downgrade': 'true' });
    expect(again).toMatchObject({ code: 0, errors: [] });
  }, 180_000);

  test('a failed release after one whose machine was lost goes back to what was proven', async () => {
    expect(await begin('2.0.0', '2')).toMatchObject({ code: 0, errors: [] });
    expect(await serving()).toEqual(['2.0.0']);
    // Cancelled while it waited for run 2, a run has nothing here, and does not wait for the lease to say so.
    const queued = await action('rollback', { to: 'own', version: '3.0.0' }, '8');
    expect(queued).toMatchObject({ code: 0, outputs: { outcome: 'skipped', reason: 'nothing-to-do' } });
    prober = startProber(stage.api, 20);
    // The machine of run 2 is lost, which GitHub knows before the lease expires.
    const failed = await withGitHub({ '2': 'completed' }, (env) =>
      begin('3.0.0', '3', { 'github-token': 'token-of-run-3' }, { env }),
    );
    expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed', changed: 'true' } });
    expect(failed.outputs.summary).toContain(
      '2.0.0, which an earlier run left unfinished, was rolled back first: 1.0.0 serves again.',
    );
    const back = await action('rollback', { release: failed.outputs.release ?? '' }, '3');
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed', restored: '1.0.0' } });
    expect(await serving()).toEqual(['1.0.0']);
    const rescue = await action('rollback', { to: 'unfinished' }, '2');
    expect(rescue).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
    expect(await serving()).toEqual(['1.0.0']);
    expect((await prober.stop()).kinds).toEqual({});
  }, 300_000);

  test('an old run that is run again does not replace a newer release', async () => {
    expect(await release('2.0.0', '4')).toMatchObject({ code: 0 });
    const rerun = await release('1.0.0', '1');
    expect(rerun).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
    expect(rerun.errors[0]).toContain(
      'release 2.0.0 (2.0.0-4) is proven on the target and newer than this one',
    );
    expect(await serving()).toEqual(['2.0.0']);
    const rolledBack = await action('rollback', { to: 'previous' }, '5');
    expect(rolledBack.outputs.summary).toMatch(/1\.0\.0 serves again and is proven/);
    expect(rolledBack.outputs.reason).toBe('rolled-back');
    const again = await action('rollback', { to: 'previous' }, '5');
    expect(again).toMatchObject({ code: 0, outputs: { outcome: 'skipped', reason: 'nothing-to-do' } });
    expect(again.outputs.summary).toContain('this run has taken 2.0.0 back already');
    expect(await serving()).toEqual(['1.0.0']);
    // What was rolled back on demand is nothing to go back to, but can be named.
    const failed = await begin('3.0.0', '6');
    expect(failed.code).toBe(1);
    expect(await action('rollback', {}, '6')).toMatchObject({
      outputs: { outcome: 'passed', restored: '1.0.0' },
    });
    expect(await action('rollback', { to: '2.0.0' }, '7')).toMatchObject({ outputs: { restored: '2.0.0' } });
    expect(await serving()).toEqual(['2.0.0']);
  }, 300_000);

  test('status says what serves and who holds the lease; a rehearsal proves that it can come back', async () => {
    const before = await readState();
    const proven = await action('rollback', { mode: 'status' }, '30');
    expect(proven).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed' } });
    expect(proven.outputs.summary).toBe('1.0.0 serves everywhere and is proven.');
    expect(JSON.parse(proven.outputs.status ?? '')).toMatchObject({
      provenServes: true,
      proven: { version: '1.0.0' },
      unfinished: null,
      lease: null,
      services: [
        { name: 'backend', runs: [{ version: '1.0.0', replicas: 2, ready: 2 }] },
        { name: 'frontend', runs: [{ version: '1.0.0' }] },
      ],
    });
    const rehearsed = await action('rollback', { mode: 'rehearse' }, '30');
    expect(rehearsed).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed' } });
    expect(rehearsed.outputs.summary).toMatch(
      /^A rollback of the next release can restore 1\.0\.0: 2 services/,
    );
    expect(await readState()).toEqual(before);

    expect(await begin('2.0.0', '31')).toMatchObject({ code: 0 });
    const busy = await action('rollback', { mode: 'status' }, '30');
    expect(busy.outputs.summary).toMatch(
      /the last proven release is 1\.0\.0; 2\.0\.0 is unfinished \("serving"\); run 31/,
    );
    expect(await action('rollback', {}, '31')).toMatchObject({ outputs: { reason: 'rolled-back' } });
  }, 300_000);

  test('a rollback to an image that is gone is refused, and half-way by force, until it is back', async () => {
    expect(await begin('2.0.0', '32')).toMatchObject({ code: 0 });
    const { state: register } = await store();
    const now = await readState();
    const gone = { ...now, releases: now.releases.map((one) => withoutImage(one, 'backend')) };
    const found = await register.read();
    expect(await register.replace(encodeState(gone, 'gone'), found?.version ?? null)).toBe('replaced');
    const rehearsed = await action('rollback', { mode: 'rehearse' }, '30');
    expect(rehearsed).toMatchObject({ code: 1, outputs: { outcome: 'refused', reason: 'refused' } });
    expect(rehearsed.errors[0]).toMatch(/backend@sha256:a+ is gone from the target and from the registry/);

    const refused = await action('rollback', { to: 'own', version: '2.0.0' }, '32');
    expect(refused).toMatchObject({ code: 1, outputs: { outcome: 'refused', reason: 'refused' } });
    expect(refused.errors[0]).toMatch(/1\.0\.0 cannot be restored: backend: .* is gone from the target/);
    expect(await serving()).toEqual(['2.0.0']);
    const halfWay = await action('rollback', { to: 'own', version: '2.0.0', force: 'true' }, '32');
    expect(halfWay).toMatchObject({ code: 1, outputs: { outcome: 'failed', reason: 'half-way' } });
    expect(halfWay.errors[0]).toMatch(/did not succeed: backend: .*\. Now .*backend 2\.0\.0 \(2\/2 ready\)/);
    const present = await register.read();
    const { fence } = await readState();
    const back = encodeState({ ...now, fence }, 'back');
    expect(await register.replace(back, present?.version ?? null)).toBe('replaced');
    const own = await action('rollback', { to: 'own', version: '2.0.0' }, '32');
    expect(own).toMatchObject({ code: 0, outputs: { reason: 'rolled-back' } });
    expect(await serving()).toEqual(['1.0.0']);
  }, 300_000);

  test('a run whose lease is taken stops before its next change and says so', async () => {
    // The rescue has to take the lease while the new containers have no traffic.
    stage.settings.STABLE_FOR = '5s';
    let rescue: Promise<BundleResult> | undefined;
    const answers = new Set<string>();
    const asking = setInterval(async () => answers.add(await answeredVersion(stage.api)), 100);
    const overtaken = await action(
      'rollout',
      { version: '2.0.0', images: images['2.0.0'] ?? '', 'proven-by': 'promote' },
      '8',
      {
        started: (child) => {
          child.stdout?.on('data', (chunk: Buffer) => {
            // The new containers are ready, and the traffic is not switched yet.
            if (!chunk.toString().includes('backend: 2/2 new ready')) return;
            rescue ??= action('rollback', { 'take-over': 'true' }, '9');
          });
        },
      },
    );
    expect(await rescue).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect(overtaken).toMatchObject({ code: 1, outputs: { outcome: 'failed' } });
    expect(overtaken.errors[0]).toContain('another run has taken over the target');
    clearInterval(asking);
    stage.settings.STABLE_FOR = '1s';
    expect([...answers]).toEqual(['1.0.0']);
    await action('rollback', {}, '8');
    expect((await readState()).releases[0]).toMatchObject({ id: '2.0.0-8', phase: 'restored' });
  }, 300_000);

  test('an entry that cannot be read is named and blocks nothing; an image of another repository is refused', async () => {
    expect(await begin('2.0.0', '20')).toMatchObject({ code: 0 });
    const { state: register } = await store();
    const found = await register.read();
    const state = JSON.parse(found?.text ?? '') as { releases: { phase: string; services: object }[] };
    const [unfinished, ...rest] = state.releases;
    const broken = { ...state, releases: [unfinished, { schema: 2, id: '1.9.0-9' }, ...rest] };
    expect(await register.replace(JSON.stringify(broken), found?.version ?? null)).toBe('replaced');
    const back = await action('rollback', {}, '20');
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect(back.stdout).toContain('has an entry that cannot be read: release 1.9.0-9');

    const now = await readState();
    const miner = { repository: 'attacker/miner', tag: null, digest: `sha256:${'a'.repeat(64)}` };
    const releases = now.releases.map((one) =>
      one.phase === 'proven' ? { ...one, services: { backend: { image: miner, release: one.id } } } : one,
    );
    const changed = encodeState({ ...now, releases }, 'test');
    const last = await register.read();
    expect(await register.replace(changed, last?.version ?? null)).toBe('replaced');
    expect(await begin('3.0.0', '21')).toMatchObject({ code: 1 });
    const refused = await action('rollback', {}, '21');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.errors[0]).toMatch(
      /images from repositories that the configuration does not name: backend from attacker\/miner/,
    );
    // As it was, for the tests after this one.
    const present = await register.read();
    await register.replace(encodeState({ ...now, fence: 10_000 }, 'test'), present?.version ?? null);
  }, 300_000);
});
