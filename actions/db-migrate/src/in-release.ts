import { Cancelled, describeError, Fault, UserError } from '@slipway/kernel';
import type { RecordedDatabase } from '@slipway/release';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { beginOnTarget, type OpenTarget, withTransaction } from '@slipway/transaction';
import type { MigrateContext } from './migration.ts';

/** How long to wait for another release: less than an abandoned lease lives, so that nobody is overtaken by waiting. */
const leaseWaitMs = 60_000;

/** Writes on the target what the migrations mean for the version that serves, before the first of them is applied. */
export type AnnounceMigrations = (database: RecordedDatabase['class']) => Promise<void>;

/**
 * In a release that has images to roll out, begins it on the target, under its lease, before the database is changed; a
 * release that an earlier run left unfinished is settled first. A migration on its own, one without a target and a dry run
 * are run as they are.
 * @param migrate Works with a context that is cancelled when another run takes the lease, too.
 * @throws UserError when another run holds the lease, or a newer release is proven.
 */
export async function inRelease(
  context: MigrateContext,
  migrate: (guarded: MigrateContext, announce: AnnounceMigrations) => Promise<Result>,
): Promise<Result> {
  const { inputs, record } = context;
  const hasImages = record.phases.some(({ name }) => name === 'build-push');
  if (!hasImages || context.dryRun) return migrate(context, async () => undefined);
  const config = context.readConfig(['target', 'services']);
  if (config.target === null) return migrate(context, async () => undefined);
  const { 'take-over': takeOver, 'github-token': token } = inputs;
  context.redactor.add(token);
  const options = { find: programFinder(context), waitMs: leaseWaitMs, takeOver, token };
  const release = { ...context, config };
  return withTransaction(release, options, async (target) => {
    const begun = await beginOnTarget(release, target, {
      allowDowngrade: inputs['allow-downgrade'],
      token,
    });
    if (begun.kind === 'proven')
      return {
        outcome: 'skipped',
        summary: `${record.version} serves already and is proven; nothing was migrated.`,
      };
    const { signal, exec } = target;
    const result = await migrate({ ...context, signal, exec }, async (database) => {
      await target.transaction.send({ kind: 'migrating', id: record.id, database });
    });
    const written = await writeEnd(context, target, result);
    return begun.settled ? { ...written, summary: `${written.summary} ${begun.settled}` } : written;
  });
}

/** Writes on the target how the migration ended. What is in the database is said also when that cannot be written. */
async function writeEnd(
  { record, signal }: MigrateContext,
  target: OpenTarget,
  result: Result,
): Promise<Result> {
  const { database } = result.record ?? record;
  const schema = { database: database?.class ?? 'none', contracts: database?.contracts } as const;
  const kind = result.outcome === 'passed' || result.outcome === 'skipped' ? 'migrated' : 'give-up';
  try {
    await target.transaction.send({ kind, id: record.id, ...schema });
    return result;
  } catch (error) {
    const isOvertaken = target.signal.aborted && !signal.aborted;
    return notWritten(result, isOvertaken ? target.signal.reason : error);
  }
}

/** The release cannot continue, and the database is as the result says. A result of a cancellation has said so already. */
function notWritten(result: Result, error: unknown): Result {
  const isCancelled = error instanceof Cancelled;
  if (isCancelled && result.outcome === 'failed') return result;
  const what = isCancelled
    ? 'db-migrate was cancelled during its last write to the target'
    : describeError(error);
  const hint = error instanceof Fault || error instanceof UserError ? error.hint : undefined;
  return {
    ...result,
    outcome: 'failed',
    summary: `${what}.\n${result.summary}`,
    hint: hint ?? 'Re-run this job: it continues where it stopped.',
  };
}
