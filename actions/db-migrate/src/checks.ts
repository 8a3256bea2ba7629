import {
  appliedOf,
  connectFor,
  type Drift,
  fingerprintOf,
  judgeDrift,
  judgeStaging,
  readKeptSchema,
  readSchemaSnapshot,
  readStanding,
  schemaTableBeside,
  standingOf,
} from '@slipway/database';
import { describeError, UserError } from '@slipway/kernel';
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

const [driftId, driftTitle] = ['drift', 'Schema drift'];

/**
 * Writes down whether the schema is as the last release left it.
 * @throws UserError under `enforce` unless it is, or is the one that was accepted.
 */
export async function checkDrift(run: MigrationRun): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  const { state, detail, remedy } = await judge(run);
  if (remedy !== undefined) run.context.log.warn(detail);
  note(run, driftId, driftTitle, state, detail, remedy);
}

/** A backup takes its time, and what was changed by hand meanwhile would be taken for ours. @throws UserError */
export async function checkDriftAgain(run: MigrationRun): Promise<void> {
  const waited = run.backup !== null || run.rehearsal !== null;
  if (run.database.verify.drift === 'enforce' && waited) await judge(run);
}

/** Whether the schema goes on from what a person accepted: then the next release is compared with that. */
export function isDriftAccepted({ checks }: Pick<MigrationRun, 'checks'>): boolean {
  return checks.some(({ id, state }) => id === driftId && state === 'waived');
}

async function judge(
  run: MigrationRun,
): Promise<Pick<ChecklistItem, 'state' | 'remedy'> & { detail: string }> {
  const { drift: mode, 'accepted-drift': accepted } = run.database.verify;
  const { state, detail, name } = await findDrift(run);
  if (state === 'none') return { state: 'passed', detail };
  if (state === 'first') return { state: 'unknown', detail };
  if (accepted === name) return { state: 'waived', detail: `accepted as ${name}: ${detail}` };
  const mend =
    state === 'drifted'
      ? 'Somebody changed it by hand: put the change into a migration, or undo it.'
      : 'Compare it with what the migrations do, and undo what is not theirs.';
  const remedy = `${mend} What is to stay is accepted by database.verify.accepted-drift: ${name}`;
  if (mode === 'enforce') throw new UserError(detail, { hint: `Nothing was changed. ${remedy}` });
  return { state: state === 'drifted' ? 'failed' : 'unknown', detail, remedy };
}

async function findDrift(run: MigrationRun): Promise<Drift & { name: string }> {
  const { session, ledger } = run;
  const kept = await readKeptSchema(session.observer, schemaTableBeside(ledger.table));
  const standing = standingOf(run);
  const looked = kept !== null || standing.journal.length > 0;
  const schema = looked ? await readSchemaSnapshot(session.observer) : {};
  const drift = judgeDrift(kept, {
    server: String(session.server.major),
    applied: appliedOf(run),
    schema,
    journal: standing.journal,
  });
  return { ...drift, name: fingerprintOf(schema) };
}
