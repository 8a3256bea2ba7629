import { readSchemaSnapshot } from '@slipway/postgres';
import { runWork } from '../run/batch.ts';
import { rehearsalWork } from '../run/work.ts';
import { type DownRehearsal, rehearseDown } from './down-rehearsal.ts';
import { type HeldLock, prepareLockRecorder } from './locks.ts';
import type { RehearsalOptions, RehearsalPlan } from './options.ts';

/** One file as it ran on the copy. */
interface RehearsedFile {
  file: string;
  ms: number;
  /** On tables that were there before; empty as well for a file that runs without a transaction. */
  locks: HeldLock[];
}

export interface Rehearsal {
  files: RehearsedFile[];
  down: DownRehearsal;
}

/**
 * Runs the pending files on a copy of the database, by the code that will run them on the real one, and measures how
 * long each takes and which tables it locks; then goes back by the down files and up again, where every file has one.
 * @throws Fault of the file that does not run; the real database was not touched. Cancelled.
 */
export async function rehearse(plan: RehearsalPlan, options: RehearsalOptions): Promise<Rehearsal> {
  const { target, schema } = options;
  const files: RehearsedFile[] = [];
  for (const one of plan.schemas) {
    files.push({ file: one.file, ms: await runWork(target, rehearsalWork(one)), locks: [] });
  }
  const base = await readSchemaSnapshot(target.observer);
  const notes = await prepareLockRecorder(target.worker, schema);
  for (const { up, resume } of plan.migrations) {
    const ms = await runWork(target, rehearsalWork(up, { after: [notes.note(up.file)], resume }));
    files.push({ file: up.file, ms, locks: [] });
  }
  const locks = await notes.read(target.worker);
  const rehearsed = files.map((file) => ({ ...file, locks: locks.get(file.file) ?? [] }));
  return { files: rehearsed, down: await rehearseDown(plan, { target, base }) };
}
