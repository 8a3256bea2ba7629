import { Cancelled, Fault } from '@slipway/kernel';
import {
  type MigrationTables,
  newestVersion,
  readMigrationTables,
  readProjections,
  runAssertions,
  settleContractMigrations,
  stateOf,
  verifyVersions,
} from '@slipway/migrations';
import { asDatabaseError } from '@slipway/postgres';
import type { ChecklistItem, MigrationFile } from '@slipway/release';
import type { Applied, Connected, Verified, VerifyResult } from './migration.ts';
import { saveBaseline } from './save-baseline.ts';
import { type Judgement, judgeAssertions, judgeState, projectionJudgement } from './verdicts.ts';

/**
 * Stage 5: proves that the table holds exactly the files' versions, that the users' assertions hold, and that the
 * projections did not get worse. Whatever is found, the next release starts from the schema as it is.
 * @throws what the connection says; UserError
 */
export async function verify(run: Connected, applied: Applied): Promise<VerifyResult> {
  const tables = applied.files.then(() => readTablesNow(run, applied));
  // Whoever needs it waits for it.
  tables.catch(() => undefined);
  const saving =
    applied.hasWork || applied.driftAccepted ? saveBaseline(run, applied, tables) : Promise.resolve();
  const checks = [...applied.checks];
  try {
    const version = await prove(run, applied, { tables: await tables, checks });
    await saving;
    return { state: 'verified', verified: { ...applied, checks, files: await applied.files, version } };
  } catch (error) {
    await saving;
    return unverified({ ...applied, checks }, await applied.files, error);
  }
}

function unverified(
  { files: _, startedAt: __, ...to }: Applied,
  files: readonly MigrationFile[],
  error: unknown,
): VerifyResult {
  if (error instanceof Cancelled) return { state: 'stopped', stopped: to, reason: error, files };
  if (error instanceof Fault) return { state: 'unproven', unproven: to, reason: error, files };
  throw error;
}

/** @param to.checks Gets what was proven, or not. @returns the newest version. @throws Fault of the first that is not */
async function prove(
  { session, database }: Connected,
  applied: Applied,
  to: { tables: MigrationTables; checks: ChecklistItem[] },
): Promise<string | null> {
  const { folder, assertions, projections } = applied;
  const take = ({ check, failure }: Judgement): void => {
    if (check) to.checks.push(check);
    if (failure) throw failure;
  };
  const state = stateOf(to.tables);
  const version = newestVersion(folder.migrations, state);
  take(judgeState(to.tables.versionTable.table, verifyVersions(folder.migrations, state)));
  if (assertions.length > 0) {
    const broken = await runAssertions(session.observer, assertions, database['statement-timeout']);
    take(judgeAssertions(version, assertions, broken));
  }
  const after = isUnchanged(applied) ? projections : await readProjections(session.observer, database.verify);
  take(projectionJudgement(version, projections, after));
  return version;
}

/** Where nothing was run and no backup took its time, it was read a moment ago, under the lock. */
async function readTablesNow({ session }: Connected, applied: Applied): Promise<MigrationTables> {
  const { folder, tables } = applied;
  if (isUnchanged(applied)) return tables;
  return readMigrationTables(session.observer, folder.format, folder.migrations);
}

function isUnchanged({ hasWork, backup }: Pick<Applied, 'hasWork' | 'backup'>): boolean {
  return !hasWork && backup === null;
}

/** The step has passed with what earlier ones left. When that cannot be recorded, the next release counts them too. */
export async function settle(
  { session, context }: Connected,
  { plan, tables }: Pick<Verified, 'plan' | 'tables'>,
): Promise<void> {
  if (plan.class !== 'contract') return;
  const sql = settleContractMigrations(tables.journal.table);
  await session.observer.query(sql).catch((error: unknown) => {
    context.log.warn(
      `cannot record that the contract migrations passed, so that the next release will count them as its own: ${asDatabaseError(error, '').message}`,
    );
  });
}
