import { createHash } from 'node:crypto';
import type { ServiceConfig } from '@slipway/config';
import { type Clock, type Duration, formatDuration, type Http } from '@slipway/kernel';
import { checkPath } from './json-path.ts';
import { repeatRequest } from './repeat-request.ts';

export interface HealthOptions {
  health: NonNullable<ServiceConfig['health']>;
  /** From now until giving up. */
  withinMs: Duration;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

/** When the service became healthy; or what was expected, what was found last, and after how many attempts. */
export type HealthResult = { ok: true; ms: number } | { ok: false; detail: string };

const intervalMs = 250;

/** Whether two health checks expect the same of the same address, however long they wait: 16 hexadecimal digits. Pure. */
export function healthFingerprint({ url, status, json }: HealthOptions['health']): string {
  const expected = JSON.stringify([url, status, Object.entries(json).sort()]);
  return createHash('sha256').update(expected).digest('hex').slice(0, 16);
}

/**
 * Polls the health endpoint of a service until status and JSON are as configured. A missing or empty value is not healthy.
 * @throws Cancelled when the signal aborts; UserError when a JSONPath of the configuration is malformed.
 */
export async function waitHealthy(options: HealthOptions): Promise<HealthResult> {
  const { health, withinMs, http, clock, signal } = options;
  for (const path of Object.keys(health.json)) checkPath(path, 'services: health.json');
  const result = await repeatRequest({
    request: { url: health.url },
    expected: { status: health.status, json: health.json },
    timeoutMs: health.timeout,
    withinMs,
    intervalMs,
    during: 'the health check',
    http,
    clock,
    signal,
  });
  if (result.ok) return { ok: true, ms: result.ms };
  const times = result.attempts === 1 ? '1 attempt' : `${result.attempts} attempts`;
  return { ok: false, detail: `${result.failures.join('; ')} (${times} in ${formatDuration(result.ms)})` };
}
