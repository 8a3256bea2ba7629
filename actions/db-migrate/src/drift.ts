import { UserError } from '@slipway/kernel';
import {
  appliedOf,
  type Drift,
  fingerprintOf,
  judgeDrift,
  readSchemaBaseline,
  schemaTableFor,
  stateOf,
} from '@slipway/migrations';
import { readSchemaSnapshot } from '@slipway/postgres';
import type { ChecklistItem } from '@slipway/release';
import { note } from './checks.ts';
import type { MigrationRun } from './migration.ts';

const [driftId, driftTitle] = ['drift', 'Schema drift'];

/**
 * Writes down whether the schema is as the last release left it.
 * @throws UserError under `enforce` unless it is, or is the one that was accepted.
 */
export async function checkDrift(run: MigrationRun): Promise<void> {
  if (run.drift === null) return;
  const { state, detail, remedy } = judge(run, await run.drift);
  if (remedy !== undefined) run.context.log.warn(detail);
  note(run, driftId, driftTitle, state, detail, remedy);
}

/** A backup or another database takes its time, and what was changed by hand meanwhile would be taken for ours. @throws UserError */
export async function checkDriftAgain(run: MigrationRun): Promise<void> {
  const waited = run.backup !== null || run.rehearsal !== null || run.database.staging !== undefined;
  if (run.database.verify.drift === 'enforce' && waited) judge(run, await findDrift(run));
}

/** Whether the schema goes on from what a person accepted: then the next release is compared with that. */
export function isDriftAccepted({ checks }: Pick<MigrationRun, 'checks'>): boolean {
  return checks.some(({ id, state }) => id === driftId && state === 'waived');
}

function judge(
  { database }: Pick<MigrationRun, 'database'>,
  { state, detail, name }: FoundDrift,
): Pick<ChecklistItem, 'state' | 'remedy'> & { detail: string } {
  const { drift: mode, 'accepted-drift': accepted } = database.verify;
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

/** What a look at the schema found, and the name by which it can be accepted. */
export type FoundDrift = Drift & { name: string };

/** Compares the schema with the one that the last release kept. @throws what the server says. */
export async function findDrift(
  of: Pick<MigrationRun, 'session' | 'versionTable' | 'journal'>,
): Promise<FoundDrift> {
  const { session, versionTable } = of;
  const kept = await readSchemaBaseline(session.observer, schemaTableFor(versionTable.table));
  const standing = stateOf(of);
  const looked = kept !== null || standing.journal.length > 0;
  const schema = looked ? await readSchemaSnapshot(session.observer) : {};
  const drift = judgeDrift(kept, {
    server: String(session.server.major),
    applied: appliedOf(of),
    schema,
    journal: standing.journal,
  });
  return { ...drift, name: fingerprintOf(schema) };
}
