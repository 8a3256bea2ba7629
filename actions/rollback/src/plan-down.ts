import { Cancelled, UserError } from '@slipway/kernel';
import type { Reversal } from '@slipway/migrations';
import { type ReleaseEntry, type RestoreTarget, releaseName, type TargetState } from '@slipway/release';
import { onlyRelease } from './choice.ts';
import type { RollbackContext } from './context.ts';
import { reasonOf, refuseUnlisted } from './contract-migrations.ts';
import type { DatabasePlan } from './database-change.ts';
import { explainIrreversible } from './refusal.ts';
import { readReversalOf } from './reversal.ts';

/**
 * Plans to take back what was migrated since the release that comes back. @throws UserError when that may not run on the
 * schema, and it cannot be taken back; Cancelled.
 */
export async function planDown(
  context: RollbackContext,
  choice: RestoreTarget,
  { to, state }: { to: ReleaseEntry; state: TargetState },
): Promise<DatabasePlan> {
  const { contracted } = choice;
  const version = releaseName(to);
  const reused = reusedIds(choice, to, state);
  let found: Reversal;
  try {
    found = await readReversalOf(context, choice);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    if (contracted) throw refused(contracted, version, [reasonOf(error)]);
    if (reused.length > 0) return keepAnyway(context, reused);
    // The services come first in any case, and the database may answer by then.
    return { kind: 'down', when: 'after', versions: [] };
  }
  const problems = [...reused, ...found.problems, ...absent(choice, to, found)];
  if (problems.length > 0 && contracted) throw refused(contracted, version, problems);
  const versions = problems.length > 0 ? [] : found.downs.map((down) => down.version);
  if (contracted || onlyRelease(context) === undefined) {
    const doubt = await refuseUnlisted(context, to, version, versions);
    if (doubt !== null && contracted) throw refused(contracted, version, [doubt]);
  }
  if (problems.length > 0) return keepAnyway(context, problems);
  if (!contracted && isUntouched(choice, found))
    return {
      kind: 'keep',
      note: `The database has no migration of ${namesOf(choice)}: nothing is taken back.`,
    };
  return { kind: 'down', when: contracted ? 'before' : 'after', versions };
}

function refused(contracted: ReleaseEntry, version: string, problems: readonly string[]): UserError {
  const { message, hint } = explainIrreversible(contracted, version, problems);
  return new UserError(message, { hint });
}

/**
 * A database without the contract migrations that the releases have run on may be another one; a release that failed in
 * its migration has run on none.
 */
function absent(choice: RestoreTarget, to: ReleaseEntry, found: Reversal): string[] {
  if (!isUntouched(choice, found)) return [];
  const ranOn = new Set(choice.migrated.flatMap(({ contracts = [] }) => contracts));
  const missing = [...ranOn].filter((one) => !to.contracts?.includes(one));
  if (missing.length === 0) return [];
  return [
    `the database has no migration of ${namesOf(choice)}, not even ${missing.join(', ')}: it is another one, or they were taken back by hand`,
  ];
}

/** Whether the database has nothing to take back, and no attempt before this one can have done it. */
function isUntouched({ from }: RestoreTarget, { versions }: Reversal): boolean {
  return versions.length === 0 && from.phase !== 'restoring';
}

function namesOf({ migrated }: RestoreTarget): string {
  return migrated.map(releaseName).join(', ');
}

/** The journal names releases by their ids: of one that was released again, it does not say which time it applied what. */
function reusedIds({ migrated }: RestoreTarget, to: ReleaseEntry, { releases }: TargetState): string[] {
  const older = new Set(releases.filter(({ sequence }) => sequence <= to.sequence).map(({ id }) => id));
  return migrated.filter(({ id }) => older.has(id)).map(({ id }) => `${id} was released before and after it`);
}

/** The older version can run on the schema: what cannot be taken back does not let the newer one serve on. */
function keepAnyway({ log }: RollbackContext, problems: readonly string[]): DatabasePlan {
  const note = `The schema stays as it is: ${problems.join('; ')}.`;
  log.annotate({ level: 'warning', title: 'The schema is not taken back', message: note });
  return { kind: 'keep', note };
}
