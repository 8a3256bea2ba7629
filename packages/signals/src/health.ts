import type { ServiceConfig } from '@slipway/config';
import { type Clock, type Duration, formatDuration, type Http } from '@slipway/kernel';
import { attempt } from './attempt.ts';
import { checkPath } from './json-path.ts';

export interface HealthOptions {
  health: NonNullable<ServiceConfig['health']>;
  /** From now until giving up. */
  within: Duration;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
}

/** Milliseconds until it was well, or what was asserted, what was seen last and how often it was asked. */
export type Healthy = { ok: true; ms: number } | { ok: false; detail: string };

const askEvery = 250;

/**
 * Asks a service's health page until status and JSON are as configured. An empty or missing value is not health.
 * @throws Cancelled when the signal aborts; UserError when a JSONPath of the configuration cannot be read.
 */
export async function waitHealthy(options: HealthOptions): Promise<Healthy> {
  const { health, within, http, clock, signal } = options;
  for (const path of Object.keys(health.json)) checkPath(path, 'services: health.json');
  const asked = await attempt({
    request: { url: health.url },
    expected: { status: health.status, json: health.json },
    timeout: health.timeout,
    within,
    every: askEvery,
    during: 'the health check',
    http,
    clock,
    signal,
  });
  if (asked.ok) return { ok: true, ms: asked.ms };
  const times = asked.attempts === 1 ? '1 attempt' : `${asked.attempts} attempts`;
  return { ok: false, detail: `${asked.failures.join('; ')} (${times} in ${formatDuration(asked.ms)})` };
}
