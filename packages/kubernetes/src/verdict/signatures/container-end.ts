import type { ContainerState } from '../../snapshot/snapshot.ts';

/**
 * How often the container has ended. `restartCount` counts runs that were begun again, so a container that is down now
 * has ended once more than that: waiting for its third run with `CrashLoopBackOff`, its count is still 1.
 */
export function endingsOf({ state, restarts, last }: ContainerState): number {
  const isDown = state === 'terminated' || (state === 'waiting' && last !== null);
  return restarts + (isDown ? 1 : 0);
}

/** The way it ended last; null when it never did, or when that was an init container's good end. */
export function lastEnd(container: ContainerState): NonNullable<ContainerState['last']> | null {
  const { state, reason, message, exitCode, signal, last } = container;
  return state === 'terminated' ? { reason, message, exitCode, signal } : last;
}
