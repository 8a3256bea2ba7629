import { Cancelled, formatImage, indented, type OutsideText } from '@slipway/kernel';
import type { Platform, RolloutFailure, StampedService } from '@slipway/platform';
import type { RolledService } from '@slipway/release';
import { waitHealthy } from '@slipway/signals';
import type { RollbackContext } from './context.ts';
import type { RollbackTarget } from './target.ts';

const healthWithin = 30_000;

/**
 * Restores every service, last rolled out first. One that fails does not keep the others from being restored: at
 * three in the morning, as much as possible should serve.
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
      ).catch(notRestored),
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

/** What goes wrong with one service is told with the rest. @throws Cancelled, which ends all. */
function notRestored(error: Error & { hint?: string }): Restored {
  if (error instanceof Cancelled) throw error;
  return {
    running: 0,
    state: 'failed',
    ms: 0,
    detail: [error.message, error.hint].filter(Boolean).join(' '),
  };
}

type Restored = Pick<RolledService, 'running' | 'state' | 'ms' | 'detail'> & {
  log?: RolloutFailure['details'];
};

async function restoreService(
  context: RollbackContext,
  platform: Platform,
  name: string,
  service: StampedService,
): Promise<Restored> {
  const rolled = await platform.roll({ name, ...service }, { purpose: 'restore' });
  if (!rolled.ok) {
    return {
      running: 0,
      state: 'failed',
      ms: rolled.ms,
      detail: rolled.reason,
      log: rolled.details,
    };
  }
  const health = context.config.services[name]?.health;
  const { http, clock, signal } = context;
  const well = health
    ? await waitHealthy({ health, withinMs: healthWithin, http, clock, signal })
    : { ok: true as const };
  if (!well.ok)
    return {
      running: rolled.replicas.length,
      state: 'failed',
      ms: rolled.ms,
      detail: `${health?.url} is not well: ${well.detail}`,
    };
  return {
    running: rolled.replicas.length,
    state: rolled.outcome === 'skipped' ? 'unchanged' : 'restored',
    ms: rolled.ms,
  };
}

async function removeService(context: RollbackContext, platform: Platform, name: string): Promise<Restored> {
  const start = context.clock.monotonic();
  await platform.remove(name);
  return {
    running: 0,
    state: 'restored',
    ms: context.clock.monotonic() - start,
    detail: 'removed: it was not there before',
  };
}
