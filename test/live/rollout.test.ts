import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { beginRelease, encodeRecord } from '@slipway/release';
import { execOrThrow, findFreePort } from '@slipway/test-services';
import { startProber } from '../../demo/prober.ts';
import type { Stage } from '../../demo/stage.ts';
import { type BundleResult, type BundleRun, runBundle } from '../support/action.ts';
import { buildVersion, checkOutVersion, loadSchema, quickStage, stepEnvironment } from '../support/images.ts';

let stage: Stage;
const images: Record<string, string> = {};

beforeAll(async () => {
  stage = await quickStage();
  images['1.0.0'] = await buildVersion(stage, '1.0.0');
  images['2.0.0'] = await buildVersion(stage, '2.0.0');
  images['3.0.0'] = await buildVersion(stage, '3.0.0', 'crash');
  await loadSchema(stage);
}, 300_000);

afterAll(() => stage?.stop(), 60_000);

async function action(
  name: 'rollout' | 'rollback' | 'db-migrate',
  inputs: Record<string, string>,
  run: BundleRun = {},
): Promise<BundleResult> {
  if (inputs.version) await checkOutVersion(stage, inputs.version);
  const env = { ...stepEnvironment(stage), GITHUB_RUN_ID: '1', ...run.env };
  return runBundle(name, {
    ...run,
    inputs: { environment: 'demo', ...inputs },
    env,
    workspace: stage.repository.dir,
  });
}

/** As in a workflow with further steps: the release is unfinished until it is promoted. */
const rollOut = (version: string, run?: BundleRun): Promise<BundleResult> =>
  action('rollout', { version, images: images[version] ?? '', 'proven-by': 'promote' }, run);

/** As the only step of a release. */
const release = (version: string, id: string): Promise<BundleResult> =>
  action('rollout', { version, images: images[version] ?? '' }, runOf(id));

const runOf = (id: string): BundleRun => ({ env: { GITHUB_RUN_ID: id } });

async function serving(): Promise<string[]> {
  return Object.keys((await stage.observe()).serving);
}

describe('refused before anything is changed', () => {
  test('the engine does not answer', async () => {
    const run = await rollOut('1.0.0', { env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } });
    expect(run.code).toBe(1);
    expect(run.outputs).toMatchObject({ outcome: 'refused' });
    expect(run.outputs.changed).toBeUndefined();
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatch(/the Docker Engine does not answer.*\nStart the engine/s);
  });

  test('the proxy is not running', async () => {
    const run = await rollOut('1.0.0');
    expect(run.outputs).toMatchObject({ outcome: 'refused' });
    expect(run.errors[0]).toContain(
      'the proxy service "nginx" is not running: start it with docker compose up -d nginx',
    );
    expect((await stage.observe()).containers.backend).toEqual([]);
  });

  test('no digest is known', async () => {
    const run = await action('rollout', { version: '1.0.0' });
    expect(run.outputs).toMatchObject({ outcome: 'refused' });
    expect(run.errors[0]).toContain('no digest is known for backend, frontend');
  });
});

