import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Cancelled, directHttp, systemClock } from '@slipway/kernel';
import { reachConsensus, repeatRequest, waitHealthy } from '@slipway/signals';
import { type PageServer, servePages } from '../support/pages.ts';

let server: PageServer;
afterEach(() => server.close());

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<string> {
  server = await servePages(answer);
  return server.url;
}

const parts = { http: directHttp, clock: systemClock, signal: new AbortController().signal };

describe('the version check', () => {
  const versions = (...each: string[]) =>
    serve((_request, response, nth) => response.end(JSON.stringify({ version: each[nth % each.length] })));
  const ask = (url: string, withinMs: number) =>
    reachConsensus({
      url,
      json: '$.version',
      expected: '2.0.0',
      samples: 5,
      timeoutMs: 500,
      withinMs,
      ...parts,
    });

  test('is passed by as many right answers in a row, each over a separate connection', async () => {
    expect(await ask(await versions('2.0.0'), 2000)).toMatchObject({ ok: true, answers: { '2.0.0': 5 } });
    expect(server.connections()).toBe(5);
  });

  test('starts again after one old answer', async () => {
    const url = await serve((_request, response, nth) =>
      response.end(JSON.stringify({ version: nth === 3 ? '1.0.0' : '2.0.0' })),
    );
    expect(await ask(url, 2000)).toMatchObject({
      ok: true,
      answers: { '2.0.0': 8, '1.0.0': 1 },
      connections: 9,
    });
  });

  test('fails when an old replica keeps answering now and then', async () => {
    const seen = await ask(await versions('2.0.0', '2.0.0', '2.0.0', '1.0.0'), 900);
    expect(seen).toMatchObject({ ok: false, maxRun: 3 });
    expect(Object.keys(seen.answers).sort()).toEqual(['1.0.0', '2.0.0']);
  });

  test('takes no answer for an answer', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end('{}'));
    expect(await ask(url, 300)).toMatchObject({
      ok: false,
      maxRun: 0,
      answers: { '(status 404)': expect.any(Number) },
    });
  });
});

describe('a request that is repeated', () => {
  test('until what comes up late is there', async () => {
    const url = await serve((_request, response, nth) =>
      nth < 2 ? response.writeHead(503).end('starting') : response.end('{"status":"healthy"}'),
    );
    const health = { url, status: 200, json: { '$.status': 'healthy' }, timeout: 500 };
    expect(await waitHealthy({ health, withinMs: 3000, ...parts })).toMatchObject({ ok: true });
  });

  test('until its deadline, which a page that hangs does not move', async () => {
    let requests = 0;
    const url = await serve(() => {
      requests += 1;
    });
    const expected = { status: 200, json: {} };
    const options = {
      request: { url },
      expected,
      timeoutMs: 300,
      withinMs: 500,
      intervalMs: 50,
      during: 'a test',
    };
    const asked = await repeatRequest({ ...options, ...parts });
    expect(asked).toMatchObject({
      ok: false,
      failures: ['expected status 200, but no response: no answer within 300 ms'],
    });
    // Two within the time, and one that begins at its end.
    expect(requests).toBeLessThan(4);
  });

  test('until it is cancelled, in the middle of an answer', async () => {
    const url = await serve((_request, response) => void response.writeHead(200).write('{'));
    const cancel = new AbortController();
    const health = { url, status: 200, json: {}, timeout: 5000 };
    const asked = waitHealthy({ health, withinMs: 10_000, ...parts, signal: cancel.signal });
    await server.requested();
    cancel.abort();
    await expect(asked).rejects.toThrow(Cancelled);
  });
});
