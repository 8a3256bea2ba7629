import {
  appliedOf,
  connectFor,
  type Drift,
  judgeDrift,
  judgeStaging,
  keepSchema,
  readKeptSchema,
  readSchemaSnapshot,
  readStanding,
  schemaTableBeside,
  standingOf,
} from '@slipway/database';
import { Cancelled, describeError, UserError } from '@slipway/kernel';
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
  const client = await connectFor({ ...context, url, release: context.record.id }).catch((error: unknown) => {
    throw new UserError(`staging cannot be asked: ${describeError(error)}`, {
      hint: 'See database.staging.url. Nothing was changed.',
    });
  });
  try {
    const staging = standingOf(await readStanding(client, folder.format, folder.migrations));
    const problems = judgeStaging(plan.pending, staging, database.staging['at-least']);
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

/** @throws UserError when the schema was changed by hand and the configuration does not let that pass. */
export async function checkDrift(run: MigrationRun): Promise<void> {
  const mode = run.database.verify.drift;
  if (mode === 'off') return;
  const drift = await findDrift(run);
  if (drift.state !== 'drifted') {
    note(run, 'drift', 'Schema drift', drift.state === 'none' ? 'passed' : 'unknown', drift.detail);
    return;
  }
  const said = `the schema is not as ${drift.release} left it: ${drift.lines.slice(0, 20).join('; ')}`;
  const hint = 'Somebody changed it by hand: put the change into a migration, or undo it.';
  if (mode === 'enforce') throw new UserError(said, { hint: `${hint} Nothing was changed.` });
  run.context.log.warn(said);
  note(run, 'drift', 'Schema drift', 'failed', said, hint);
}

async function findDrift(run: MigrationRun): Promise<Drift> {
  const { session, ledger } = run;
  const kept = await readKeptSchema(session.observer, schemaTableBeside(ledger.table));
  const schema = kept ? await readSchemaSnapshot(session.observer) : {};
  return judgeDrift(kept, {
    server: String(session.server.major),
    applied: appliedOf(standingOf(run)),
    schema,
  });
}

/** Keeps the schema for the next release to compare with. What goes wrong here does not undo a migration that is done. */
export async function keepSchemaNow(run: MigrationRun): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  try {
    const { session, context, ledger, folder } = run;
    const now = await readStanding(session.worker, folder.format, folder.migrations);
    const kept = {
      release: context.record.id,
      server: String(session.server.major),
      applied: appliedOf(standingOf(now)),
      schema: await readSchemaSnapshot(session.worker),
    };
    await keepSchema(session.worker, schemaTableBeside(ledger.table), kept);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    run.context.log.warn(`the schema could not be kept for the next release: ${describeError(error)}`);
  }
}
