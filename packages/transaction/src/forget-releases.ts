import { describeError, type Log } from '@slipway/kernel';
import { wholeReleases } from '@slipway/release';
import type { OpenTarget } from './with-transaction.ts';

/** Deletes what was saved of releases that cannot be restored any more. What cannot be deleted only takes space. */
export async function forgetOldReleases(
  { log }: { log: Pick<Log, 'warn'> },
  { platform, transaction }: Pick<OpenTarget, 'platform' | 'transaction'>,
): Promise<void> {
  const needed = wholeReleases(transaction.state).flatMap(({ id, services, previous }) => [
    id,
    ...[...Object.values(services), ...Object.values(previous)].flatMap((service) => service?.release ?? []),
  ]);
  await platform.forgetReleases(new Set(needed)).catch((error: unknown) => {
    log.warn(`cannot delete what was saved of old releases: ${describeError(error)}`);
  });
}
