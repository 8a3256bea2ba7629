import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseState, type ReleaseEvent, type TargetState } from '@slipway/release';
import { acquireLease, type LeaseKeeper } from '../../../packages/transaction/src/lease-keeper.ts';
import { TargetOvertaken } from '../../../packages/transaction/src/target-errors.ts';
import { readState, Transaction } from '../../../packages/transaction/src/transaction.ts';
import { memoryStore } from '../../support/memory-store.ts';

let memory: ReturnType<typeof memoryStore>;
let warned: string[];
let leases: LeaseKeeper[];

beforeEach(() => {
  memory = memoryStore();
  warned = [];
  leases = [];
});
afterEach(async () => {
  for (const one of leases) await one.end('free');
});

const scope = { app: 'shop', environment: 'production' };
const options = () => ({
  store: memory.store,
  scope,
  clock: memory.clock,
  signal: new AbortController().signal,
  log: { warn: (line: string) => warned.push(line) },
});

/** As a run that takes the target, from whoever holds it. */
async function hold(run: string, attempt = '1'): Promise<Transaction> {
  const { clock, signal } = options();
  const of = { config: { app: scope.app }, environment: scope.environment, clock, signal };
  const { fence } = await readState(of, memory.store);
  const lease = await acquireLease({
    ...options(),
    holder: { run, attempt, job: '', runner: '', actor: '', url: '' },
    fence,
    takeOver: true,
    isRunOver: async () => false,
    waitMs: 0,
    log: { info: () => undefined },
  });
  leases.push(lease);
  return Transaction.begin(options(), lease);
}

const begin = (version: string): ReleaseEvent => ({
  kind: 'begin',
  release: {
    id: `${version}-1`,
    version,
    commit: 'c0ffee',
    run: { id: '1', attempt: '1', actor: '', url: '' },
  },
  isOlder: false,
  allowDowngrade: false,
});
const written = (): TargetState => parseState(memory.store.state.text ?? '', scope.app, scope.environment);
const versions = (): string[] => written().releases.map(({ version }) => version);

describe('a holder that was overtaken', () => {
  test('writes nothing more, from the moment on in which the other one began', async () => {
    const first = await hold('1');
    await first.send(begin('1.0.0'));
    await hold('2');
    const { writes } = memory.store.state;
    await expect(first.send({ kind: 'give-up', id: '1.0.0-1' })).rejects.toThrow(TargetOvertaken);
    await expect(first.assertHeld()).rejects.toThrow(TargetOvertaken);
    expect(memory.store.state.writes).toBe(writes);
    expect(written()).toMatchObject({ fence: 2, releases: [{ phase: 'begun' }] });
  });

  test('does not write what it had decided before the other one began', async () => {
    const first = await hold('1');
    const before = memory.store.state.text ?? '';
    memory.store.state.interfere = () =>
      memory.store.state.set(JSON.stringify({ ...JSON.parse(before), fence: 2, writer: 'another' }));
    await expect(first.send(begin('1.0.0'))).rejects.toThrow(TargetOvertaken);
    expect(versions()).toEqual([]);
  });
});

describe('a later attempt of a run', () => {
  test('is noted in its releases, so that an earlier one changes nothing once the lease is free', async () => {
    await (await hold('1')).send(begin('1.0.0'));
    await hold('1', '2');
    expect(written().releases[0]?.run.attempt).toBe('2');
    await leases.pop()?.end('free');
    await expect(hold('1')).rejects.toThrow('attempt 2 of this run works on the target');
    expect(written().fence).toBe(2);
  });

  test('is of no interest to another run', async () => {
    await (await hold('1', '2')).send(begin('1.0.0'));
    await leases.pop()?.end('free');
    await hold('2');
    expect(written()).toMatchObject({ fence: 2, releases: [{ run: { attempt: '1' } }] });
  });
});

test('an event whose answer was lost is written once', async () => {
  const transaction = await hold('1');
  const { writes } = memory.store.state;
  memory.store.state.interfere = 'lose-answer';
  expect(await transaction.send(begin('1.0.0'))).toMatchObject({ kind: 'changed' });
  expect(memory.store.state.writes).toBe(writes + 1);
  expect(versions()).toEqual(['1.0.0']);
});

test('an event is decided again on what was written since', async () => {
  const transaction = await hold('1');
  await transaction.send(begin('1.0.0'));
  memory.store.state.interfere = () => {
    const text = memory.store.state.text ?? '';
    memory.store.state.set(text.replace('"phase":"begun"', '"phase":"migrated"'));
  };
  await transaction.send({ kind: 'give-up', id: '1.0.0-1' });
  expect(written().releases).toMatchObject([{ phase: 'failed' }]);
});

test('what the protocol does not allow is said with the phase that the target has', async () => {
  const transaction = await hold('1');
  await transaction.send(begin('1.0.0'));
  const { writes } = memory.store.state;
  await expect(transaction.send({ kind: 'proven', id: '1.0.0-1' })).rejects.toThrow(
    'the state on the target does not allow "proven" now: it has release 1.0.0-1 as "begun"',
  );
  expect(memory.store.state.writes).toBe(writes);
});

test('an entry that cannot be read is named when it is written over', async () => {
  await (await hold('1')).send(begin('1.0.0'));
  const state = JSON.parse(memory.store.state.text ?? '');
  memory.store.state.set(JSON.stringify({ ...state, releases: [...state.releases, { id: '0.9.0-1' }] }));
  await hold('2');
  expect(warned).toEqual([
    expect.stringMatching(/^the state .* has an entry that cannot be read: release 0\.9\.0-1/),
  ]);
  expect(versions()).toEqual(['1.0.0']);
});
