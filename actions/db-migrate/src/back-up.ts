import type { Backup } from '@slipway/backup';
import type { DatabaseUrl } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import { makeBackup } from './backup.ts';
import { checkDrift, findDrift } from './drift.ts';
import type { BackedUp, Connected, Reviewed } from './migration.ts';
import { saveProgress, wantsBackup } from './record.ts';
import { notRehearsed, type RehearsalOutcome } from './rehearsal-report.ts';
import { rehearseOnCopy, rehearseOnShadow } from './rehearse.ts';

/**
 * Stage 3: makes a proven backup and rehearses the files, as far as either is asked for.
 * @throws UserError, Fault, Cancelled; production was not touched.
 */
export async function backUpAndRehearse(run: Connected, reviewed: Reviewed): Promise<BackedUp> {
  const { context, database } = run;
  const { plan, hasWork } = reviewed;
  const { backup, ...onCopy } = wantsBackup(context.inputs.backup, hasWork)
    ? await context.log.group('Back up', () => backUp(run, reviewed))
    : { backup: null, ...notRehearsed };
  saveProgress(context, { plan, backup, applied: [] });
  const shadow = hasWork && onCopy.rehearsal === null ? database['shadow-url'] : undefined;
  const onShadow = shadow === undefined ? notRehearsed : await rehearseOnShadow(run, reviewed, shadow);
  const rehearsal = onCopy.rehearsal ?? onShadow.rehearsal;
  const checks: ChecklistItem[] = [...reviewed.checks, ...onCopy.checks, ...onShadow.checks];
  const done = { ...reviewed, backup, rehearsal, checks };
  if (hasWork || reviewed.driftAccepted) await checkDriftAgain(run, done);
  return done;
}

/** A backup that is proven by restoring it lends its copy to the rehearsal, and is known even when that fails. */
async function backUp(run: Connected, reviewed: Reviewed): Promise<RehearsalOutcome & { backup: Backup }> {
  const { plan, hasWork } = reviewed;
  let rehearsed: RehearsalOutcome = notRehearsed;
  const rehearse = async (scratchUrl: DatabaseUrl, backup: Backup): Promise<void> => {
    saveProgress(run.context, { plan, backup, applied: [] });
    rehearsed = await rehearseOnCopy(run, reviewed, scratchUrl);
  };
  const backup = await makeBackup({ ...run, plan }, hasWork ? rehearse : undefined);
  return { backup, ...rehearsed };
}

/**
 * A backup or another database takes its time, and what was changed by hand during it would be taken for ours.
 * @throws UserError
 */
async function checkDriftAgain(
  { context, database, session }: Connected,
  { backup, rehearsal, tables }: Pick<BackedUp, 'backup' | 'rehearsal' | 'tables'>,
): Promise<void> {
  const waited = backup !== null || rehearsal !== null || database.staging !== undefined;
  if (database.verify.drift === 'enforce' && waited) {
    checkDrift(database.verify, await findDrift(session, tables, context.redactor));
  }
}
