import type { ContainerState } from '../../snapshot/snapshot.ts';

/**
 * How often the container has exited. `restartCount` counts runs that were started again, so a container that is down
 * now has exited once more than that: waiting for its third run with `CrashLoopBackOff`, its count is still 1.
 */
export function countExits({ state, restarts, last }: ContainerState): number {
  const isDown = state === 'terminated' || (state === 'waiting' && last !== null);
  return restarts + (isDown ? 1 : 0);
}

/** Its last exit; null when it never exited, or when that was the success of an init container. */
export function lastExit(container: ContainerState): NonNullable<ContainerState['last']> | null {
  const { state, reason, message, exitCode, signal, last } = container;
  return state === 'terminated' ? { reason, message, exitCode, signal } : last;
}
