import { Cancelled, formatImage, indented, type OutsideText } from '@slipway/kernel';
import type { Platform, RolloutFailure, StampedService } from '@slipway/platform';
import type { RolledService } from '@slipway/release';
import { waitHealthy } from '@slipway/signals';
import type { RollbackContext } from './context.ts';
import type { RollbackTarget } from './target.ts';

const healthTimeoutMs = 30_000;

/**
 * Restores every service, the last one of the rollout first. One that fails does not keep the others from being restored:
 * as much as possible should serve.
 */
export async function restoreServices(
  context: RollbackContext,
  platform: Platform,
  target: Extract<RollbackTarget, { kind: 'restore' }>,
): Promise<{ services: RolledService[]; details: (string | OutsideText)[] }> {
  const services: RolledService[] = [];
  const details: (string | OutsideText)[] = [];
  for (const [name, service] of Object.entries(target.services).reverse()) {
    const given = target.from.services[name]?.image.digest ?? null;
    const { log = [], ...result } = await context.log.group(`Restore ${name}`, () =>
      (service
        ? restoreService(context, platform, name, service)
        : removeService(context, platform, name)
      ).catch(failedRestore),
    );
    if (log.length > 0) details.push(`${name}:`, ...log.map((line) => indented(line)));
    services.push({
      name,
      digest: service ? (service.image.digest ?? formatImage(service.image)) : 'none',
      previous: given,
      ...result,
    });
    context.log.info(`${name}: ${result.state}${result.detail ? `: ${result.detail}` : ''}`);
  }
  return { services, details };
}

/** An error with one service is reported with the others. @throws Cancelled, which stops them all. */
function failedRestore(error: Error & { hint?: string }): RestoreResult {
  if (error instanceof Cancelled) throw error;
  const detail = [error.message, error.hint].filter(Boolean).join(' ');
  return { running: 0, replicas: [], state: 'failed', ms: 0, detail };
}

type RestoreResult = Pick<RolledService, 'running' | 'replicas' | 'state' | 'ms' | 'detail'> & {
  log?: RolloutFailure['details'];
};

async function restoreService(
  context: RollbackContext,
  platform: Platform,
  name: string,
  service: StampedService,
): Promise<RestoreResult> {
  const rolled = await platform.roll({ name, ...service }, { purpose: 'restore' });
  const { ms } = rolled;
  if (!rolled.ok)
    return { running: 0, replicas: [], state: 'failed', ms, detail: rolled.reason, log: rolled.details };
  const replicas = [...rolled.replicas];
  const observed = { running: replicas.length, replicas, ms };
  const problem = await healthProblem(context, name);
  if (problem !== null) return { ...observed, state: 'failed', detail: problem };
  return { ...observed, state: rolled.outcome === 'skipped' ? 'unchanged' : 'restored' };
}

/** Why the health check of a service fails; null when it passes, or when the service has none. */
async function healthProblem(context: RollbackContext, name: string): Promise<string | null> {
  const health = context.config.services[name]?.health;
  if (!health) return null;
  const { http, clock, signal } = context;
  const result = await waitHealthy({ health, withinMs: healthTimeoutMs, http, clock, signal });
  return result.ok ? null : `${health.url} failed its health check: ${result.detail}`;
}

async function removeService(
  context: RollbackContext,
  platform: Platform,
  name: string,
): Promise<RestoreResult> {
  const start = context.clock.monotonic();
  await platform.remove(name);
  const ms = context.clock.monotonic() - start;
  return { running: 0, replicas: [], state: 'restored', ms, detail: 'removed: it did not exist before' };
}
