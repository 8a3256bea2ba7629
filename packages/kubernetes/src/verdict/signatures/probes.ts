import type { ContainerSpec, ContainerState, PodState, Probe } from '../../snapshot/snapshot.ts';
import { eventsOf, type Observation, strictness } from '../observation.ts';
import { countExits } from './container-exits.ts';
import { exitLimits } from './rules.ts';
import { containerSymptom, containersOf, podSymptom, type Symptom, type SymptomDetails } from './symptom.ts';
import { describeTimes, plainMessage } from './wording.ts';

const killed = /failed (liveness|startup) probe, will be restarted/;

/**
 * How often a probe had the container killed. The program may exit with code 0 on SIGTERM, so only the event `Killing`
 * is evidence. Events of one kind are merged and dropped when there are many, hence the exits count too.
 */
export function countKills(observation: Observation, pod: PodState, container: ContainerState): number {
  const kills = killEvents(observation, pod, container).reduce((sum, { count }) => sum + count, 0);
  return kills === 0 ? 0 : Math.max(kills, countExits(container));
}

function killEvents(observation: Observation, pod: PodState, { name }: ContainerState) {
  return eventsOf(observation, pod, name).filter(
    ({ reason, message }) => reason === 'Killing' && killed.test(message) && message.includes(name),
  );
}

/** Probes that kill containers, and probes that never let them serve. */
export function probeSymptoms(observation: Observation): Symptom[] {
  return observation.fresh.flatMap((pod) => {
    const symptoms = containersOf(pod, observation.workload.template).flatMap(({ container, spec }) => {
      const details = [kills(observation, pod, container, spec), unready(observation, pod, container, spec)];
      return details.flatMap((one) => (one ? [containerSymptom(pod, container, one)] : []));
    });
    const gate = closedGate(observation, pod);
    return gate ? [...symptoms, podSymptom(pod, gate)] : symptoms;
  });
}

function kills(
  observation: Observation,
  pod: PodState,
  container: ContainerState,
  spec: ContainerSpec | undefined,
): SymptomDetails | null {
  const times = countKills(observation, pod, container);
  if (times === 0) return null;
  const [event] = killEvents(observation, pod, container);
  const kind = killed.exec(event?.message ?? '')?.[1] === 'startup' ? 'startup' : 'liveness';
  const decides = times >= exitLimits.certain[strictness(observation)];
  const probe = spec?.probes[kind];
  return {
    signature: 'liveness-kills',
    ...(decides ? {} : { severity: 'advisory' }),
    predicate: `was killed ${describeTimes(times)} by its ${kind} probe${describe(probe)}${answer(observation, pod, container, kind)}`,
    remedy: `Correct the ${kind} probe or what it checks; a program that starts slowly needs a startup probe${describeBudget(probe)}.`,
    logs: container.state === 'terminated' ? 'current' : 'previous',
  };
}

/** It runs and is not ready. Its own probe must have details no; failing probes of pods that are stopped mean nothing. */
function unready(
  observation: Observation,
  pod: PodState,
  container: ContainerState,
  spec: ContainerSpec | undefined,
): SymptomDetails | null {
  if (container.state !== 'running' || container.ready || observation.workload.kind === 'Job') return null;
  const kind = failingProbe(observation, pod, container);
  if (!kind) return null;
  const probe = spec?.probes[kind];
  // Three times what the probe itself allows: a program that starts fails its first probes.
  const strict = {
    severity: 'sustained' as const,
    graceMs: 3 * (probeBudgetMs(spec?.probes.readiness) + probeBudgetMs(spec?.probes.startup)),
  };
  return {
    signature: 'readiness-never',
    ...(observation.failFast === 'strict' ? strict : {}),
    predicate: `is failing its ${kind} probe${describe(probe)}${answer(observation, pod, container, kind)}`,
    remedy: `Find out why the program fails its ${kind} probe; if it only needs more time, raise start-timeout.`,
    logs: 'current',
  };
}

/** The probe that failed last: a startup probe that failed before the program was up may have passed since. */
function failingProbe(
  observation: Observation,
  pod: PodState,
  { name }: ContainerState,
): 'startup' | 'readiness' | null {
  const event = eventsOf(observation, pod, name).findLast(
    ({ reason, message }) => reason === 'Unhealthy' && /^(?:startup|readiness) probe failed/i.test(message),
  );
  if (!event) return null;
  return /^startup/i.test(event.message) ? 'startup' : 'readiness';
}

/** The last answer of a probe, `: HTTP 503`; empty when it never failed. */
function answer(
  observation: Observation,
  pod: PodState,
  { name }: ContainerState,
  kind: keyof ContainerSpec['probes'],
): string {
  const start = `${kind} probe failed`;
  const event = eventsOf(observation, pod, name).findLast(
    ({ reason, message }) => reason === 'Unhealthy' && message.toLowerCase().startsWith(start),
  );
  return event ? `: ${plainMessage(event.message) || 'no answer'}` : '';
}

function describe(probe: Probe | undefined): string {
  return probe ? ` (${probe.does})` : '';
}

/** How long a probe keeps failing before it acts. */
export function probeBudgetMs(probe: Probe | undefined): number {
  if (!probe) return 0;
  return (probe.initialDelaySeconds + probe.periodSeconds * probe.failureThreshold) * 1000;
}

function describeBudget(probe: Probe | undefined): string {
  return probe ? ` (this probe allows ${probeBudgetMs(probe) / 1000} s)` : '';
}

/** All containers are ready, and a controller outside the pod has not opened its readiness gate yet. */
function closedGate({ workload }: Observation, { conditions, ready }: PodState): SymptomDetails | null {
  const containersReady = conditions.some(
    ({ type, status }) => type === 'ContainersReady' && status === 'True',
  );
  if (ready || !containersReady) return null;
  const closed = workload.template.readinessGates.find(
    (gate) => !conditions.some(({ type, status }) => type === gate && status === 'True'),
  );
  if (!closed) return null;
  const condition = conditions.find(({ type }) => type === closed);
  const words = condition?.message || condition?.reason || 'it is not set';
  return {
    signature: 'readiness-gate',
    predicate: `is waiting for readiness gate ${closed}: ${plainMessage(words)}`,
    remedy: `Check the controller that sets ${closed} (for example the load balancer controller).`,
  };
}
