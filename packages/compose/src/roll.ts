import { formatImage } from '@slipway/kernel';
import type { DesiredService, ObservedReplica, Prove, RollOptions, RolloutResult } from '@slipway/platform';
import { type Container, serves } from './container.ts';
import { replicasOf } from './engine.ts';
import { explain, type Failing, type Rollout, tellApart } from './sides.ts';
import { startMissing } from './start.ts';
import type { ComposeTarget } from './target.ts';
import { doom } from './verdict.ts';

/**
 * Replaces the containers of one service: start the wanted ones next to the old, wait until they are ready and stay
 * so, give them the traffic, let `prove` agree, drain the old ones and take them away. Every step begins by looking
 * at what is there, so it can be called again after a crash at any point, and calling it with what already runs
 * changes nothing.
 */
export async function rollService(
  target: ComposeTarget,
  desired: DesiredService,
  { purpose, prove = async () => ({ ok: true }) }: RollOptions,
): Promise<RolloutResult> {
  const start = target.clock.monotonic();
  const model = await target.engine.model();
  const expected = replicasOf(model, desired.name);
  const rollout: Rollout = { target, desired, purpose, model, expected };
  const before = await tellApart(rollout);
  const oldBefore = before.others.filter(serves).length;
  const alreadyThere = before.others.length === 0 && before.wanted.filter(serves).length === expected;
  const failing =
    (await startMissing(rollout)) ?? (await takeOver(rollout, prove)) ?? (await retireOthers(rollout));
  const proven = failing ?? (await proveIdentity(rollout));
  const ms = target.clock.monotonic() - start;
  if (proven.ok)
    return { ok: true, outcome: alreadyThere ? 'skipped' : 'passed', replicas: proven.replicas, ms };
  return {
    ...proven,
    outcome: 'failed',
    oldServing: { serving: await giveBack(rollout), of: oldBefore },
    ms,
  };
}

/** Gives the wanted containers the traffic and asks whether they really do well with it. */
async function takeOver(rollout: Rollout, prove: Prove): Promise<Failing | null> {
  const { target, desired } = rollout;
  const { wanted } = await tellApart(rollout);
  await target.proxy.route(
    desired.name,
    wanted.map(({ name }) => name),
    rollout.purpose,
  );
  const proof = await prove();
  const after = (await tellApart(rollout)).wanted;
  const doomed = after.find((container) => doom(container) !== null);
  if (doomed) return explain(target, doomed, doom(doomed) ?? 'it failed');
  if (proof.ok) return null;
  const details = after[0] ? await target.engine.lastLines(after[0]) : [];
  return {
    ok: false,
    reason: proof.detail,
    hint: 'The containers run, but the service does not do well behind the proxy.',
    details,
  };
}

/** Lets the old containers finish what they began, then takes them away. */
async function retireOthers(rollout: Rollout): Promise<null> {
  const { target, desired } = rollout;
  const { others } = await tellApart(rollout);
  if (others.length === 0) return null;
  const within = target.services[desired.name]?.['drain-timeout'] ?? 30_000;
  if (!(await target.proxy.drained(within))) {
    target.log.warn(`${desired.name}: requests still ran after ${within / 1000} s of draining`);
  }
  await target.engine.retire(others);
  return null;
}

/** The proof at the end: exactly the expected number of containers, every one with the image that was asked for. */
async function proveIdentity(rollout: Rollout): Promise<{ ok: true; replicas: ObservedReplica[] } | Failing> {
  const { desired, expected } = rollout;
  const { wanted, others } = await tellApart(rollout);
  const running = wanted.filter(serves);
  if (expected > 0 && running.length === expected && others.length === 0)
    return { ok: true, replicas: await observeReplicas(rollout.target, running) };
  return {
    ok: false,
    reason: `${running.length} of ${expected} containers run ${desired.image.digest ?? formatImage(desired.image)}, and ${others.length} run something else`,
    hint:
      expected === 0
        ? 'The Compose files ask for zero replicas; a service that runs nothing cannot be proven.'
        : 'Something else changes this Compose project at the same time.',
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
 * Puts the traffic back on the old containers that still serve and removes the new ones. New containers stay when
 * nothing else is left that could serve.
 * @returns how many old containers serve now.
 */
async function giveBack(rollout: Rollout): Promise<number> {
  const { target, desired } = rollout;
  const { wanted, others } = await tellApart(rollout);
  const serving = others.filter(serves);
  if (serving.length === 0) return 0;
  await target.proxy.route(
    desired.name,
    serving.map(({ name }) => name),
    rollout.purpose,
  );
  await target.engine.remove(wanted);
  return serving.length;
}
