import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type AttemptResult,
  Cancelled,
  directHttp,
  failureClass,
  type HttpReply,
  parseRetryAfter,
  type RetryOptions,
  replyAttempt,
  retry,
  systemClock,
} from '@slipway/kernel';

let pauses: number[] = [];
let now = 0;
afterEach(() => {
  pauses = [];
  now = 0;
});

function options(more: Partial<RetryOptions<unknown>> = {}) {
  const clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: async (ms: number) => {
      pauses.push(ms);
      now += ms;
    },
  };
  const signal = new AbortController().signal;
  return { maxAttempts: 4, firstDelayMs: 100, clock, signal, during: 'a test', random: () => 1, ...more };
}

const failed = (rest: Partial<AttemptResult<never, string> & { state: 'failed' }> = {}) =>
  ({ state: 'failed', class: 'server', error: 'no', ...rest }) as const;

describe('retry', () => {
  test('returns the first value that an attempt brings', async () => {
    const result = await retry(options(), async (attempt) =>
      attempt < 3 ? failed() : { state: 'done' as const, value: attempt },
    );
    expect(result).toEqual({ ok: true, value: 3, attempts: 3 });
    expect(pauses).toEqual([100, 200]);
  });

  test('gives up after the last attempt, with its error', async () => {
    const result = await retry(options(), async (attempt) => failed({ error: `no ${attempt}` }));
    expect(result).toEqual({ ok: false, class: 'server', error: 'no 4', attempts: 4 });
    expect(pauses).toEqual([100, 200, 400]);
  });

  test('does not repeat what is permanent', async () => {
    const result = await retry(options(), async () => failed({ class: 'permanent' }));
    expect(result).toMatchObject({ ok: false, attempts: 1 });
    expect(pauses).toEqual([]);
  });

  test.each([
    [0, [50, 150, 450]],
    [0.5, [75, 225, 675]],
    [1, [100, 300, 900]],
  ])('half of each delay is random: %d', async (random, expected) => {
    await retry(options({ random: () => random, factor: 3 }), async () => failed());
    expect(pauses).toEqual(expected);
  });

  test('no delay is longer than the longest', async () => {
    await retry(options({ maxDelayMs: 150 }), async () => failed());
    expect(pauses).toEqual([100, 150, 150]);
  });

  test('waits as long as it is asked to', async () => {
    await retry(options({ maxAttempts: 2 }), async () => failed({ retryAfterMs: 7000 }));
    expect(pauses).toEqual([7000]);
  });

  test('does not wait longer than it may', async () => {
    const result = await retry(options({ maxRetryAfterMs: 6999 }), async () =>
      failed({ retryAfterMs: 7000 }),
    );
    expect(result).toMatchObject({ ok: false, attempts: 1 });
    expect(pauses).toEqual([]);
  });

  test('starts no attempt after the deadline', async () => {
    const result = await retry(options({ maxAttempts: 99, deadlineMs: 700 }), async () => failed());
    expect(result).toMatchObject({ ok: false, attempts: 4 });
    expect(pauses).toEqual([100, 200, 400]);
  });

  test('reports each failure before the wait', async () => {
    const reported: unknown[] = [];
    await retry(options({ maxAttempts: 2, onRetry: (one) => reported.push(one) }), async () => failed());
    expect(reported).toEqual([{ error: 'no', attempt: 1, delayMs: 100 }]);
  });

  test('stops when it is cancelled, during an attempt and during a wait', async () => {
    const cancel = new AbortController();
    const during = retry(options({ signal: cancel.signal }), async () => {
      cancel.abort();
      return failed();
    });
    await expect(during).rejects.toThrow(new Cancelled('a test'));
    const later = new AbortController();
    const { sleep } = systemClock;
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) => {
        later.abort();
        return sleep(ms, signal);
      },
    };
    const waiting = retry(options({ signal: later.signal, clock, firstDelayMs: 60_000 }), async () =>
      failed(),
    );
    await expect(waiting).rejects.toThrow(new Cancelled('a test'));
  });
});

const date = new Date('2026-03-01T12:00:00Z');

test.each([
  ['0', 0],
  ['120', 120_000],
  [7, 7000],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  [undefined, undefined],
])('Retry-After %j is %j ms', (header, ms) => {
  expect(parseRetryAfter(header, date)).toBe(ms);
});

test.each([
  [{ ok: true, status: 429 }, 'throttled'],
  [{ ok: true, status: 503, headers: { 'retry-after': '1' } }, 'throttled'],
  [{ ok: true, status: 503 }, 'server'],
  [{ ok: true, status: 500 }, 'server'],
  [{ ok: true, status: 404 }, 'permanent'],
  [{ ok: false, kind: 'reset' }, 'transport'],
  [{ ok: false, kind: 'timeout' }, 'transport'],
  [{ ok: false, kind: 'refused' }, 'transport'],
  [{ ok: false, kind: 'name' }, 'permanent'],
  [{ ok: false, kind: 'tls' }, 'permanent'],
])('%j is %s', (reply, expected) => {
  expect(failureClass(reply)).toBe(expected);
});

test('a server that answers 429 is asked again when it said, and not before', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    if (requests === 1) response.writeHead(429, { 'retry-after': '2' }).end();
    else if (requests === 2)
      response.writeHead(503, { 'retry-after': 'Sun, 01 Mar 2026 12:00:09 GMT' }).end();
    else response.end('at last');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result = await retry<HttpReply, HttpReply>(options(), async () =>
    replyAttempt(await directHttp.send({ url, timeoutMs: 5000 }), date),
  );
  server.close();
  expect(result).toMatchObject({ ok: true, attempts: 3 });
  expect(result.ok && result.value.ok && result.value.body.data).toBe('at last');
  expect(pauses).toEqual([2000, 9000]);
});
