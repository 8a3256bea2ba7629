import type { ContainerSpec, ContainerState, PodState } from '../../snapshot/snapshot.ts';
import { type Observation, strictness } from '../observation.ts';
import { countExits, lastExit } from './container-exits.ts';
import { countKills } from './probes.ts';
import { exitLimits } from './rules.ts';
import { failsToStart, wrongArchitecture } from './start.ts';
import { containerSymptom, containersOf, type Symptom, type SymptomDetails } from './symptom.ts';
import { describeExits, describeTimes, plainMessage } from './wording.ts';

/** Containers that start and exit again. */
export function crashSymptoms(observation: Observation): Symptom[] {
  return observation.fresh.flatMap((pod) =>
    containersOf(pod, observation.workload.template).flatMap(({ container, spec, init }) => {
      const details = crash(observation, pod, { container, spec, init });
      return details ? [containerSymptom(pod, container, details)] : [];
    }),
  );
}

function crash(
  observation: Observation,
  pod: PodState,
  { container, spec, init }: Pick<ContainerExit, 'container' | 'spec' | 'init'>,
): SymptomDetails | null {
  const times = countExits(container);
  const exit = lastExit(container);
  const isUp = container.state === 'running' && container.ready;
  if (!exit || times === 0 || isUp || failsToStart(container)) return null;
  const isJob = observation.workload.kind === 'Job';
  if ((init || isJob) && container.state === 'terminated' && exit.exitCode === 0) return null;
  const kills = countKills(observation, pod, container);
  const details = explain({ container, spec, init, times, exit });
  // A probe that killed it explains the exit better; running out of memory does so in any case.
  if (kills > 0 && details.signature !== 'out-of-memory') return null;
  const limit = exitLimits[details.signature === 'out-of-memory' ? 'certain' : 'crash'];
  const enough = details.signature === 'wrong-architecture' || times >= limit[strictness(observation)];
  // A Job has a backoffLimit and reports when it gives up.
  const decides = enough && !isJob;
  return {
    ...details,
    logs: container.state === 'terminated' ? 'current' : 'previous',
    ...(decides ? {} : { severity: 'advisory' }),
  };
}

interface ContainerExit {
  container: ContainerState;
  spec: ContainerSpec | undefined;
  init: boolean;
  times: number;
  exit: NonNullable<ContainerState['last']>;
}

function explain({ container, spec, init, times, exit }: ContainerExit): SymptomDetails {
  if (/exec format error/i.test(exit.message)) return wrongArchitecture(container.image, 'exec format error');
  if (exit.reason === 'OOMKilled') return outOfMemory(times, spec?.limits.memory);
  const last = exit.message
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '');
  const words = last ? `: ${plainMessage(last)}` : '';
  return {
    signature: init ? 'init-failing' : 'crash-loop',
    predicate: `${describeExits(times, exit.exitCode)}${words}`,
    remedy: remedyFor(exit.exitCode, init),
  };
}

function outOfMemory(times: number, limit: string | undefined): SymptomDetails {
  const why = limit ? `it exceeded its memory limit of ${limit}` : 'its node ran out of memory';
  return {
    signature: 'out-of-memory',
    predicate: `was killed ${describeTimes(times)} because ${why}`,
    remedy: limit
      ? `Raise the memory limit above ${limit}, or reduce what the program needs at start.`
      : 'Set a memory request and limit that fit, or reduce what the program needs at start.',
  };
}

function remedyFor(code: number | null, init: boolean): string {
  if (code === 0 && !init)
    return 'A service must not exit: run its program in the foreground, and find out why it returns.';
  if (code === 126 || code === 127)
    return 'Correct the command of the container, or add the program to the image.';
  if (code === 137)
    return 'The container was killed: check its memory, its node and what sends signals in the container.';
  if (code === 139)
    return 'The program crashed in native code: check its libraries and the architecture that it was built for.';
  return init
    ? 'Read the last lines of its log; the other containers start only after it succeeds.'
    : 'Read the last lines of its log, fix the cause and deploy again.';
}
