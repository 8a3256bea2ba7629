import { Cancelled, describeError } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import type { Container } from './container.ts';
import { partitionContainers, type ServiceRollout, servingOld } from './partition.ts';
import { logTails } from './step-result.ts';

const defaultDrainTimeoutMs = 30_000;

interface Restored extends Omit<RolloutFailure['oldServing'], 'of'> {
  /** Those of the failure, and the ends of the logs of what was removed. */
  details: RolloutFailure['details'];
}

/**
 * Gives the traffic back to the old containers, lets the new ones finish their requests and removes them, with the ends of
 * their logs saved. The new ones stay when no old one runs or those are being stopped, since the new ones have proven
 * themselves by then, or when the proxy could not be switched back.
 */
export async function restoreTraffic(
  rollout: ServiceRollout,
  details: RolloutFailure['details'],
): Promise<Restored> {
  const { target, desired, purpose, switched, retiring } = rollout;
  const partition = await partitionContainers(rollout);
  const old = servingOld(rollout, partition);
  if (old.length === 0) return { serving: 0, seen: 'running', details };
  if (retiring) return { ...(await countServing(rollout, old)), details };
  try {
    await rollout.assertHeld();
    await target.proxy.route(desired.name, { containers: old }, purpose);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    target.log.warn(`${desired.name}: the traffic was not given back: ${describeError(error)}`);
    if (switched) return { ...(await countServing(rollout, old)), details };
  }
  const tails = await logTails(target, partition.current, details);
  if (switched) {
    const timeoutMs = target.services[desired.name]?.['drain-timeout'] ?? defaultDrainTimeoutMs;
    await target.proxy.drained(timeoutMs);
    await target.engine.stopAndRemove(partition.current);
  } else await target.engine.remove(partition.current);
  const { superseded } = await partitionContainers(rollout);
  if (superseded.length === old.length) await target.proxy.settle(desired.name, old);
  return { ...(await countServing(rollout, old)), details: [...details, ...tails] };
}

/** Asks the proxy and the containers themselves: how many have the traffic and can be connected to. */
async function countServing(
  { target, desired }: ServiceRollout,
  containers: readonly Container[],
): Promise<Omit<Restored, 'details'>> {
  const now = await target.engine.containers(desired.name);
  const running = now.filter(
    ({ id, status }) => status === 'running' && containers.some((one) => one.id === id),
  );
  const ports = await Promise.all(running.map((one) => target.proxy.portState(desired.name, one)));
  // Without a proxy, Docker's DNS sends requests to everything that runs.
  if (!ports.some((port) => port !== null)) return { serving: running.length, seen: 'running' };
  const routed = await target.proxy.routed(desired.name);
  if (routed === null) return { serving: null, why: 'what the proxy has loaded is not known' };
  const answering = running.filter(({ name }, at) => routed.includes(name) && ports[at]?.state !== 'silent');
  return { serving: answering.length, seen: 'routed by the proxy and listening' };
}
