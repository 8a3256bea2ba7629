import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { StateStore } from '@slipway/platform';
import {
  canStartSpareEngine,
  execOrThrow,
  importImage,
  provision,
  type SpareEngine,
  startSpareEngine,
} from '@slipway/test-services';
import { openStore } from '../support/open-store.ts';

/** The rows of the table "What survives what" in docs/compose.md, on an engine that no other test has. */
const onSpareEngine = canStartSpareEngine() ? describe : describe.skip;

onSpareEngine('the state on the engine (needs root and dockerd)', () => {
  let engine: SpareEngine;
  let folder: string;
  let store: StateStore;
  let written: string;

  beforeAll(async () => {
    await provision(['engine', 'compose'], () => {});
    engine = await startSpareEngine();
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-project-'));
    const target = { name: 'compose' as const, config: { files: ['compose.yaml'], project: 'shop' } };
    store = await openStore({ target, env: engine.env });
  }, 300_000);

  afterAll(async () => {
    await engine?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 120_000);

  beforeEach(async () => {
    written = `written at ${performance.now()}`;
    for (const register of [store.state, store.lease]) {
      const present = await register.read();
      expect(await register.replace(written, present?.version ?? null)).toBe('replaced');
    }
    await store.saveDocument('1.0.0-1', 'compose.yaml', written);
  });

  const docker = (...args: string[]): Promise<string> =>
    execOrThrow(`run docker ${args[0]}`, ['docker', ...args], { env: engine.env, cwd: folder });

  async function expectAll(): Promise<void> {
    expect((await store.state.read())?.text).toBe(written);
    expect((await store.lease.read())?.text).toBe(written);
    expect(await store.readDocument('1.0.0-1', 'compose.yaml')).toBe(written);
  }

  /** A volume that the same command deletes, so that a command that does nothing proves nothing. */
  const exists = (volume: string): Promise<boolean> =>
    docker('volume', 'ls', '--quiet').then((names) => names.split('\n').includes(volume));

  test.each<[string, string[]]>([
    ['docker system prune -af --volumes', ['system', 'prune', '--all', '--force', '--volumes']],
    ['docker volume prune -f', ['volume', 'prune', '--force']],
  ])(
    'survives %s',
    async (_what, command) => {
      const anonymous = (await docker('volume', 'create')).trim();
      await docker(...command);
      expect(await exists(anonymous)).toBe(false);
      await expectAll();
    },
    60_000,
  );

  test('survives docker volume prune -af, where the engine knows it', async () => {
    await docker('volume', 'create', 'named');
    const version = (await docker('version', '--format', '{{.Server.APIVersion}}')).trim();
    // Before API 1.42, without --all, named volumes were pruned as well.
    const all = Number(version.split('.')[1]) >= 42 ? ['--all'] : [];
    await docker('volume', 'prune', '--force', ...all);
    expect(await exists('named')).toBe(false);
    await expectAll();
  }, 60_000);

  test('survives docker compose down -v of its project', async () => {
    await importImage(engine, 'local/sleep:1', {
      programs: ['sleep'],
      config: { cmd: ['sleep', '300'] },
    });
    const service = { image: 'local/sleep:1', network_mode: 'none', volumes: ['data:/data'] };
    await writeFile(
      path.join(folder, 'compose.yaml'),
      JSON.stringify({ name: 'shop', services: { web: service }, volumes: { data: {} } }),
    );
    await docker('compose', 'up', '--detach');
    expect(await exists('shop_data')).toBe(true);
    await docker('compose', 'down', '--volumes', '--rmi', 'all', '--remove-orphans', '--timeout', '0');
    expect(await exists('shop_data')).toBe(false);
    await expectAll();
  }, 120_000);

  test('survives an engine that is killed and started again', async () => {
    await engine.crash();
    await expectAll();
    const present = await store.state.read();
    expect(await store.state.replace('after the crash', present?.version ?? null)).toBe('replaced');
  }, 120_000);

  test('does not survive the deletion of every volume that no container uses', async () => {
    const dangling = await docker('volume', 'ls', '--quiet', '--filter', 'dangling=true');
    await docker('volume', 'rm', ...dangling.split('\n').filter(Boolean));
    expect(await store.state.read()).toBeNull();
    expect(await store.lease.read()).toBeNull();
    expect(await store.readDocument('1.0.0-1', 'compose.yaml')).toBeNull();
  }, 60_000);
});
