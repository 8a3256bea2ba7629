import { type Container, isReady } from './container.ts';

/** The state of the new containers at one moment. */
export type Verdict =
  | { state: 'ready' }
  | { state: 'waiting'; seen: string }
  | { state: 'failed'; container: Container; reason: string };

/** A container with this many restarts is in a crash loop; a single one may be a race with a dependency. */
const minCrashLoopRestarts = 2;

const signalNames: Record<number, string> = {
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/**
 * Judges the new containers. Failed wins over waiting: one replica that cannot recover is enough, since all run the same
 * image. Fewer containers than expected are never ready.
 */
export function judge(containers: readonly Container[], expected: number): Verdict {
  for (const container of containers) {
    const reason = terminalFailure(container);
    if (reason) return { state: 'failed', container, reason };
  }
  const ready = containers.filter(isReady).length;
  if (expected > 0 && ready >= expected && ready === containers.length) return { state: 'ready' };
  return { state: 'waiting', seen: `${ready}/${expected} new ready` };
}

/** Why a container will not become ready any more, or null. */
export function terminalFailure(container: Container): string | null {
  const { name, status, exitCode, health } = container;
  if (container.oomKilled) return `${name} was killed because it used more memory than its limit`;
  if (!container.error.isEmpty && status !== 'running')
    return `${name} cannot be started: ${container.error.excerpt(300)}`;
  if (status === 'exited' || status === 'dead') return `${name} exited at start (${describeCode(exitCode)})`;
  // The health check of a container that is down fails as well; the crash is the cause.
  if (isCrashing(container)) return `${name} keeps crashing at start (${describeRestarts(container)})`;
  if (health === 'unhealthy') return `${name} is running but fails its health check`;
  return null;
}

function isCrashing({ restarts, health, status }: Container): boolean {
  if (restarts >= minCrashLoopRestarts) return true;
  return health === 'unhealthy' && (restarts > 0 || status === 'restarting');
}

/** The engine forgets the exit code as soon as it has started the container again. */
function describeRestarts({ restarts, status, exitCode }: Container): string {
  const count = restarts === 1 ? '1 restart' : `${restarts} restarts`;
  return status === 'restarting' ? `${count}, last ${describeCode(exitCode)}` : count;
}

function describeCode(code: number): string {
  return signalNames[code] ? `exit code ${code}, ${signalNames[code]}` : `exit code ${code}`;
}