describe('with the proxy running', () => {
  beforeAll(() => stage.startProxy(), 60_000);

  test('a dry run prints the plan and changes nothing', async () => {
    const run = await action('rollout', {
      version: '1.0.0',
      images: images['1.0.0'] ?? '',
      'dry-run': 'true',
    });
    expect(run).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
    expect(run.stdout).toContain('start 2 new next to 0 old');
    expect(run.outputs.summary).toMatch(/^Dry run: 2 services/);
    expect(run.outputs.changed).toBeUndefined();
    expect((await stage.observe()).containers.backend).toEqual([]);
  }, 300_000);

  test('a first release is rolled out, and taken away again when it is given up', async () => {
    const out = await rollOut('1.0.0');
    expect(out).toMatchObject({ code: 0, outputs: { outcome: 'passed', changed: 'true' }, errors: [] });
    expect(JSON.parse(out.outputs.previous ?? '')).toEqual({ backend: null, frontend: null });
    expect(await serving()).toEqual(['1.0.0']);
    const back = await action('rollback', {});
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect((await stage.observe()).containers).toEqual({ backend: [], frontend: [] });
  }, 300_000);

  test('a release and its rollback lose no request; running either again changes nothing', async () => {
    await release('1.0.0', '2');
    const prober = startProber(stage.api, 40);
    const out = await rollOut('2.0.0');
    expect(out).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    const ids = (await stage.observe()).containers;
    expect(await rollOut('2.0.0')).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect((await stage.observe()).containers).toEqual(ids);
    expect(await serving()).toEqual(['2.0.0']);

    const back = await action('rollback', {});
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed', changed: 'true' } });
    expect(await serving()).toEqual(['1.0.0']);
    // Nothing was migrated by Slipway here.
    expect(back.outputs.summary).toContain(
      'Whether 1.0.0 can run on the schema is unknown: the database has no table slipway_migrations.',
    );
    expect(back.stdout).toMatch(/^::warning title=Schema compatibility is unknown::Whether 1\.0\.0 can /m);
    expect(await action('rollback', {})).toMatchObject({
      code: 0,
      outputs: { outcome: 'skipped', changed: 'false' },
    });
    expect((await prober.stop()).kinds).toEqual({});
  }, 300_000);

  test('a crash at start fails fast, says why, and the frontend is never touched', async () => {
    const before = (await stage.observe()).containers;
    const run = await rollOut('3.0.0');
    expect(run).toMatchObject({ code: 1, outputs: { outcome: 'failed', changed: 'true' } });
    expect(run.errors).toHaveLength(1);
    expect(run.errors[0]).toMatch(/^backend 3\.0\.0 was not rolled out: .* keeps crashing at start/);
    expect(run.errors[0]).toContain('old version still serving: yes, 2/2 routed by the proxy and listening');
    expect(run.errors[0]).toContain('Configuration validation failed');
    expect((await stage.observe()).containers).toEqual(before);
    expect(await action('rollback', {})).toMatchObject({
      code: 0,
      outputs: { outcome: 'passed', changed: 'false' },
    });
  }, 300_000);

  // Lines of the log that mark the points at which a step is killed.
  test.each(['0/2 new ready', '2/2 new ready', 'backend: 2 running', 'frontend: 0/1 new ready'])(
    'killed at "%s", the rollback finds everything on the target, and a second run goes through',
    async (line) => {
      const prober = startProber(stage.api, 20);
      const killed = await rollOut('2.0.0', {
        started: (child) => {
          let text = '';
          child.stdout?.on('data', (chunk) => {
            text += chunk;
            if (text.includes(line)) child.kill('SIGKILL');
          });
        },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(killed.outputs.changed).toBe('true');
      expect(await action('rollback', {})).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
      expect(await serving()).toEqual(['1.0.0']);
      expect(await rollOut('2.0.0', runOf('5'))).toMatchObject({ code: 0 });
      expect(await serving()).toEqual(['2.0.0']);
      expect((await stage.observe()).containers.backend).toHaveLength(2);
      await action('rollback', {}, runOf('5'));
      expect((await prober.stop()).kinds).toEqual({});
    },
    180_000,
  );

  test('cancelled by SIGINT it ends at once with one error', async () => {
    const run = await rollOut('2.0.0', {
      started: (child) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('new ready')) child.kill('SIGINT');
        });
      },
    });
    expect(run).toMatchObject({ code: 1, outputs: { outcome: 'failed', changed: 'true' } });
    expect(run.errors[0]).toMatch(/^rollout was cancelled/);
    // In the run of the release nothing is asked of the database.
    const back = await action('rollback', { release: run.outputs.release ?? '' });
    expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect(back.outputs.summary).not.toContain('unknown');
    expect(await serving()).toEqual(['1.0.0']);
  }, 300_000);

  test('a rollback is not refused for what is wrong with the new checkout', async () => {
    await release('2.0.0', '7');
    expect(await serving()).toEqual(['2.0.0']);
    const file = path.join(stage.repository.dir, 'docker-compose.prod.yml');
    const written = await readFile(file, 'utf8');
    const docker = (...args: string[]): Promise<string> =>
      execOrThrow(`run docker ${args[0]}`, ['docker', ...args], { env: stage.engine.env });
    try {
      const port = await findFreePort();
      const keys = `container_name: backend-${stage.project}\n    ports: ["127.0.0.1:${port}:8000"]`;
      await writeFile(file, written.replace('  backend:\n', `  backend:\n    ${keys}\n`));
      const labels = [`com.docker.compose.project=${stage.project}`, 'com.docker.compose.service=nginx'];
      const filters = labels.flatMap((one) => ['--filter', `label=${one}`]);
      await docker('stop', (await docker('ps', '--quiet', ...filters)).trim());
      const refused = await rollOut('3.0.0', runOf('8'));
      expect(refused).toMatchObject({ code: 1, errors: [expect.stringContaining('container_name')] });
      expect(refused.outputs.changed).toBeUndefined();
      const back = await action('rollback', { to: 'previous' });
      expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed', changed: 'true' } });
      expect(await serving()).toEqual(['1.0.0']);
      expect((await stage.observe()).containers.backend).toHaveLength(2);
    } finally {
      await writeFile(file, written);
    }
  }, 300_000);

  test('no secret is printed or saved on the target', async () => {
    const run = await release('2.0.0', '3');
    expect(run).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    const docker = async (...args: string[]): Promise<string> =>
      (await execOrThrow('ask docker', ['docker', ...args], { env: stage.engine.env })).trim();
    const volumes = (await docker('volume', 'ls', '--quiet')).split('\n');
    const saved = await docker('volume', 'inspect', ...volumes);
    const printed =
      run.stdout.replace(/^::add-mask::.*$/gm, '') + run.stderr + run.summary + JSON.stringify(run.outputs);
    const secrets = Object.values(stage.secrets);
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(printed + saved).not.toContain(secret);
  }, 300_000);

  test('a new run of what is older than the proven release is refused, and does not migrate first', async () => {
    await release('2.0.0', '3');
    const of = { id: '1.0.0-10', app: 'docsense', environment: 'demo', version: '1.0.0', commit: '' };
    const [startedAt, endedAt] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'];
    const built = { name: 'build-push', outcome: 'passed' as const, summary: 's', startedAt, endedAt };
    const record = encodeRecord({ ...beginRelease(of), phases: [built] });
    const migration = await action('db-migrate', { version: '1.0.0', release: record }, runOf('10'));
    for (const refused of [migration, await release('1.0.0', '10')]) {
      expect(refused).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
      expect(refused.errors[0]).toContain('release 2.0.0 (2.0.0-3) is proven on the target and newer');
    }
    expect(await serving()).toEqual(['2.0.0']);
  }, 300_000);

  test('a proven release that no longer serves is not taken for one that does', async () => {
    await release('2.0.0', '3');
    const { project, engine } = stage;
    const filter = `label=com.docker.compose.project=${project}`;
    const service = 'label=com.docker.compose.service=frontend';
    const list = ['docker', 'ps', '--quiet', '--filter', filter, '--filter', service] as const;
    const remove = async (): Promise<void> => {
      const listed = await execOrThrow('list the containers', [...list], { env: engine.env });
      const ids = listed.trim().split('\n');
      await execOrThrow('remove the containers', ['docker', 'rm', '--force', ...ids], { env: engine.env });
    };
    await remove();
    const again = await release('2.0.0', '3');
    expect(again).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
    expect(again.errors[0]).toMatch(
      /^2\.0\.0 is proven, but frontend \(nginx routes .*\) no longer serves it/,
    );
    const before = await action('rollback', { to: 'unfinished' }, runOf('12'));
    expect(before).toMatchObject({ code: 0, outputs: { reason: 'nothing-to-do', verified: 'false' } });
    expect(before.outputs.summary).toMatch(/frontend \(nginx routes .*\) no longer serves it/);

    const restored = await action('rollback', { to: '2.0.0' }, runOf('13'));
    expect(restored).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back' } });
    expect(restored.outputs.summary).toMatch(/^2\.0\.0, which is proven, was restored in .* serves again/);
    const serves = await action('rollback', { to: '2.0.0' }, runOf('13'));
    expect(serves.outputs).toMatchObject({ reason: 'nothing-to-do', verified: 'true' });
    expect(await release('2.0.0', '3')).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });

    await remove();
    const renewed = await release('2.0.0', '11');
    expect(renewed).toMatchObject({ code: 0, errors: [], outputs: { outcome: 'passed' } });
    expect(await release('2.0.0', '11')).toMatchObject({ code: 0, outputs: { outcome: 'skipped' } });
  }, 300_000);
});
