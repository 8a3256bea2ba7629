import type { ServiceConfig } from '@slipway/config';
import {
  Cancelled,
  type Duration,
  describeError,
  formatImage,
  indented,
  type OutsideText,
  UserError,
} from '@slipway/kernel';
import type {
  DesiredService,
  Platform,
  RemovedService,
  RollOptions,
  RolloutFailure,
} from '@slipway/platform';
import {
  encodeService,
  type ReleasedService,
  type RestoreTarget,
  type RolledService,
  releasesInvolved,
  releasesLeft,
} from '@slipway/release';
import { healthFingerprint, waitHealthy } from '@slipway/signals';
import type { TargetContext } from './context.ts';
import { restoreOrder } from './restore-order.ts';
import type { OpenTarget } from './with-transaction.ts';

const healthTimeoutMs = 30_000;
/** For a check that decides nothing. */
const unprovenTimeoutMs = 5000;

export interface RestoredServices {
  services: RolledService[];
  /** Sentences about what could not go back and stays as it is, and about health checks that fail and decide nothing. */
  left: string[];
  details: (string | OutsideText)[];
}

/**
 * Restores every service, what is broken first, and all at the same time where the platform can. One that fails does not
 * keep the others from being restored: as much as possible should serve. A service that did not exist before is removed once
 * all others are back: until then, what still serves may call it.
 * @param target Its images have passed `checkImages`.
 * @throws Fault when another run took the lease.
 */
export async function restoreServices(
  context: TargetContext,
  { platform, transaction }: Pick<OpenTarget, 'platform' | 'transaction'>,
  target: RestoreTarget,
): Promise<RestoredServices> {
  const all = Object.keys(target.services);
  const ordered = restoreOrder(all, await platform.observe(all, releasesInvolved(target)));
  const back = ordered.filter((name) => target.services[name]);
  const added = ordered.filter((name) => !target.services[name]);
  const names = [...back, ...added];
  const assertHeld = (): Promise<void> => transaction.assertHeld();
  const each = async (name: string): Promise<Restored> => {
    await assertHeld();
    const later = names.slice(names.indexOf(name) + 1);
    return restoreOne(context, { platform, assertHeld, later, to: target.to?.id ?? null }, target, name);
  };
  const restored = await context.log.group(`Restore ${names.join(', ')}`, async () => {
    const results = await eachOf(back, each, platform);
    const isBack = results.every(({ service }) => service.state !== 'failed');
    const rest = isBack ? await eachOf(added, each, platform) : added.map((name) => unremoved(context, name));
    return [...results, ...rest];
  });
  // What services share is restored with each of them.
  const left = [...new Set(restored.flatMap(({ left }) => left))];
  const isWhole = restored.every(({ service }) => ['restored', 'unchanged'].includes(service.state));
  const rest = isWhole ? await removeAdded(context, { platform, transaction }, target, left) : nothingAdded;
  const doubts = restored.flatMap(({ doubt }) => doubt ?? []);
  return {
    services: restored.map(({ service }) => service),
    left: [...left, ...rest.left, ...doubts],
    details: [...restored.flatMap(({ details }) => details), ...rest.log],
  };
}

const nothingAdded: RemovedService = { left: [], log: [] };

/** @param left What could not go back: requests may still go to what was added. */
async function removeAdded(
  { log }: TargetContext,
  { platform, transaction }: Pick<OpenTarget, 'platform' | 'transaction'>,
  target: RestoreTarget,
  left: readonly string[],
): Promise<RemovedService> {
  const newer = releasesLeft(transaction.state, target);
  const oldest = newer.at(-1);
  const services = restoredOf(target);
  if (!oldest || services.length === 0) return nothingAdded;
  if (left.length > 0)
    return {
      ...nothingAdded,
      left: ['If newer releases have added anything, it was not removed: requests may still go there'],
    };
  await transaction.assertHeld();
  const ids = newer.map(({ id }) => id);
  const removed = await platform.removeAdded({ ids, since: new Date(oldest.begunAt) }, services);
  for (const sentence of removed.left) log.warn(sentence);
  return removed;
}

function restoredOf({ services }: RestoreTarget): DesiredService[] {
  return Object.entries(services).flatMap(([name, one]) => (one ? [{ name, ...one }] : []));
}

async function eachOf(
  names: readonly string[],
  restoreNamed: (name: string) => Promise<Restored>,
  { rollsInParallel }: Platform,
): Promise<Restored[]> {
  if (rollsInParallel) return Promise.all(names.map(restoreNamed));
  const results: Restored[] = [];
  for (const name of names) results.push(await restoreNamed(name));
  return results;
}

