import type { Result } from '@slipway/runner';
import type { MigrateContext, Reviewed } from './migration.ts';
import { wantsBackup } from './record.ts';
import { count } from './wording.ts';

/** What would be done, with the SQL, the locks and the findings of each file. Nothing was changed to find out. */
export async function describePlan(
  { inputs, log }: Pick<MigrateContext, 'inputs' | 'log'>,
  { plan, schemas, review, checks, hasWork }: Reviewed,
): Promise<Result> {
  const backup = wantsBackup(inputs.backup, hasWork);
  const outputs = { 'schema-version': plan.current ?? '', applied: '0', backup: '' };
  if (!hasWork) {
    const also = backup ? ' A backup would be made.' : '';
    const summary = `Dry run: the schema is at ${plan.current}; nothing is pending.${also}`;
    return { outcome: 'skipped', summary, outputs };
  }
  // Loaded by now, with the grammar.
  const { describeLocks } = await import('./read-files.ts');
  for (const { file } of schemas) log.info(`schema file ${file}`);
  for (const { file, sql, class: kind } of plan.pending) {
    await log.group(`migration ${file} (${kind})`, async () => {
      log.info(sql.trim());
      for (const line of describeLocks(review, file)) log.info(line);
    });
  }
  const names = plan.pending.map(({ file, class: kind }) => `${file} (${kind})`).join(', ');
  const summary = `Dry run: ${count(schemas.length, 'schema file')} and ${count(plan.pending.length, 'migration')} would be run ${backup ? 'after' : 'without'} a backup${names && `: ${names}`}; nothing was changed.`;
  const files = plan.pending.map(({ file, version, class: kind }) => ({
    file,
    version,
    state: 'pending' as const,
    class: kind,
  }));
  const evidence = { kind: 'migration' as const, files, checks: [...checks] };
  return { outcome: 'skipped', summary, outputs, evidence };
}
