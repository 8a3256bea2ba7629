import type { ContainerSpec, ContainerState, WorkloadState } from '../../snapshot/snapshot.ts';
import { containerSign, containersOf, type Said, type Sight, type Sign } from './sign.ts';
import { plainWords } from './wording.ts';

/** Containers that the node cannot create or start, although it has their image. */
export function startSigns(sight: Sight): Sign[] {
  // A Job replaces a pod that failed as a whole; only its next one counts.
  const pods = sight.fresh.filter(({ phase }) => phase !== 'Failed');
  return pods.flatMap((pod) =>
    containersOf(pod, sight.workload.template).flatMap(({ container, spec }) => {
      const said = unconfigured(container, spec, sight.workload) ?? unstartable(container, spec);
      return said ? [containerSign(pod, container, said)] : [];
    }),
  );
}

/** Whether the runtime, and not the program, is why it is not running. */
export function failsToStart(container: ContainerState): boolean {
  return startFailure(container) !== null;
}

function unconfigured(
  { state, reason, message }: ContainerState,
  spec: ContainerSpec | undefined,
  workload: WorkloadState,
): Said | null {
  if (state !== 'waiting' || reason !== 'CreateContainerConfigError') return null;
  if (/run ?as ?non-?root|runAsUser/i.test(message))
    return {
      signature: 'cannot-start',
      says: `may not run as the user of its image: ${plainWords(message)}`,
      remedy: 'Set runAsUser to a number other than 0, or give the image a numeric USER.',
    };
  if (/failed to sync \w+ cache/i.test(message))
    return {
      signature: 'config-missing',
      hold: 30_000,
      says: `waits until its node knows the configuration: ${plainWords(message)}`,
      remedy: 'Look at the node; the release itself may be fine.',
    };
  return missing(plainWords(message), spec, workload.namespace);
}

const missingObject = /\b(secrets?|configmaps?) "([^"]+)" not found/i;
const missingKey = /find key (\S+) in (Secret|ConfigMap) (?:[^\s/]+\/)?(\S+)/i;

/** A secret, a ConfigMap or a key of one that is not there, with the variables that need it. */
export function missing(words: string, spec: ContainerSpec | undefined, namespace: string): Said {
  const signature = 'config-missing';
  const says = `lacks configuration: ${words}`;
  const key = missingKey.exec(words);
  if (key) {
    const [, name = '', kind = '', object = ''] = key;
    const needed = neededBy(spec, `${kind.toLowerCase()} ${object}/${name}`);
    return {
      signature,
      says,
      remedy: `Add the key ${name} to ${kind} ${object} in namespace ${namespace}${needed}.`,
    };
  }
  const object = missingObject.exec(words);
  if (!object)
    return { signature, says, remedy: 'Create what is missing, or correct its name in the manifest.' };
  const kind = /secret/i.test(object[1] ?? '') ? 'secret' : 'configmap';
  const needed = neededBy(spec, `${kind} ${object[2]}/`);
  const remedy = `Create the ${kind} ${object[2]} in namespace ${namespace}${needed}, or correct its name.`;
  return { signature, says, remedy };
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
/** The runtime was too slow or too full; the next try may do. */
const passing =
  /deadline exceeded|timed? ?out|temporarily unavailable|is reserved for|no space left|too many open files/i;

interface StartFailure {
  message: string;
  passes: boolean;
}

/** null unless the container is down because the runtime could not start it. */
function startFailure({ state, reason, message, exitCode, last }: ContainerState): StartFailure | null {
  if (state === 'running' || state === 'unknown') return null;
  const now = startReasons.has(reason);
  const before = last !== null && startReasons.has(last.reason);
  if (!now && !before) return null;
  // The status before tells the error without the id of the container.
  const told = before && last?.message ? last.message : message;
  // Docker ends with 128 what it could not start for reasons of its own; StartError of containerd has always that code.
  const docker = reason === 'ContainerCannotRun' || last?.reason === 'ContainerCannotRun';
  const own = docker && (exitCode ?? last?.exitCode) === 128;
  return { message: told, passes: own || passing.test(told) };
}

function unstartable(container: ContainerState, spec: ContainerSpec | undefined): Said | null {
  const failure = startFailure(container);
  if (!failure) return null;
  const words = plainWords(failure.message) || container.reason;
  if (/exec format error/i.test(words)) return wrongArchitecture(container.image, words);
  const command = spec && spec.command.length > 0 ? `command ${spec.command[0]}` : 'entrypoint';
  const noCommand =
    /no such file or directory|executable file not found|no command specified|permission denied/i;
  return {
    signature: 'cannot-start',
    ...(failure.passes ? { gravity: 'grave' as const, hold: 20_000 } : {}),
    says: `cannot be started: ${words}`,
    remedy: noCommand.test(words)
      ? `Correct the ${command}: it must exist in the image and be executable.`
      : 'Correct what the runtime names (command, mounts, devices, security context).',
  };
}

export function wrongArchitecture(image: string, words: string): Said {
  return {
    signature: 'wrong-architecture',
    says: `cannot run on the processor of its node: ${words}`,
    remedy: `Build ${image} on a runner with the architecture of the nodes, or select nodes with that of the image.`,
  };
}
