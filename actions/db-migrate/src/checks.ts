import { DatabaseUrl, describeError, UserError } from '@slipway/kernel';
import { judgeStaging, readMigrationTables, stateOf } from '@slipway/migrations';
import { connect, sessionName } from '@slipway/postgres';
import type { ChecklistItem } from '@slipway/release';
import type { Connected, Prepared } from './migration.ts';

/**
 * Proves that staging has applied every pending migration, with the same content. @throws UserError that names those it lacks, or
 * why staging cannot be reached; nothing was changed.
 */
export async function checkStaging(
  { context, database }: Pick<Connected, 'context' | 'database'>,
  { folder, plan }: Pick<Prepared, 'folder' | 'plan'>,
): Promise<ChecklistItem[]> {
  if (!database.staging || plan.pending.length === 0) return [];
  const { url } = database.staging;
  const client = await connect({
    url: DatabaseUrl.parse(url),
    applicationName: sessionName(context.record.id),
    signal: context.signal,
    redactor: context.redactor,
  }).catch((error: unknown) => {
    throw new UserError(`cannot check staging: ${describeError(error)}`, {
      hint: 'Check database.staging.url. Nothing was changed.',
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
    const evidence = `staging has applied ${plan.pending.length} of ${plan.pending.length} pending migrations with the same content`;
    return [{ id: 'staging', title: 'Tested on staging', state: 'passed', evidence }];
  } finally {
    await client.end().catch(() => undefined);
  }
}
