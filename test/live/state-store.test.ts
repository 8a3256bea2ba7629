import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StateStore } from '@slipway/platform';
import { type Engine, execOrThrow, provision, startEngine } from '@slipway/test-services';
import { loseFirstAnswer, openStore, type StoreLocation } from '../support/open-store.ts';
import { runWriters } from '../support/store-writers.ts';

let engine: Engine;
let locations: StoreLocation[] = [];

beforeAll(async () => {
  await provision(['engine', 'compose'], () => {});
  engine = await startEngine(() => {});
}, 300_000);

afterAll(async () => {
  for (const { app = '' } of locations) await removeVolumes(app);
  await engine.stop();
}, 60_000);

const docker = (...args: string[]): Promise<string> =>
  execOrThrow('run docker', ['docker', ...args], { env: engine.env });

const volumes = async (app: string): Promise<string[]> =>
  (await docker('volume', 'ls', '--quiet', '--filter', `name=slipway-${app}-`)).split('\n').filter(Boolean);

async function removeVolumes(app: string): Promise<void> {
  const names = await volumes(app);
  if (names.length > 0) await docker('volume', 'rm', ...names);
}

/** An application that no other test has. */
function location(): StoreLocation & { app: string } {
  const app = `store${randomBytes(4).toString('hex')}`;
  const made = {
    target: { name: 'compose' as const, config: { files: ['compose.yaml'] } },
    env: engine.env,
    app,
  };
  locations = [...locations, made];
  return made;
}

test('of twenty processes at the same moment one writes the first value, and no later write is lost', async () => {
  const at = location();
  const results = await runWriters(Array.from({ length: 20 }, () => ({ location: at, act: 'race' })));
  expect(results.toSorted()).toEqual([...Array.from({ length: 19 }, () => 'conflict'), 'replaced']);
  const { state } = await openStore(at);
  expect(await state.read()).toMatchObject({
    text: expect.stringMatching(/^40 by /),
    version: expect.stringMatching(/^41\./),
  });
  expect((await volumes(at.app)).length).toBeLessThanOrEqual(17);
}, 600_000);

describe('a register on the engine', () => {
  let at: StoreLocation & { app: string };
  let store: StateStore;
  beforeAll(async () => {
    at = location();
    store = await openStore(at);
  });

  test('is empty before the first write, and has what was written last', async () => {
    expect(await store.state.read()).toBeNull();
    expect(await store.state.replace('one', null)).toBe('replaced');
    const first = await store.state.read();
    expect(await store.state.replace('two', first?.version ?? null)).toBe('replaced');
    expect((await store.state.read())?.text).toBe('two');
    expect(await store.lease.read()).toBeNull();
  });

  test('refuses a version that is no longer the newest, and changes nothing', async () => {
    const before = await store.state.read();
    expect(await store.state.replace('late', null)).toBe('conflict');
    expect(await store.state.replace('late', '1.somebody')).toBe('conflict');
    expect(await store.state.replace('late', 'nonsense')).toBe('conflict');
    expect(await store.state.read()).toEqual(before);
  });

  test('refuses a writer that was held up until its number was pruned', async () => {
    const { state } = await openStore(at);
    const old = await state.read();
    for (let at = 0; at < 20; at++) await state.replace(`later ${at}`, (await state.read())?.version ?? null);
    const names = await volumes(at.app);
    expect(names.some((name) => name.endsWith('-state-3'))).toBe(false);
    expect(await state.replace('late', old?.version ?? null)).toBe('conflict');
    expect((await state.read())?.text).toBe('later 19');
    expect(await volumes(at.app)).toEqual(names);
  }, 60_000);

  test('has the value of a writer that was killed before it could look', async () => {
    expect(await runWriters([{ location: at, act: 'die' }])).toEqual([null]);
    const left = await store.state.read();
    expect(left?.text).toBe('dead');
    expect(await store.state.replace('alive', left?.version ?? null)).toBe('replaced');
  }, 60_000);

  test('knows its own value when the answer of the engine was lost', async () => {
    const { state } = await openStore(at, (exec) => loseFirstAnswer(exec, ['create'], 'sent'));
    const before = await state.read();
    expect(await state.replace('unanswered', before?.version ?? null)).toBe('replaced');
    expect((await store.state.read())?.text).toBe('unanswered');
  });

  test('says that it does not know when neither the answer nor the value is there', async () => {
    const { state } = await openStore(at, (exec) => loseFirstAnswer(exec, ['create'], 'unsent'));
    const before = await state.read();
    await expect(state.replace('unsent', before?.version ?? null)).rejects.toThrow(
      `cannot write the state of ${at.app} in production on the engine: the command timed out`,
    );
    expect(await store.state.read()).toEqual(before);
  });

  test('holds a value that is larger than one argument of a command may be', async () => {
    const text = randomBytes(300_000).toString('base64');
    const before = await store.state.read();
    expect(await store.state.replace(text, before?.version ?? null, 'a large one')).toBe('replaced');
    expect((await store.state.read())?.text).toBe(text);
  });

  test('names the volume whose content is damaged, and has the value before it once that is deleted', async () => {
    const other = location();
    const register = (await openStore(other)).state;
    await register.replace('good', null);
    const [good = ''] = await volumes(other.app);
    const damaged = good.replace(/-1$/, '-2');
    const labels = [`register=${good.replace(/-1$/, '')}`, 'nonce=n', 'replaced=m', 'text.0=H4sIdamaged'];
    await docker('volume', 'create', ...labels.flatMap((one) => ['--label', `dev.slipway.${one}`]), damaged);
    await expect(register.read()).rejects.toMatchObject({
      message: expect.stringContaining(`in the volume ${damaged} on the target: its content is damaged`),
      hint: expect.stringContaining(`docker volume rm ${damaged}`),
    });
    await docker('volume', 'rm', damaged);
    const read = await register.read();
    expect(read?.text).toBe('good');
    expect(await register.replace('better', read?.version ?? null)).toBe('replaced');
  });

  test('fails when the engine does not answer', async () => {
    const { state } = await openStore({ ...at, env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } });
    await expect(state.read()).rejects.toThrow(
      `cannot read the state of ${at.app} in production on the engine`,
    );
    await expect(state.replace('x', null)).rejects.toThrow('cannot read the state');
  });
});

