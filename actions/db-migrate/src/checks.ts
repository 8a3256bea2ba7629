import {
  appliedOf,
  asDatabaseError,
  connectFor,
  type Drift,
  fingerprintOf,
  isWorking,
  judgeDrift,
  judgeStaging,
  keepSchema,
  readKeptSchema,
  readSchemaSnapshot,
  readStanding,
  schemaTableBeside,
  standingOf,
} from '@slipway/database';
import { describeError, poll, UserError } from '@slipway/kernel';
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

/** Milliseconds that a new connection may take, and our last statement to end: a cancelled step has no more. */
const [oneTry, endsWithin] = [2000, 2000];

/** Keeps the schema for the next release to compare with. What goes wrong here does not undo a migration that is done. */
export async function keepSchemaNow(run: MigrationRun): Promise<void> {
  if (run.database.verify.drift === 'off') return;
  const { log } = run.context;
  try {
    if (await keep(run, run.session.observer).catch(() => keepAnew(run))) return;
    log.warn(
      'the schema is not kept for the next release: a statement of a migration still runs in the server',
    );
  } catch (error) {
    log.warn(`the schema could not be kept for the next release: ${asDatabaseError(error, '').message}`);
  }
}

/** A cancelled run has its connections cut, and a run may have failed of losing them. */
async function keepAnew(run: MigrationRun): Promise<boolean> {
  const { context, session } = run;
  const signal = new AbortController().signal;
  const client = await connectFor(
    { ...context, signal, url: session.url, release: context.record.id },
    oneTry,
  );
  return keep(run, client).finally(() => client.end().catch(() => undefined));
}

/** @returns false when a statement of ours runs on in the server, which may still change the schema. */
async function keep(run: MigrationRun, client: MigrationRun['session']['observer']): Promise<boolean> {
  const { session, context, ledger, folder } = run;
  const signal = new AbortController().signal;
  const wait = { clock: context.clock, signal, every: 100, within: endsWithin, during: 'the last statement' };
  const over = await poll(wait, async () =>
    (await isWorking(client)) ? { done: false, seen: 'it runs' } : { done: true, value: true },
  );
  if (!over.ok) return false;
  const now = await readStanding(client, folder.format, folder.migrations);
  await keepSchema(client, schemaTableBeside(ledger.table), {
    release: context.record.id,
    server: String(session.server.major),
    applied: appliedOf(now),
    schema: await readSchemaSnapshot(client),
  });
  return true;
}
