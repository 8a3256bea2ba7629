import type { ContainerSpec, ContainerState, PodState } from '../../snapshot/snapshot.ts';
import { endingsOf, lastEnd } from './container-end.ts';
import { killsOf } from './probes.ts';
import { endings } from './rules.ts';
import { containerSign, containersOf, type Said, type Sight, type Sign, strictness } from './sign.ts';
import { failsToStart, wrongArchitecture } from './start.ts';
import { exitWords, plainWords, timesWords } from './wording.ts';

/** Containers that start and end again. */
export function crashSigns(sight: Sight): Sign[] {
  return sight.fresh.flatMap((pod) =>
    containersOf(pod, sight.workload.template).flatMap(({ container, spec, init }) => {
      const said = crash(sight, pod, { container, spec, init });
      return said ? [containerSign(pod, container, said)] : [];
    }),
  );
}

function crash(
  sight: Sight,
  pod: PodState,
  { container, spec, init }: { container: ContainerState; spec: ContainerSpec | undefined; init: boolean },
): Said | null {
  const times = endingsOf(container);
  const end = lastEnd(container);
  const isUp = container.state === 'running' && container.ready;
  if (!end || times === 0 || isUp || failsToStart(container)) return null;
  if ((init || sight.workload.kind === 'Job') && container.state === 'terminated' && end.exitCode === 0)
    return null;
  const kills = killsOf(sight, pod, container);
  const said = explain({ container, spec, init, times, end });
  // A probe that killed it explains the end better; memory that ran out does so in any case.
  if (kills > 0 && said.signature !== 'out-of-memory') return null;
  const limit = endings[said.signature === 'out-of-memory' ? 'sure' : 'crash'];
  const enough = said.signature === 'wrong-architecture' || times >= limit[strictness(sight)];
  // A Job has a backoffLimit of its own and says when it gives up.
  const decides = enough && sight.workload.kind !== 'Job';
  return {
    ...said,
    logs: container.state === 'terminated' ? 'current' : 'previous',
    ...(decides ? {} : { gravity: 'pending' }),
  };
}

interface Ended {
  container: ContainerState;
  spec: ContainerSpec | undefined;
  init: boolean;
  times: number;
  end: NonNullable<ContainerState['last']>;
}

function explain({ container, spec, init, times, end }: Ended): Said {
  if (/exec format error/i.test(end.message)) return wrongArchitecture(container.image, 'exec format error');
  if (end.reason === 'OOMKilled') return outOfMemory(times, spec?.limits.memory);
  const said = end.message
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '');
  const words = said ? `: ${plainWords(said)}` : '';
  const often = times === 1 ? 'ended' : `ended ${timesWords(times)}, last`;
  return {
    signature: init ? 'init-failing' : 'crash-loop',
    says: `${often} with ${exitWords(end.exitCode)}${words}`,
    remedy: remedyFor(end.exitCode, init),
  };
}

function outOfMemory(times: number, limit: string | undefined): Said {
  const most = limit ? `its memory limit of ${limit}` : 'the memory that its node has';
  return {
    signature: 'out-of-memory',
    says: `was killed ${timesWords(times)} because it used more than ${most}`,
    remedy: limit
      ? `Raise the memory limit above ${limit}, or lower what the program takes at start.`
      : 'Set a memory request and limit that fit, or lower what the program takes at start.',
  };
}

function remedyFor(code: number | null, init: boolean): string {
  if (code === 0 && !init)
    return 'A service must not end: run its program in the foreground, and look why it returns.';
  if (code === 126 || code === 127)
    return 'Correct the command of the container, or put the program into the image.';
  if (code === 137)
    return 'Something killed it: look at memory, at its node and at what sends signals in the container.';
  if (code === 139)
    return 'The program crashed in native code: look at libraries and at the processor it was built for.';
  return init
    ? 'The last lines of its log say why; the other containers start only after it.'
    : 'The last lines of its log say why; mend the release and deploy again.';
}
