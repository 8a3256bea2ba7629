import { formatDuration } from '@slipway/kernel';
import { deferred, type Finding, failed, passed, skipped } from './checklist.ts';
import type { ReadSections } from './configuration.ts';

/** What GitHub gives one job: on its own runners, and on those of others. */
const hostedMinutes = 360;
const selfHostedMinutes = 5 * 24 * 60;

/** How long the release job may take: the watch, and what everything else needs. undefined when no watch could be read. */
export function releaseMinutes(
  { config: { watch } }: ReadSections,
  otherMinutes: number,
): number | undefined {
  return watch && Math.ceil(watch.for / 60_000) + otherMinutes;
}

/** Whether the release job can end before GitHub ends it: it would be put back, however good it is. Pure. */
export function judgeTime(sections: ReadSections, otherMinutes: number, isHosted: boolean): Finding {
  const { watch } = sections.config;
  const minutes = releaseMinutes(sections, otherMinutes);
  if (!watch || minutes === undefined)
    return sections.unread.has('watch')
      ? deferred('how long the watch takes is known after the approval')
      : skipped('no watch is configured');
  const limit = isHosted ? hostedMinutes : selfHostedMinutes;
  const needed = `${minutes} min: ${formatDuration(watch.for)} of watch and ${otherMinutes} min for everything else`;
  if (minutes <= limit) return passed(`the release job may take ${needed}`);
  return failed(
    `the release job may take ${needed}; ${isHosted ? 'a runner of GitHub' : 'GitHub'} ends a job after ${limit} min`,
    isHosted
      ? 'Shorten watch.for or the input release-minutes, or use a self-hosted runner.'
      : 'Shorten watch.for or the input release-minutes.',
  );
}
