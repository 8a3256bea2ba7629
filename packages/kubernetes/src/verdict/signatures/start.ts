import type { ContainerSpec, ContainerState, WorkloadState } from '../../snapshot/snapshot.ts';
import type { Observation } from '../observation.ts';
import { containerSymptom, containersOf, type Symptom, type SymptomDetails } from './symptom.ts';
import { plainMessage } from './wording.ts';

/** Containers that the node cannot create or start, although it has their image. */
export function startSymptoms(observation: Observation): Symptom[] {
  // A Job replaces a pod that failed as a whole; only its next one counts.
  const pods = observation.fresh.filter(({ phase }) => phase !== 'Failed');
  return pods.flatMap((pod) =>
    containersOf(pod, observation.workload.template).flatMap(({ container, spec }) => {
      const details = unconfigured(container, spec, observation.workload) ?? unstartable(container, spec);
      return details ? [containerSymptom(pod, container, details)] : [];
    }),
  );
}

/** Whether the runtime, and not the program, is the reason that the container does not run. */
export function failsToStart(container: ContainerState): boolean {
  return startFailure(container) !== null;
}

function unconfigured(
  { state, reason, message }: ContainerState,
  spec: ContainerSpec | undefined,
  workload: WorkloadState,
): SymptomDetails | null {
  if (state !== 'waiting' || reason !== 'CreateContainerConfigError') return null;
  if (/run ?as ?non-?root|runAsUser/i.test(message))
    return {
      signature: 'cannot-start',
      predicate: `cannot run as the user of its image: ${plainMessage(message)}`,
      remedy: 'Set runAsUser to a number other than 0, or give the image a numeric USER.',
    };
  if (/failed to sync \w+ cache/i.test(message))
    return {
      signature: 'config-missing',
      graceMs: 30_000,
      predicate: `is waiting until its node has received the configuration: ${plainMessage(message)}`,
      remedy: 'Check the node; the release itself may be fine.',
    };
  return missingConfiguration(plainMessage(message), spec, workload.namespace);
}

const missingObject = /\b(secrets?|configmaps?) "([^"]+)" not found/i;
const missingKey = /find key (\S+) in (Secret|ConfigMap) (?:[^\s/]+\/)?(\S+)/i;

/** A missing secret, ConfigMap or key, with the variables that need it. */
export function missingConfiguration(
  words: string,
  spec: ContainerSpec | undefined,
  namespace: string,
): SymptomDetails {
  const signature = 'config-missing';
  const predicate = `is missing configuration: ${words}`;
  const key = missingKey.exec(words);
  if (key) {
    const [, name = '', kind = '', object = ''] = key;
    const needed = neededBy(spec, `${kind.toLowerCase()} ${object}/${name}`);
    return {
      signature,
      predicate,
      remedy: `Add the key ${name} to ${kind} ${object} in namespace ${namespace}${needed}.`,
    };
  }
  const object = missingObject.exec(words);
  if (!object)
    return {
      signature,
      predicate,
      remedy: 'Create the missing object, or correct its name in the manifest.',
    };
  const kind = /secret/i.test(object[1] ?? '') ? 'secret' : 'configmap';
  const needed = neededBy(spec, `${kind} ${object[2]}/`);
  const remedy = `Create the ${kind} ${object[2]} in namespace ${namespace}${needed}, or correct its name.`;
  return { signature, predicate, remedy };
}

function neededBy(spec: ContainerSpec | undefined, source: string): string {
  const variables = Object.entries(spec?.env ?? {})
    .filter(([, from]) => (source.endsWith('/') ? from.startsWith(source) : from === source))
    .map(([name]) => name);
  return variables.length === 0 ? '' : ` (needed for ${variables.slice(0, 5).join(', ')})`;
}

const startReasons = new Set([
  'RunContainerError',
  'ContainerCannotRun',
  'StartError',
  'CreateContainerError',
]);
/** The runtime was too slow or too full; the next attempt may succeed. */
const transient =
  /deadline exceeded|timed? ?out|temporarily unavailable|is reserved for|no space left|too many open files/i;

interface StartFailure {
  message: string;
  transient: boolean;
}

/** null unless the container is down because the runtime could not start it. */
function startFailure({ state, reason, message, exitCode, last }: ContainerState): StartFailure | null {
  if (state === 'running' || state === 'unknown') return null;
  const now = startReasons.has(reason);
  const before = last !== null && startReasons.has(last.reason);
  if (!now && !before) return null;
  // The status before has the error without the id of the container.
  const text = before && last?.message ? last.message : message;
  // Docker reports code 128 for its own failures to start; StartError of containerd always has that code.
  const docker = reason === 'ContainerCannotRun' || last?.reason === 'ContainerCannotRun';
  const own = docker && (exitCode ?? last?.exitCode) === 128;
  return { message: text, transient: own || transient.test(text) };
}

function unstartable(container: ContainerState, spec: ContainerSpec | undefined): SymptomDetails | null {
  const failure = startFailure(container);
  if (!failure) return null;
  const words = plainMessage(failure.message) || container.reason;
  if (/exec format error/i.test(words)) return wrongArchitecture(container.image, words);
  const command = spec && spec.command.length > 0 ? `command ${spec.command[0]}` : 'entrypoint';
  const noCommand =
    /no such file or directory|executable file not found|no command specified|permission denied/i;
  return {
    signature: 'cannot-start',
    ...(failure.transient ? { severity: 'sustained' as const, graceMs: 20_000 } : {}),
    predicate: `failed to start: ${words}`,
    remedy: noCommand.test(words)
      ? `Correct the ${command}: it must exist in the image and be executable.`
      : 'Correct the setting that the runtime names (command, mounts, devices or security context).',
  };
}

/** The program was built for another architecture than that of the node. */
export function wrongArchitecture(image: string, words: string): SymptomDetails {
  return {
    signature: 'wrong-architecture',
    predicate: `cannot run on the architecture of its node: ${words}`,
    remedy: `Build ${image} on a runner with the architecture of the nodes, or select nodes with that of the image.`,
  };
}
