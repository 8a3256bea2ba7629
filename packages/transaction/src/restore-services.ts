import { Cancelled, formatImage, indented, type OutsideText } from '@slipway/kernel';
import type { Platform, RollOptions, RolloutFailure } from '@slipway/platform';
import {
  encodeService,
  type ReleasedService,
  type RestoreTarget,
  type RolledService,
} from '@slipway/release';
import { healthFingerprint, waitHealthy } from '@slipway/signals';
import type { TargetContext } from './context.ts';
import { restoreOrder } from './restore-order.ts';
import type { OpenTarget } from './with-transaction.ts';

const healthTimeoutMs = 30_000;

export interface RestoredServices {
  services: RolledService[];
  /** Sentences about what could not go back, and stays as it is. */
  left: string[];
  details: (string | OutsideText)[];
}

/**
 * Restores every service, what is broken first, and all at the same time where the platform can. One that fails does not
 * keep the others from being restored: as much as possible should serve.
 * @param target Its images have passed `checkImages`.
 * @throws Fault when another run took the lease.
 */
export async function restoreServices(
  context: TargetContext,
  { platform, transaction }: Pick<OpenTarget, 'platform' | 'transaction'>,
  target: RestoreTarget,
): Promise<RestoredServices> {
  const all = Object.keys(target.services);
  const names = restoreOrder(all, await platform.observe(all));
  const assertHeld = (): Promise<void> => transaction.assertHeld();
  const each = async (name: string): Promise<Restored> => {
    await assertHeld();
    const later = names.slice(names.indexOf(name) + 1);
    return restoreOne(context, { platform, assertHeld, later }, target, name);
  };
  const restored = await context.log.group(`Restore ${names.join(', ')}`, async () => {
    if (platform.rollsInParallel) return Promise.all(names.map(each));
    const results: Restored[] = [];
    for (const name of names) results.push(await each(name));
    return results;
  });
  return {
    services: restored.map(({ service }) => service),
    // What services share is restored with each of them.
    left: [...new Set(restored.flatMap(({ left }) => left))],
    details: restored.flatMap(({ details }) => details),
  };
}

interface Restored {
  service: RolledService;
  left: readonly string[];
  details: (string | OutsideText)[];
}

/** Where services are restored. */
interface HeldTarget {
  platform: Platform;
  assertHeld: RollOptions['assertHeld'];
  later: RollOptions['later'];
}

async function restoreOne(
  context: TargetContext,
  held: HeldTarget,
  target: RestoreTarget,
  name: string,
): Promise<Restored> {
  const desired = target.services[name] ?? null;
  const restoring = desired
    ? restoreService(context, held, { name, ...desired, proof: target.to?.health?.[name] ?? null })
    : removeService(context, held, name);
  const { log = [], left = [], ...result } = await restoring.catch(failedRestore);
  context.log.info(`${name}: ${result.state}${result.detail ? `: ${result.detail}` : ''}`);
  const service: RolledService = {
    name,
    digest: desired ? (encodeService(desired).digest ?? formatImage(desired.image)) : 'none',
    previous: target.from.services[name]?.image.digest ?? null,
    ...result,
  };
  for (const sentence of left) context.log.warn(sentence);
  const details = log.length > 0 ? [`${name}:`, ...log.map((line) => indented(line))] : [];
  return { service, left, details };
}

/** An error with one service is reported with the others. @throws Cancelled, which stops them all. */
function failedRestore(error: Error & { hint?: string }): ServiceResult {
  if (error instanceof Cancelled) throw error;
  const detail = [error.message, error.hint].filter(Boolean).join(' ');
  return { running: 0, replicas: [], state: 'failed', ms: 0, detail };
}

type ServiceResult = Pick<RolledService, 'running' | 'replicas' | 'state' | 'ms' | 'detail'> & {
  log?: RolloutFailure['details'];
  left?: readonly string[];
};

/** A service that comes back. */
interface Restorable extends ReleasedService {
  name: string;
  /** The health check that it passed in its rollout, as a fingerprint; null when that is not known. */
  proof: string | null;
}

async function restoreService(
  context: TargetContext,
  { platform, assertHeld, later }: HeldTarget,
  { proof, ...service }: Restorable,
): Promise<ServiceResult> {
  const rolled = await platform.roll(service, { purpose: 'restore', assertHeld, later });
  const { ms, left = [] } = rolled;
  if (!rolled.ok) {
    const { reason: detail, details: log } = rolled;
    return { running: 0, replicas: [], state: 'failed', ms, detail, log, left };
  }
  const replicas = [...rolled.replicas];
  const observed = { running: replicas.length, replicas, ms, log: rolled.log ?? [], left };
  const problem = await healthProblem(context, service.name, proof);
  if (problem !== null) return { ...observed, state: 'failed', detail: problem };
  return { ...observed, state: rolled.outcome === 'skipped' ? 'unchanged' : 'restored' };
}

/**
 * Why the health check of a service fails; null when it passes, or when the service has none. The configuration is that of
 * today: what comes back was made without knowing a check that it was not proven with, and failing it is a warning.
 */
async function healthProblem(
  context: TargetContext,
  name: string,
  proof: string | null,
): Promise<string | null> {
  const health = context.config.services[name]?.health;
  if (!health) return null;
  const { http, clock, signal, log } = context;
  const result = await waitHealthy({ health, withinMs: healthTimeoutMs, http, clock, signal });
  if (result.ok) return null;
  const problem = `${health.url} failed its health check: ${result.detail}`;
  if (proof === healthFingerprint(health)) return problem;
  log.annotate({
    level: 'warning',
    title: 'A health check fails that was not proven',
    message: `${name} runs what comes back, and ${problem}. It is not known to have ever passed this check.`,
  });
  return null;
}

async function removeService(
  context: TargetContext,
  { platform }: HeldTarget,
  name: string,
): Promise<ServiceResult> {
  const start = context.clock.monotonic();
  const { left, log } = await platform.remove(name);
  const ms = context.clock.monotonic() - start;
  return {
    running: 0,
    replicas: [],
    left,
    log,
    state: 'restored',
    ms,
    detail: 'removed: it did not exist before',
  };
}
