import { poll } from '@slipway/kernel';
import type { Prove } from '@slipway/platform';
import type { Container } from './container.ts';
import { inThisRollout, partitionContainers, type ServiceRollout, servingOld } from './partition.ts';
import { defaultStabilityWindowMs } from './start.ts';
import { containerFailure, type StepFailure, type StepResult } from './step-result.ts';
import { terminalFailure } from './verdict.ts';

/** Where nothing is asked of the service, so that no request need have come through the proxy. */
export const noProof: Prove = async () => ({ ok: true });

/** More than any health check takes. */
const maxProofMs = 120_000;

/**
 * Switches the traffic to the new containers and looks on. A new release is tried first: for `stable-for`, the old
 * containers answer whenever a new one does not take a connection, and one exit gives the traffic back. Then the new ones
 * are alone, and are asked once more, so that no answer of an old container counts for them.
 */
export async function switchTraffic(rollout: ServiceRollout, prove: Prove): Promise<StepResult> {
  const { target, desired, purpose } = rollout;
  const partition = await partitionContainers(rollout);
  const { current } = partition;
  for (const container of current) {
    const failure = terminalFailure(container);
    if (failure) return containerFailure(target, container, failure);
  }
  const backups = purpose === 'deploy' ? servingOld(rollout, partition) : [];
  const trialMs = backups.length > 0 ? windowOf(rollout) : 0;
  await rollout.assertHeld();
  rollout.switched = true;
  await target.proxy.route(desired.name, { containers: current, backups }, purpose);
  const tried = await observeTraffic(rollout, current, prove, trialMs);
  if (!tried.ok || backups.length === 0) return tried;
  await rollout.assertHeld();
  await target.proxy.route(desired.name, { containers: current }, purpose);
  return observeTraffic(rollout, current, prove, 0);
}

function windowOf({ target, desired }: ServiceRollout): number {
  return target.services[desired.name]?.['stable-for'] ?? defaultStabilityWindowMs;
}

type Proof = Awaited<ReturnType<Prove>>;

/** Asks the service while watching its containers, for at least `atLeastMs`. The first exit ends it. */
async function observeTraffic(
  rollout: ServiceRollout,
  routed: readonly Container[],
  prove: Prove,
  atLeastMs: number,
): Promise<StepResult> {
  const { clock, signal } = rollout.target;
  const abandoned = new AbortController();
  const asked: { proof?: Proof; error?: unknown } = {};
  prove(abandoned.signal).then(
    (proof) => Object.assign(asked, { proof }),
    (error: unknown) => Object.assign(asked, { error }),
  );
  const start = clock.monotonic();
  const wait = { clock, signal, intervalMs: 250, timeoutMs: maxProofMs + atLeastMs, during: 'the switch' };
  try {
    const polled = await poll<StepResult>(wait, async () => {
      const failure = await exitOf(rollout, routed);
      if (failure) return { done: true, value: failure };
      if (asked.error !== undefined) throw asked.error;
      if (asked.proof && !asked.proof.ok)
        return { done: true, value: await unproven(rollout, routed, asked.proof.detail) };
      const over = asked.proof?.ok && clock.monotonic() - start >= atLeastMs;
      return over
        ? { done: true, value: await reached(rollout, routed, prove) }
        : { done: false, seen: 'no answer' };
    });
    return polled.ok ? polled.value : unproven(rollout, routed, 'its health check did not end');
  } finally {
    abandoned.abort();
  }
}

/** The failure of a container that was routed to and has exited, was restarted or is gone; null when all still run. */
async function exitOf(rollout: ServiceRollout, routed: readonly Container[]): Promise<StepFailure | null> {
  const { target, desired } = rollout;
  const now = (await target.engine.containers(desired.name)).map(inThisRollout(rollout));
  for (const before of routed) {
    const container = now.find(({ id }) => id === before.id);
    const reason = container ? exitReason(before, container) : `${before.name} is gone`;
    if (reason) return containerFailure(target, container ?? before, reason);
  }
  return null;
}

function exitReason(before: Container, container: Container): string | null {
  const { name, status, restarts, exitCode, startedAt } = container;
  if (status === 'exited' || status === 'dead')
    return `${name} exited with the traffic (exit code ${exitCode})`;
  if (status !== 'running' || restarts > before.restarts || startedAt !== before.startedAt)
    return `${name} crashed with the traffic`;
  return before.health === null ? null : terminalFailure(container);
}

async function unproven(
  { target }: ServiceRollout,
  routed: readonly Container[],
  reason: string,
): Promise<StepFailure> {
  return {
    ok: false,
    reason,
    hint: 'The containers are running, but the service is unhealthy behind the proxy: check its log and services.<name>.health.',
    details: routed[0] ? await target.engine.lastLines(routed[0]) : [],
  };
}

/** Whether it was the new containers that answered: their connections with the proxy are looked at. */
async function reached(
  rollout: ServiceRollout,
  routed: readonly Container[],
  prove: Prove,
): Promise<StepResult> {
  const { target, desired } = rollout;
  if (prove === noProof || !target.services[desired.name]?.health) return { ok: true };
  const isReached = (): Promise<boolean | null> => target.proxy.reached(desired.name, routed);
  if ((await isReached()) !== false) return { ok: true };
  const again = await prove();
  if (!again.ok) return unproven(rollout, routed, again.detail);
  if ((await isReached()) !== false) return { ok: true };
  return {
    ok: false,
    reason: `the health check was answered, but the proxy sent nothing to ${routed.map(({ name }) => name).join(', ')}`,
    hint: 'Check that services.<name>.health is the address of this service behind the proxy, and that the proxy uses the upstream that Slipway writes.',
    details: [],
  };
}
