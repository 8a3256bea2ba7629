import { describe, expect, test } from '@jest/globals';
import {
  encodeLease,
  freeLease,
  type Lease,
  type LeaseHolder,
  leaseDurationMs,
  parseLease,
  renewLease,
  takeLease,
} from '../../../packages/release/src/index.ts';

const start = new Date('2026-11-24T00:00:00.000Z');
const later = (ms: number) => new Date(start.getTime() + ms);
const holder = (run: string, attempt = '1'): LeaseHolder => ({ run, attempt, actor: 'sam', url: '' });
const lease = (changes: Partial<Lease> = {}): Lease => ({
  schema: 1,
  fence: 4,
  holder: holder('1'),
  since: start.toISOString(),
  renewedAt: start.toISOString(),
  writer: 'w',
  ...changes,
});
const request = { holder: holder('2'), now: later(1000), fence: 4, writer: 'x', takeOver: false };

describe('the lease is taken', () => {
  test.each<[string, Lease | null, Partial<typeof request>, Partial<Lease>]>([
    ['when there is none', null, {}, { fence: 5, holder: holder('2') }],
    ['above the fence of the state, when it was lost', null, { fence: 9 }, { fence: 10 }],
    ['when it is free', lease({ holder: null }), {}, { fence: 5, since: later(1000).toISOString() }],
    ['when it has expired', lease(), { now: later(leaseDurationMs) }, { fence: 5, holder: holder('2') }],
    ['when it is taken over', lease(), { takeOver: true }, { fence: 5, holder: holder('2') }],
    [
      'by the next step of the same run, since the first one',
      lease(),
      { holder: holder('1') },
      { fence: 5, since: start.toISOString(), renewedAt: later(1000).toISOString() },
    ],
    [
      'by a later attempt of the same run',
      lease(),
      { holder: holder('1', '2') },
      { holder: holder('1', '2') },
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

  test.each<[string, Lease, Partial<typeof request>]>([
    ['while it lives', lease(), {}],
    ['until the last moment', lease(), { now: later(leaseDurationMs - 1) }],
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

  test.each([
    ['no JSON', 'not json'],
    ['another version', encodeLease(lease()).replace('"schema":1', '"schema":2')],
    ['a fence that is not a number', encodeLease(lease()).replace('"fence":4', '"fence":"4"')],
    ['a time that is none', encodeLease(lease()).replaceAll('2026-11-24', '2026-99-24')],
    ['a field that nobody knows', encodeLease(lease()).replace('{', '{"more":1,')],
    ['an endless name', encodeLease(lease({ holder: holder('r'.repeat(301)) }))],
  ])('%s protects nothing', (_, text) => {
    expect(parseLease(text)).toBeNull();
  });
});
