import { type Container, serves } from './container.ts';

/** What the new containers say at one moment. */
export type Verdict =
  | { state: 'ready' }
  | { state: 'waiting'; seen: string }
  | { state: 'failed'; container: Container; reason: string };

/** A container that was restarted this often is in a crash loop; one restart may be a race with something it needs. */
const crashLoop = 2;

const signals: Record<number, string> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };

/**
 * Judges new containers. Failing wins over waiting: one doomed replica is enough, since all run the same image.
 * Fewer containers than expected are never ready.
 */
export function judge(containers: readonly Container[], expected: number): Verdict {
  for (const container of containers) {
    const reason = doom(container);
    if (reason) return { state: 'failed', container, reason };
  }
  const ready = containers.filter(serves).length;
  if (expected > 0 && ready >= expected && ready === containers.length) return { state: 'ready' };
  return { state: 'waiting', seen: `${ready}/${expected} new ready` };
}

/** Why a container will not come up by itself any more, or null. */
export function doom(container: Container): string | null {
  const { name, status, exitCode, restarts, health } = container;
  if (container.oomKilled) return `${name} was killed because it used more memory than its limit`;
  if (container.error !== '' && status !== 'running') return `${name} cannot be started: ${container.error}`;
  if (status === 'exited' || status === 'dead')
    return `${name} exited at start with ${describeExit(exitCode)}`;
  // The health check of a container that is down fails as well; the crash is the cause.
  const crashing =
    restarts >= crashLoop || (health === 'unhealthy' && (restarts > 0 || status === 'restarting'));
  if (crashing) {
    // The engine forgets the exit code as soon as it has started the container again.
    const last = status === 'restarting' ? `, last with ${describeExit(exitCode)}` : '';
    return `${name} keeps crashing at start (${restarts} restart${restarts === 1 ? '' : 's'}${last})`;
  }
  if (health === 'unhealthy') return `${name} runs, but its health check fails`;
  return null;
}

function describeExit(code: number): string {
  return signals[code] ? `code ${code} (${signals[code]})` : `code ${code}`;
}
