import { type Clock, systemClock } from '@slipway/kernel';

/** How many times as fast it is after `hurry`. */
const factor = 10;

/** The clock of this machine until `hurry`, which is for waits that prove nothing by their length, and faster then. */
export function hurriedClock(): Clock & { hurry(): void } {
  let since: number | undefined;
  return {
    now: systemClock.now,
    monotonic() {
      const now = systemClock.monotonic();
      return since === undefined ? now : since + (now - since) * factor;
    },
    sleep: (ms, signal) => systemClock.sleep(since === undefined ? ms : ms / factor, signal),
    hurry() {
      since ??= systemClock.monotonic();
    },
  };
}
