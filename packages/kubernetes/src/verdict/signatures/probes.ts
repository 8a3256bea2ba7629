import type { ContainerSpec, ContainerState, PodState, Probe } from '../../snapshot/snapshot.ts';
import { endingsOf } from './container-end.ts';
import { endings } from './rules.ts';
import {
  containerSign,
  containersOf,
  eventsOf,
  podSign,
  type Said,
  type Sight,
  type Sign,
  strictness,
} from './sign.ts';
import { plainWords, timesWords } from './wording.ts';

const killed = /failed (liveness|startup) probe, will be restarted/;

/**
 * How often a probe had the container killed. The program may well end with code 0 when it is told to, so only the
 * event `Killing` tells. Events of one kind are folded and dropped when there are many, hence the endings count too.
 */
export function killsOf(sight: Sight, pod: PodState, container: ContainerState): number {
  const kills = killEvents(sight, pod, container).reduce((sum, { count }) => sum + count, 0);
  return kills === 0 ? 0 : Math.max(kills, endingsOf(container));
}

function killEvents(sight: Sight, pod: PodState, { name }: ContainerState) {
  return eventsOf(sight, pod, name).filter(
    ({ reason, message }) => reason === 'Killing' && killed.test(message) && message.includes(name),
  );
}

/** Probes that kill containers, and probes that never let them serve. */
export function probeSigns(sight: Sight): Sign[] {
  return sight.fresh.flatMap((pod) => {
    const signs = containersOf(pod, sight.workload.template).flatMap(({ container, spec }) => {
      const said = [kills(sight, pod, container, spec), unready(sight, pod, container, spec)];
      return said.flatMap((one) => (one ? [containerSign(pod, container, one)] : []));
    });
    const gate = closedGate(sight, pod);
    return gate ? [...signs, podSign(pod, gate)] : signs;
  });
}

function kills(
  sight: Sight,
  pod: PodState,
  container: ContainerState,
  spec: ContainerSpec | undefined,
): Said | null {
  const times = killsOf(sight, pod, container);
  if (times === 0) return null;
  const [event] = killEvents(sight, pod, container);
  const kind = killed.exec(event?.message ?? '')?.[1] === 'startup' ? 'startup' : 'liveness';
  const decides = times >= endings.sure[strictness(sight)];
  const probe = spec?.probes[kind];
  return {
    signature: 'liveness-kills',
    ...(decides ? {} : { gravity: 'pending' }),
    says: `was killed ${timesWords(times)} by its ${kind} probe${describe(probe)}${answer(sight, pod, container, kind)}`,
    remedy: `Correct the ${kind} probe or what it asks; a program that starts slowly needs a startup probe${budgetWords(probe)}.`,
    logs: container.state === 'terminated' ? 'current' : 'previous',
  };
}

/** It runs and is not ready. Its own probe must have said no; failing probes of pods that are stopped mean nothing. */
function unready(
  sight: Sight,
  pod: PodState,
  container: ContainerState,
  spec: ContainerSpec | undefined,
): Said | null {
  if (container.state !== 'running' || container.ready || sight.workload.kind === 'Job') return null;
  const kind = (['startup', 'readiness'] as const).find((one) => answer(sight, pod, container, one) !== '');
  if (!kind) return null;
  const probe = spec?.probes[kind];
  // Three times what the probe itself allows: the first answers of a program that starts are no.
  const strict = {
    gravity: 'grave' as const,
    hold: 3 * (budgetOf(spec?.probes.readiness) + budgetOf(spec?.probes.startup)),
  };
  return {
    signature: 'readiness-never',
    ...(sight.failFast === 'strict' ? strict : {}),
    says: `runs, but its ${kind} probe${describe(probe)} says no${answer(sight, pod, container, kind)}`,
    remedy: `See why the program does not answer the ${kind} probe well; if it only needs longer, raise start-timeout.`,
    logs: 'current',
  };
}

/** The last answer of a probe, `: HTTP 503`; empty when it never failed. */
function answer(
  sight: Sight,
  pod: PodState,
  { name }: ContainerState,
  kind: keyof ContainerSpec['probes'],
): string {
  const start = `${kind} probe failed`;
  const event = eventsOf(sight, pod, name).findLast(
    ({ reason, message }) => reason === 'Unhealthy' && message.toLowerCase().startsWith(start),
  );
  return event ? `: ${plainWords(event.message) || 'no answer'}` : '';
}

function describe(probe: Probe | undefined): string {
  return probe ? ` (${probe.does})` : '';
}

/** Milliseconds that a probe allows before it gives up. */
export function budgetOf(probe: Probe | undefined): number {
  if (!probe) return 0;
  return (probe.initialDelaySeconds + probe.periodSeconds * probe.failureThreshold) * 1000;
}

function budgetWords(probe: Probe | undefined): string {
  return probe ? `, this one allows ${budgetOf(probe) / 1000} s` : '';
}

/** All containers are ready, and something outside the pod has not let it in yet. */
function closedGate({ workload }: Sight, { conditions, ready }: PodState): Said | null {
  const containersReady = conditions.some(
    ({ type, status }) => type === 'ContainersReady' && status === 'True',
  );
  if (ready || !containersReady) return null;
  const closed = workload.template.readinessGates.find(
    (gate) => !conditions.some(({ type, status }) => type === gate && status === 'True'),
  );
  if (!closed) return null;
  const condition = conditions.find(({ type }) => type === closed);
  const words = condition?.message || condition?.reason || 'nobody has set it';
  return {
    signature: 'readiness-gate',
    says: `waits for readiness gate ${closed}: ${plainWords(words)}`,
    remedy: `Look at the controller that sets ${closed} (for example of the load balancer).`,
  };
}
