import { DatabaseUrl, describeError, UserError } from '@slipway/kernel';
import { judgeStaging, readMigrationTables, stateOf } from '@slipway/migrations';
import { connect, sessionName } from '@slipway/postgres';
import type { ChecklistItem } from '@slipway/release';
import type { MigrationRun } from './migration.ts';

/** Writes down what was proven, or not. */
export function note(
  run: Pick<MigrationRun, 'checks'>,
  id: string,
  title: string,
  state: ChecklistItem['state'],
  evidence: string,
  remedy?: string,
): void {
  run.checks.push({ id, title, state, evidence, ...(remedy === undefined ? {} : { remedy }) });
}

/**
 * Proves that staging has every pending migration, from the same text. @throws UserError that names those it lacks, or
 * why staging cannot be asked; nothing was changed.
 */
export async function checkStaging(run: MigrationRun): Promise<void> {
  const { context, database, folder, plan } = run;
  if (!database.staging || plan.pending.length === 0) return;
  const { url } = database.staging;
  const client = await connect({
    url: DatabaseUrl.parse(url),
    applicationName: sessionName(context.record.id),
    signal: context.signal,
  }).catch((error: unknown) => {
    throw new UserError(`staging cannot be asked: ${describeError(error)}`, {
      hint: 'See database.staging.url. Nothing was changed.',
    });
  });
  try {
    const staging = stateOf(await readMigrationTables(client, folder.format, folder.migrations));
    const problems = judgeStaging(plan.pending, staging, database.staging['min-age']);
    if (problems.length > 0) {
      throw new UserError(`these migrations were not tested on staging:\n${problems.join('\n')}`, {
        hint: 'Release this commit to staging first. Nothing was changed.',
      });
    }
    const seen = `staging has applied ${plan.pending.length} of ${plan.pending.length} pending migrations from the same text`;
    note(run, 'staging', 'Tested on staging', 'passed', seen);
  } finally {
    await client.end().catch(() => undefined);
  }
}
