import { describe, expect, test } from '@jest/globals';
import {
  encodeLease,
  freeLease,
  type Lease,
  type LeaseClaim,
  type LeaseHolder,
  leaseDurationMs,
  parseLease,
  renewLease,
  retainLease,
  silentAfterMs,
  takeLease,
} from '../../../packages/release/src/index.ts';

const start = new Date('2026-11-24T00:00:00.000Z');
const later = (ms: number) => new Date(start.getTime() + ms);
const holder = (run: string, attempt = '1', job = 'release', runner = 'a'): LeaseHolder => ({
  run,
  attempt,
  job,
  runner,
  actor: 'sam',
  url: '',
});
const lease = (changes: Partial<Lease> = {}): Lease => ({
  schema: 1,
  fence: 4,
  holder: holder('1'),
  since: start.toISOString(),
  renewedAt: start.toISOString(),
  idle: false,
  writer: 'w',
  ...changes,
});
const request: LeaseClaim = { holder: holder('2'), now: later(1000), fence: 4, writer: 'x', takeOver: false };

describe('the lease is taken', () => {
  test.each<[string, Lease | null, Partial<LeaseClaim>, Partial<Lease>]>([
    ['when there is none', null, {}, { fence: 5, holder: holder('2') }],
    ['above the fence of the state, when it was lost', null, { fence: 9 }, { fence: 10 }],
    ['when it is free', lease({ holder: null }), {}, { fence: 5, since: later(1000).toISOString() }],
    ['when it has expired', lease(), { now: later(leaseDurationMs) }, { fence: 5, holder: holder('2') }],
    ['when it is taken over', lease(), { takeOver: true }, { fence: 5, holder: holder('2') }],
    [
      'by the next step of the same job, since the first one',
      lease(),
      { holder: holder('1') },
      { fence: 5, since: start.toISOString(), renewedAt: later(1000).toISOString() },
    ],
    [
      'by a later attempt of the same run, between two steps',
      lease({ idle: true }),
      { holder: holder('1', '2') },
      { holder: holder('1', '2'), idle: false },
    ],
    [
      'by another job of the same run, when its holder is silent',
      lease(),
      { holder: holder('1', '1', 'rescue'), now: later(silentAfterMs) },
      { holder: holder('1', '1', 'rescue'), since: start.toISOString() },
    ],
    [
      'when the run of its holder is over, and it is silent',
      lease(),
      { over: holder('1'), now: later(silentAfterMs) },
      { fence: 5, holder: holder('2') },
    ],
    [
      'when its times lie in the future, further than it can live',
      lease({ renewedAt: later(leaseDurationMs + 1000).toISOString() }),
      {},
      { fence: 5 },
    ],
  ])('%s', (_, current, changes, expected) => {
    const decision = takeLease(current, { ...request, ...changes });
    expect(decision).toMatchObject({ kind: 'taken', lease: { writer: 'x', ...expected } });
  });

  test.each<[string, Lease, Partial<LeaseClaim>]>([
    ['while it lives', lease(), {}],
    ['until the last moment', lease(), { now: later(leaseDurationMs - 1) }],
    [
      'not even by another job of the same run, while its holder is at work',
      lease(),
      { holder: holder('1', '1', 'rescue'), now: later(silentAfterMs - 1) },
    ],
    [
      'not even by a job of the same matrix, which runs on another machine',
      lease(),
      { holder: holder('1', '1', 'release', 'b') },
    ],
    [
      'although GitHub says that the run of its holder is over, while that is at work',
      lease(),
      { over: holder('1') },
    ],
    ['although another run is over', lease({ idle: true }), { over: holder('3') }],
    [
      'when the clock of the target was set back a little',
      lease({ renewedAt: later(5000).toISOString() }),
      {},
    ],
  ])('by nobody else %s', (_, current, changes) => {
    expect(takeLease(current, { ...request, ...changes })).toEqual({
      kind: 'locked',
      holder: holder('1'),
      since: start,
      expiresAt: new Date(Date.parse(current.renewedAt) + leaseDurationMs),
    });
  });

  test.each<[string, Lease, Partial<LeaseClaim>]>([
    ['holds it', lease({ holder: holder('1', '10') }), {}],
    ['has left it', lease({ holder: holder('1', '10'), idle: true }), { now: later(leaseDurationMs) }],
    ['holds it, whatever its inputs say', lease({ holder: holder('1', '10') }), { takeOver: true }],
  ])('by no earlier attempt when a later one %s', (_, current, changes) => {
    expect(takeLease(current, { ...request, holder: holder('1', '9'), ...changes })).toEqual({
      kind: 'superseded',
      holder: holder('1', '10'),
    });
  });

  test('and whoever was overtaken is named; a run does not overtake itself', () => {
    expect(takeLease(lease(), { ...request, takeOver: true })).toMatchObject({ overtaken: holder('1') });
    expect(takeLease(lease(), { ...request, holder: holder('1') })).toMatchObject({ overtaken: null });
  });
});

describe('the holder of a lease', () => {
  test('renews it, with the time of the target', () => {
    expect(renewLease(lease(), 4, later(20_000), 'y')).toEqual(
      lease({ renewedAt: later(20_000).toISOString(), writer: 'y' }),
    );
  });

  test('keeps it for the next step of its job', () => {
    expect(retainLease(lease(), 4, later(20_000), 'y')).toEqual(
      lease({ renewedAt: later(20_000).toISOString(), idle: true, writer: 'y' }),
    );
  });

  test('frees it; its fencing number remains', () => {
    expect(freeLease(lease(), 4, later(20_000), 'y')).toMatchObject({ fence: 4, holder: null });
  });

  test.each<[string, Lease | null]>([
    ['was overtaken', lease({ fence: 5, holder: holder('2') })],
    ['has freed it', lease({ holder: null })],
    ['finds none', null],
  ])('that %s can neither renew nor free it', (_, current) => {
    expect(renewLease(current, 4, start, 'y')).toBeNull();
    expect(freeLease(current, 4, start, 'y')).toBeNull();
  });
});

describe('the text of a lease', () => {
  test('what is written is read', () => {
    expect(parseLease(encodeLease(lease()))).toEqual(lease());
  });

  test('of a later Slipway protects as well, whatever else it says', () => {
    expect(parseLease(encodeLease(lease()).replaceAll('{', '{"more":1,'))).toEqual(lease());
  });

  test('of an earlier Slipway names no job and no runner, and somebody works under it', () => {
    const { idle, holder: _, ...rest } = lease();
    const { job, runner, ...unnamed } = holder('1');
    expect(parseLease(JSON.stringify({ ...rest, holder: unnamed }))).toEqual(
      lease({ holder: holder('1', '1', '', '') }),
    );
  });

  test.each([
    ['no JSON', 'not json'],
    ['another version', encodeLease(lease()).replace('"schema":1', '"schema":2')],
    ['a fence that is not a number', encodeLease(lease()).replace('"fence":4', '"fence":"4"')],
    ['a time that is none', encodeLease(lease()).replaceAll('2026-11-24', '2026-99-24')],
    ['an endless name', encodeLease(lease({ holder: holder('r'.repeat(301)) }))],
  ])('%s protects nothing', (_, text) => {
    expect(parseLease(text)).toBeNull();
  });
});
