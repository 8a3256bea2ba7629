import { Cancelled, describeError, formatImage, type OutsideText } from '@slipway/kernel';
import type { DesiredService, ObservedReplica, Prove, RollOptions, RolloutResult } from '@slipway/platform';
import { type Container, isReady, isRunning } from './container.ts';
import { replicasOf } from './engine.ts';
import { readModel } from './override.ts';
import { partitionContainers, type ServiceRollout, servingOld } from './partition.ts';
import { restoreTraffic } from './restore-traffic.ts';
import { startMissing } from './start.ts';
import { logTails, type StepFailure, thrownFailure } from './step-result.ts';
import { noProof, switchTraffic } from './switch-traffic.ts';
import type { ComposeTarget } from './target.ts';

const defaultDrainTimeoutMs = 30_000;

/**
 * Replaces the containers of one service: starts the new ones next to the old, waits until they answer and stay so,
 * switches the traffic to them, looks on, drains the old ones and removes them. Every step begins by reading which
 * containers exist, so it can be called again after a crash at any point, and calling it for what already runs changes
 * nothing.
 */
export async function rollService(
  target: ComposeTarget,
  desired: DesiredService,
  { prove = noProof, ...options }: RollOptions,
): Promise<RolloutResult> {
  const start = target.clock.monotonic();
  const rollout = await begin(target, desired, options);
  const before = await partitionContainers(rollout);
  const oldBefore = servingOld(rollout, before).length;
  const unchanged =
    before.superseded.length === 0 && before.current.filter(isReady).length === rollout.expected;
  const result = await replace(rollout, prove).catch(thrownFailure);
  const ms = target.clock.monotonic() - start;
  if (result.ok) {
    const { replicas, log } = result;
    return { ok: true, outcome: unchanged ? 'skipped' : 'passed', replicas, log, ms };
  }
  const { details, ...old } = await restoreTraffic(rollout, result.details);
  return { ...result, details, outcome: 'failed', oldServing: { ...old, of: oldBefore }, ms };
}

/** What the target is like when the rollout begins. */
async function begin(
  target: ComposeTarget,
  desired: DesiredService,
  { purpose, assertHeld }: Omit<RollOptions, 'prove'>,
): Promise<ServiceRollout> {
  const { name, release } = desired;
  const saved = purpose === 'restore' ? await target.history.restore(name, release) : null;
  const [model, routedBefore, containers] = await Promise.all([
    readModel(target, purpose, saved),
    target.proxy.routed(name),
    target.engine.containers(name),
  ]);
  const running = containers.filter(isRunning);
  const routed = running.filter(({ name }) => routedBefore?.includes(name));
  // A rollback never leaves less than what has the traffic now, whatever the files of the new release ask for.
  const least = purpose === 'restore' ? Math.max(1, routed.length) : 0;
  const expected = Math.max(replicasOf(model, name), least);
  const ranBefore = new Map(running.map((container) => [container.id, container]));
  await target.proxy.hold(name, running, purpose);
  const found = { model, saved, expected, routedBefore, ranBefore };
  return { target, desired, purpose, assertHeld, ...found, switched: false, retiring: false };
}

type Replaced = { ok: true; replicas: ObservedReplica[]; log: readonly (string | OutsideText)[] };

async function replace(rollout: ServiceRollout, prove: Prove): Promise<Replaced | StepFailure> {
  for (const step of [startMissing, switchTraffic]) {
    const result = await step(rollout, prove);
    if (!result.ok) return result;
  }
  const log = await drainAndRemoveOld(rollout);
  const proven = await proveIdentity(rollout);
  if (!proven.ok) return proven;
  await settle(rollout);
  return { ...proven, log };
}

/**
 * Lets the old containers finish the requests they hold, then removes them.
 * @returns the ends of their logs in a rollback, where they are the failing release.
 */
async function drainAndRemoveOld(rollout: ServiceRollout): Promise<(string | OutsideText)[]> {
  const { target, desired, purpose } = rollout;
  const { superseded } = await partitionContainers(rollout);
  if (superseded.length === 0) return [];
  const timeoutMs = target.services[desired.name]?.['drain-timeout'] ?? defaultDrainTimeoutMs;
  if (!(await target.proxy.drained(timeoutMs)))
    target.log.warn(`${desired.name}: requests were still running after ${timeoutMs / 1000} s of draining`);
  const log = purpose === 'restore' ? await logTails(target, superseded) : [];
  await rollout.assertHeld();
  rollout.retiring = true;
  await target.engine.stopAndRemove(superseded);
  return log;
}

/** The proof at the end: exactly the expected number of containers, each with the image that was asked for. */
async function proveIdentity(rollout: ServiceRollout): Promise<Omit<Replaced, 'log'> | StepFailure> {
  const { target, desired, expected } = rollout;
  const { current, superseded } = await partitionContainers(rollout);
  const serving = current.filter(isReady);
  if (serving.length > 0 && serving.length === expected && superseded.length === 0)
    return { ok: true, replicas: await observeReplicas(target, serving) };
  const image = desired.image.digest ?? formatImage(desired.image);
  return {
    ok: false,
    reason: `${serving.length} of ${expected} containers run ${image}, and ${superseded.length} run another image`,
    hint: 'Find out what else changes this Compose project, stop it, and re-run this job.',
    details: [],
  };
}

function observeReplicas(
  { engine }: ComposeTarget,
  containers: readonly Container[],
): Promise<ObservedReplica[]> {
  return Promise.all(
    containers.map(async (container) => {
      const { digest } = await engine.imageOf(container);
      return { id: container.id, digest };
    }),
  );
}

/** Prepares the proxy for restarts by others. The service is proven by now, so a failure here does not undo the rollout. */
async function settle(rollout: ServiceRollout): Promise<void> {
  const { target, desired } = rollout;
  const { current } = await partitionContainers(rollout);
  try {
    await target.proxy.settle(desired.name, current);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    target.log.warn(`${desired.name}: the proxy was not prepared for a restart: ${describeError(error)}`);
  }
}