/** A service that is not removed yet. */
function unremoved({ log }: TargetContext, name: string): Restored {
  const detail = 'not removed: what still serves may need it until the other services are back';
  log.info(`${name}: untouched: ${detail}`);
  const seen = { running: 0, replicas: [], ms: 0, detail };
  const service: RolledService = { name, digest: 'none', previous: null, state: 'untouched', ...seen };
  return { service, left: [], details: [] };
}

interface Restored {
  service: RolledService;
  left: readonly string[];
  doubt?: string | null;
  details: (string | OutsideText)[];
}

/** Where services are restored. */
interface HeldTarget {
  platform: Platform;
  assertHeld: RollOptions['assertHeld'];
  later: RollOptions['later'];
  to: string | null;
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
    : removeService(context, held, target, name);
  const { log = [], left = [], doubt = null, ...result } = await restoring.catch(failedRestore);
  context.log.info(`${name}: ${result.state}${result.detail ? `: ${result.detail}` : ''}`);
  const service: RolledService = {
    name,
    digest: desired ? (encodeService(desired).digest ?? formatImage(desired.image)) : 'none',
    previous: target.from.services[name]?.image.digest ?? null,
    ...result,
  };
  for (const sentence of left) context.log.warn(sentence);
  const details = log.length > 0 ? [`${name}:`, ...log.map((line) => indented(line))] : [];
  return { service, left, doubt, details };
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
  doubt?: string | null;
};

/** A service that comes back. */
interface Restorable extends ReleasedService {
  name: string;
  /** The health check that it passed in its rollout, as a fingerprint; null when that is not known. */
  proof: string | null;
}

async function restoreService(
  context: TargetContext,
  { platform, assertHeld, later, to }: HeldTarget,
  { proof, ...service }: Restorable,
): Promise<ServiceResult> {
  const rolled = await platform.roll(service, { purpose: 'restore', to, assertHeld, later });
  const { ms, left = [] } = rolled;
  if (!rolled.ok) {
    const { reason: detail, details: log } = rolled;
    return { running: 0, replicas: [], state: 'failed', ms, detail, log, left };
  }
  const replicas = [...rolled.replicas];
  const { problem, doubt } = await judgeHealth(context, service.name, proof);
  const seen = { running: replicas.length, replicas, ms, log: rolled.log ?? [] };
  const observed = { ...seen, left, doubt };
  if (problem !== null) return { ...observed, state: 'failed', detail: problem };
  return { ...observed, state: rolled.outcome === 'skipped' ? 'unchanged' : 'restored' };
}

/** What the health check of a restored service says. */
interface HealthVerdict {
  /** Why it is not restored. */
  problem: string | null;
  /** A failure that may lie in the check, as a sentence. */
  doubt: string | null;
}

/**
 * Makes the health check that is configured today. What comes back was made without knowing it: only a check that it has
 * passed before decides.
 */
async function judgeHealth(
  context: TargetContext,
  name: string,
  proof: string | null,
): Promise<HealthVerdict> {
  const health = context.config.services[name]?.health;
  if (!health) return { problem: null, doubt: null };
  const isProven = proof === healthFingerprint(health);
  const failure = await healthFailure(context, health, isProven ? healthTimeoutMs : unprovenTimeoutMs);
  if (failure === null) return { problem: null, doubt: null };
  const problem = `${health.url} failed its health check: ${failure}`;
  if (isProven) return { problem, doubt: null };
  const doubt = `${name} is restored, but ${problem}. This version is not known to have ever passed this check`;
  context.log.annotate({ level: 'warning', title: 'A health check fails', message: `${doubt}.` });
  return { problem: null, doubt };
}

/** A check that cannot be made fails, too. */
async function healthFailure(
  { http, clock, signal }: TargetContext,
  health: NonNullable<ServiceConfig['health']>,
  withinMs: Duration,
): Promise<string | null> {
  try {
    const result = await waitHealthy({ health, withinMs, http, clock, signal });
    return result.ok ? null : result.detail;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return describeError(error);
  }
}

async function removeService(
  context: TargetContext,
  { platform }: HeldTarget,
  target: RestoreTarget,
  name: string,
): Promise<ServiceResult> {
  const start = context.clock.monotonic();
  const { left, log } = await platform.remove(name, target.from.id, restoredOf(target));
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