test('the same application in another project, and another environment, has its own state', async () => {
  const at = location();
  const target = { name: 'compose' as const, config: { files: ['compose.yaml'], project: 'other' } };
  const stores = [await openStore(at), await openStore({ ...at, environment: 'staging' })];
  const elsewhere = await openStore({ ...at, target });
  for (const [id, { state }] of stores.entries())
    expect(await state.replace(String(id), null)).toBe('replaced');
  expect((await stores[0]?.state.read())?.text).toBe('0');
  expect(await elsewhere.state.read()).toBeNull();
});

test('the clock of the engine is the one of its machine', async () => {
  const { now } = await openStore(location());
  const before = Date.now();
  const read = (await now()).getTime();
  expect(read).toBeGreaterThanOrEqual(before - 1000);
  expect(read).toBeLessThanOrEqual(Date.now() + 1000);
});

describe('documents', () => {
  test('are replaced, and are deleted with their release', async () => {
    const at = location();
    const store = await openStore(at);
    await store.saveDocument('1.0.0-1', 'compose.yaml', 'first');
    await store.saveDocument('1.0.0-1', 'compose.yaml', 'second');
    await store.saveDocument('1.0.0-1', 'log', 'a log');
    await store.saveDocument('2.0.0-1', 'compose.yaml', 'other');
    expect(await store.readDocument('1.0.0-1', 'compose.yaml')).toBe('second');
    expect(await store.readDocument('1.0.0-1', 'none')).toBeNull();
    await store.pruneDocuments(['2.0.0-1']);
    expect(await store.readDocument('1.0.0-1', 'compose.yaml')).toBeNull();
    expect(await store.readDocument('1.0.0-1', 'log')).toBeNull();
    expect(await store.readDocument('2.0.0-1', 'compose.yaml')).toBe('other');
    await store.pruneDocuments([]);
    expect(await volumes(at.app)).toEqual([]);
  });

  test('are refused when they are too large', async () => {
    const store = await openStore(location());
    const text = randomBytes(1_000_000).toString('base64');
    await expect(store.saveDocument('1.0.0-1', 'log', text)).rejects.toThrow(
      'cannot save the document log of release 1.0.0-1 on the target: it is too large',
    );
  });
});
