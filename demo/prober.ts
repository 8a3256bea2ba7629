import { directHttp } from '@slipway/kernel';

/** What a constant stream of users saw. */
export interface ProbeReport {
  requests: number;
  failed: number;
  /** Failures by kind: `500`, `connection refused`, … */
  kinds: Record<string, number>;
  /** Longest time without a good answer, in milliseconds. */
  maxGap: number;
}

export interface Prober {
  report(): ProbeReport;
  /** Sends no more, waits for the answers that are still out. */
  stop(): Promise<ProbeReport>;
}

const timeout = 10_000;

/**
 * Sends requests at a constant rate whatever the answers do (an open model: a slow server does not slow the users
 * down), every second one a POST, each on its own connection.
 * @param base Address behind the reverse proxy.
 * @param rate Requests a second.
 */
export function startProber(base: string, rate: number): Prober {
  const kinds: Record<string, number> = {};
  const pending = new Set<Promise<void>>();
  const start = performance.now();
  let sent = 0;
  let answered = 0;
  let lastGood = start;
  let maxGap = 0;

  async function send(number: number): Promise<void> {
    const reply = await directHttp.send({ ...requestOf(base, number), timeoutMs: timeout });
    answered++;
    if (reply.ok && reply.status < 400) {
      maxGap = Math.max(maxGap, performance.now() - lastGood);
      lastGood = performance.now();
      return;
    }
    const kind = reply.ok ? String(reply.status) : reply.error;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * rate);
    for (; sent < due; sent++) {
      const one = send(sent).finally(() => pending.delete(one));
      pending.add(one);
    }
  }, 5);

  const report = (): ProbeReport => ({
    requests: answered,
    failed: Object.values(kinds).reduce((sum, count) => sum + count, 0),
    kinds: { ...kinds },
    maxGap: Math.round(maxGap),
  });
  return {
    report,
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      return report();
    },
  };
}

function requestOf(
  base: string,
  number: number,
): { url: string; method: string; headers?: Record<string, string>; body?: string } {
  const url = `${base}/documents`;
  if (number % 2 === 0) return { url, method: 'GET' };
  const body = JSON.stringify({ title: `Probe ${number}` });
  return { url, method: 'POST', headers: { 'content-type': 'application/json' }, body };
}
