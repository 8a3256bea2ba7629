import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '@slipway/kernel';
import { encodeLease, type Lease, type LeaseHolder, parseLease, silentAfterMs } from '@slipway/release';
import {
  acquireLease,
  type LeaseKeeper,
  type LeaseRequest,
} from '../../../packages/transaction/src/lease-keeper.ts';
import { TargetLocked, TargetOvertaken } from '../../../packages/transaction/src/target-errors.ts';
import { memoryStore } from '../../support/memory-store.ts';

let memory: ReturnType<typeof memoryStore>;
let said: string[];
let leases: LeaseKeeper[];

beforeEach(() => {
  memory = memoryStore();
  said = [];
  leases = [];
});
afterEach(async () => {
  memory.store.lease.isAway = false;
  for (const one of leases) await one.end('free');
});

const holder = (run: string, attempt = '1'): LeaseHolder => ({
  run,
  attempt,
  job: 'release',
  runner: '',
  actor: 'sam',
  url: `https://x/${run}`,
});

async function acquire(run: string, given: Partial<LeaseRequest> = {}): Promise<LeaseKeeper> {
  const lease = await acquireLease({
    store: memory.store,
    holder: holder(run),
    fence: 0,
    takeOver: false,
    isRunOver: async () => false,
    waitMs: 60_000,
    clock: memory.clock,
    signal: new AbortController().signal,
    log: { info: (line) => said.push(String(line)) },
    ...given,
  });
  leases.push(lease);
  return lease;
}

const read = (): Lease | null => parseLease(memory.store.lease.text ?? '');
const at = (ms: number): string => new Date(ms).toISOString();

/** As another run that has written its lease at this moment. */
function heldBy(run: string, fence: number): void {
  const [since, renewedAt] = [at(memory.time.ms), at(memory.time.ms)];
  memory.store.lease.set(
    encodeLease({ schema: 1, fence, holder: holder(run), since, renewedAt, idle: false, writer: run }),
  );
}

describe('a lease that another run holds', () => {
  test('is waited for until it expires', async () => {
    heldBy('1', 4);
    const lease = await acquire('2', { waitMs: 180_000 });
    // In the first seconds after its two minutes.
    expect(read()?.since).toMatch(/^1970-01-01T00:02:0/);
    expect(read()).toMatchObject({ fence: 5, holder: holder('2') });
    expect(lease.fence).toBe(5);
    expect(said).toEqual([
      'waiting for the lease of the target: run 1, attempt 1, job release, started by sam holds it',
    ]);
  });

  test('is not taken while it is renewed, and its holder is named', async () => {
    heldBy('1', 4);
    memory.time.onSleep = () => heldBy('1', 4);
    const refused = acquire('2', { waitMs: 180_000 });
    await expect(refused).rejects.toThrow(TargetLocked);
    await expect(refused).rejects.toThrow(
      /^the target is locked by run 1, attempt 1, job release, started by sam \(https:\/\/x\/1\) since 00:0\d:\d\d UTC/,
    );
    expect(memory.time.ms).toBe(180_000);
    expect(read()).toMatchObject({ fence: 4, holder: holder('1') });
  });

  test('is taken over at once', async () => {
    heldBy('1', 7);
    expect((await acquire('2', { takeOver: true })).fence).toBe(8);
    expect(memory.time.ms).toBe(0);
  });

  test('is taken when that run is over, once its machine is silent', async () => {
    heldBy('1', 7);
    expect((await acquire('2', { isRunOver: async () => true })).fence).toBe(8);
    // In the first seconds after the last renewal could have been noticed.
    expect(silentAfterMs).toBe(30_000);
    expect(read()?.since).toMatch(/^1970-01-01T00:00:3/);
    expect(said.at(-1)).toBe(
      'took the lease of the target: run 1, attempt 1, job release, started by sam, is over',
    );
  });

  test('is refused at once to an earlier attempt of that run', async () => {
    heldBy('1', 4);
    const later = await acquire('1', { holder: holder('1', '2'), waitMs: 60_000 });
    await later.end('hold');
    await expect(acquire('1')).rejects.toThrow('attempt 2 of this run works on the target');
  });

  test('is not taken from a run that came in while the one before it was asked about', async () => {
    heldBy('1', 4);
    const isRunOver = async ({ run }: LeaseHolder): Promise<boolean> => {
      if (run === '1') heldBy('3', 5);
      return run === '1';
    };
    await expect(acquire('2', { isRunOver, waitMs: 0 })).rejects.toThrow(/locked by run 3/);
    expect(read()).toMatchObject({ fence: 5, holder: holder('3') });
  });
});

test('a lease is taken once although the answer to its write was lost', async () => {
  memory.store.lease.interfere = 'lose-answer';
  expect((await acquire('2')).fence).toBe(1);
  expect(memory.store.lease.writes).toBe(1);
});

test('a lease that somebody else took a moment before is waited for', async () => {
  memory.store.lease.interfere = () => heldBy('1', 1);
  await expect(acquire('2', { waitMs: 5000 })).rejects.toThrow(/locked by run 1/);
});

describe('before a change', () => {
  test('a lease that may have expired is renewed, and a fresh one is not', async () => {
    const lease = await acquire('1');
    memory.time.ms = 90_000;
    await lease.assertFresh();
    expect(read()?.renewedAt).toBe(at(0));
    memory.time.ms = 110_000;
    await lease.assertFresh();
    expect(read()?.renewedAt).toBe(at(110_000));
  });

  test('a holder that was overtaken stops, and leaves the lease of the other alone', async () => {
    const lease = await acquire('1');
    memory.time.ms = 110_000;
    heldBy('2', 2);
    const { writes } = memory.store.lease;
    await expect(lease.assertFresh()).rejects.toThrow(TargetOvertaken);
    expect(lease.overtaken.aborted).toBe(true);
    await lease.end('free');
    expect(memory.store.lease.writes).toBe(writes);
  });

  test('a holder whose target does not answer stops as soon as others may hold it', async () => {
    const lease = await acquire('1');
    memory.store.lease.isAway = true;
    memory.time.ms = 90_000;
    await lease.assertFresh();
    memory.time.ms = 110_000;
    const stopped = await lease.assertFresh().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(stopped).toBeInstanceOf(Fault);
    expect(stopped).not.toBeInstanceOf(TargetOvertaken);
    expect(String(stopped)).toMatch(/could not be renewed for 1 min 40 s.*no answer/);
  });
});

test('afterwards the lease is free, or lives on for the next step of the run', async () => {
  await (await acquire('1')).end('hold');
  memory.time.ms = 60_000;
  const next = await acquire('1');
  expect(read()).toMatchObject({ fence: 2, since: at(0), renewedAt: at(60_000) });
  await next.end('free');
  expect(read()).toMatchObject({ fence: 2, holder: null });
  expect((await acquire('2')).fence).toBe(3);
});
