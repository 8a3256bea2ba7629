import {
  connectFor,
  type Drift,
  dumpSchema,
  judgeDrift,
  judgeStaging,
  keepSchema,
  normalizeDump,
  readKeptSchema,
  readStanding,
  schemaTableBeside,
  standingOf,
} from '@slipway/database';
import { Cancelled, describeError, UserError } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import { findPgDump } from '@slipway/runner/programs';
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

/** The schema as pg_dump writes it now, and by which pg_dump of which server. */
export async function readSchema(run: MigrationRun): Promise<{ writer: string; raw: string; dump: string }> {
  const { context, session } = run;
  const { exec, temp, config } = context;
  const pgDump = await findPgDump(session.server.major, { programs: config.programs, exec, temp });
  const { connectedTo, server } = session;
  const raw = await dumpSchema({ pgDump: pgDump.command[0], url: session.url, connectedTo, exec });
  return {
    writer: `pg_dump ${pgDump.version} of ${server.version}`,
    raw,
    dump: normalizeDump(raw),
  };
}

/** @throws UserError when the schema was changed by hand and the configuration does not let that pass. */
export async function checkDrift(run: MigrationRun): Promise<void> {
  const mode = run.database.verify.drift;
  if (mode === 'off') return;
  const drift = await findDrift(run);
  if (drift.state !== 'drifted') {
    note(run, 'drift', 'Schema drift', drift.state === 'none' ? 'passed' : 'skipped', drift.detail);
    return;
  }
  const said = `the schema is not as ${drift.release} left it: ${drift.lines.slice(0, 20).join('; ')}`;
  const hint = 'Somebody changed it by hand: put the change into a migration, or undo it.';
  if (mode === 'enforce') throw new UserError(said, { hint: `${hint} Nothing was changed.` });
  run.context.log.warn(said);
  note(run, 'drift', 'Schema drift', 'failed', said, hint);
}

async function findDrift(run: MigrationRun): Promise<Drift> {
  const kept = await readKeptSchema(run.session.observer, schemaTableBeside(run.ledger.table));
  if (!kept) return judgeDrift(null, { writer: '', dump: '' });
  return judgeDrift(kept, await readSchema(run));
}

/** Keeps the schema for the next release to compare with. What goes wrong here does not undo a migration that is done. */
export async function keepSchemaNow(run: MigrationRun): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  try {
    const { writer, dump } = await readSchema(run);
    const release = run.context.record.id;
    await keepSchema(run.session.worker, schemaTableBeside(run.ledger.table), { release, writer, dump });
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    run.context.log.warn(`the schema could not be kept for the next release: ${describeError(error)}`);
  }
}
