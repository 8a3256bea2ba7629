import type { Result } from '@slipway/runner';
import { hasWork, type MigrationRun, wantsBackup } from './migration.ts';
import { describeLocks } from './review.ts';
import { count } from './wording.ts';

/** What would be done, with the SQL, the locks and the findings of each file. Nothing was changed to find out. */
export async function describePlan(run: MigrationRun): Promise<Result> {
  const { context, plan, schemas, review } = run;
  const backup = wantsBackup(run) ? 'after a backup' : 'without a backup';
  const outputs = { 'schema-version': plan.current ?? '', applied: '0', backup: '' };
  if (!hasWork(run)) {
    const also = wantsBackup(run) ? ' A backup would be made.' : '';
    const summary = `Dry run: the schema is at ${plan.current}, nothing is pending.${also}`;
    return { outcome: 'skipped', summary, outputs };
  }
  for (const { file } of schemas) context.log.info(`schema file ${file}`);
  for (const { file, sql, class: kind } of plan.pending) {
    await context.log.group(`migration ${file} (${kind})`, async () => {
      context.log.info(sql.trim());
      for (const line of describeLocks(review, file)) context.log.info(line);
    });
  }
  const names = plan.pending.map(({ file, class: kind }) => `${file} (${kind})`).join(', ');
  const summary = `Dry run: ${count(schemas.length, 'schema file')} and ${count(plan.pending.length, 'migration')} would be run ${backup}${names && `: ${names}`}; nothing was changed.`;
  const files = plan.pending.map(({ file, version, class: kind }) => ({
    file,
    version,
    state: 'pending' as const,
    class: kind,
  }));
  const evidence = { kind: 'migration' as const, files, checks: run.checks };
  return { outcome: 'skipped', summary, outputs, evidence };
}
