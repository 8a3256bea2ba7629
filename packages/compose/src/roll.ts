import { formatImage } from '@slipway/kernel';
import type { DesiredService, ObservedReplica, Prove, RollOptions, RolloutResult } from '@slipway/platform';
import { type Container, serves } from './container.ts';
import { replicasOf } from './engine.ts';
import { readModel } from './override.ts';
import { partitionContainers, type ServiceRollout } from './partition.ts';
import { startMissing } from './start.ts';
import { containerFailure, type StepFailure, type StepResult } from './step-result.ts';
import type { ComposeTarget } from './target.ts';
import { terminalFailure } from './verdict.ts';

const defaultDrainTimeoutMs = 30_000;

/**
 * Replaces the containers of one service: starts the new ones next to the old, waits until they are ready and stay so,
 * switches the traffic to them, lets `prove` agree, drains the old ones and removes them. Every step begins by reading
 * which containers exist, so it can be called again after a crash at any point, and calling it for what already runs
 * changes nothing.
 */
export async function rollService(
  target: ComposeTarget,
  desired: DesiredService,
  { purpose, prove = async () => ({ ok: true }) }: RollOptions,
): Promise<RolloutResult> {
  const start = target.clock.monotonic();
  const model = await readModel(target, purpose);
  const expected = replicasOf(model, desired.name);
  const rollout: ServiceRollout = { target, desired, purpose, model, expected };
  const before = await partitionContainers(rollout);
  const oldBefore = before.superseded.filter(serves).length;
  const unchanged = before.superseded.length === 0 && before.current.filter(serves).length === expected;
  const result = await replace(rollout, prove);
  const ms = target.clock.monotonic() - start;
  if (result.ok)
    return { ok: true, outcome: unchanged ? 'skipped' : 'passed', replicas: result.replicas, ms };
  const oldServing = { serving: await restoreTraffic(rollout), of: oldBefore };
  return { ...result, outcome: 'failed', oldServing, ms };
}

type Replaced = { ok: true; replicas: ObservedReplica[] };

async function replace(rollout: ServiceRollout, prove: Prove): Promise<Replaced | StepFailure> {
  for (const step of [startMissing, switchTraffic, drainAndRemoveOld]) {
    const result = await step(rollout, prove);
    if (!result.ok) return result;
  }
  return proveIdentity(rollout);
}

/** Switches the traffic to the new containers and asks whether the service is healthy with it. */
async function switchTraffic(rollout: ServiceRollout, prove: Prove): Promise<StepResult> {
  const { target, desired, purpose } = rollout;
  const { current } = await partitionContainers(rollout);
  await target.proxy.route(desired.name, namesOf(current), purpose);
  const proof = await prove();
  const after = (await partitionContainers(rollout)).current;
  for (const container of after) {
    const failure = terminalFailure(container);
    if (failure) return containerFailure(target, container, failure);
  }
  if (proof.ok) return proof;
  return {
    ok: false,
    reason: proof.detail,
    hint: 'The containers are running, but the service is unhealthy behind the proxy: check its log and services.<name>.health.',
    details: after[0] ? await target.engine.lastLines(after[0]) : [],
  };
}

/** Lets the old containers finish the requests they hold, then removes them. */
async function drainAndRemoveOld(rollout: ServiceRollout): Promise<StepResult> {
  const { target, desired } = rollout;
  const { superseded } = await partitionContainers(rollout);
  if (superseded.length === 0) return { ok: true };
  const timeoutMs = target.services[desired.name]?.['drain-timeout'] ?? defaultDrainTimeoutMs;
  if (!(await target.proxy.drained(timeoutMs)))
    target.log.warn(`${desired.name}: requests were still running after ${timeoutMs / 1000} s of draining`);
  await target.engine.stopAndRemove(superseded);
  return { ok: true };
}

/** The proof at the end: exactly the expected number of containers, each with the image that was asked for. */
async function proveIdentity(rollout: ServiceRollout): Promise<Replaced | StepFailure> {
  const { target, desired, expected } = rollout;
  const { current, superseded } = await partitionContainers(rollout);
  const serving = current.filter(serves);
  if (expected > 0 && serving.length === expected && superseded.length === 0)
    return { ok: true, replicas: await observeReplicas(target, serving) };
  const image = desired.image.digest ?? formatImage(desired.image);
  return {
    ok: false,
    reason: `${serving.length} of ${expected} containers run ${image}, and ${superseded.length} run another image`,
    hint:
      expected === 0
        ? 'The Compose files ask for zero replicas: ask for at least one, since a service without containers cannot be proven.'
        : 'Find out what else changes this Compose project, stop it, and re-run this job.',
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

/**
 * Switches the traffic back to the old containers that still serve and removes the new ones. The new containers stay
 * when no other container could serve.
 * @returns how many old containers serve now.
 */
async function restoreTraffic(rollout: ServiceRollout): Promise<number> {
  const { target, desired, purpose } = rollout;
  const { current, superseded } = await partitionContainers(rollout);
  const serving = superseded.filter(serves);
  if (serving.length === 0) return 0;
  await target.proxy.route(desired.name, namesOf(serving), purpose);
  await target.engine.remove(current);
  return serving.length;
}

function namesOf(containers: readonly Container[]): string[] {
  return containers.map(({ name }) => name);
}
