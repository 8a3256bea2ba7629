import { readSchemaSnapshot } from '@slipway/postgres';
import type { ApplyTarget } from '../run/apply.ts';
import { runWork } from '../run/batch.ts';
import type { Resume } from '../run/plan.ts';
import { type BareFile, bareWork } from '../run/work.ts';
import { type HeldLock, prepareLockNotes } from './locks.ts';
import { proveWayBack, type WayBack } from './way-back.ts';

/** How one file went on the copy. */
export interface RehearsedFile {
  file: string;
  ms: number;
  /** On tables that were there before; empty as well for a file that runs without a transaction. */
  locks: HeldLock[];
}

export interface Rehearsal {
  files: RehearsedFile[];
  wayBack: WayBack;
}

/** What is rehearsed: the users' own SQL, without the rows that the real run writes beside it. */
export interface RehearsalPlan {
  schemas: readonly BareFile[];
  /** `resume`: how far a run came that was stopped, on the copy as well; null when none of it has begun. */
  migrations: readonly { up: BareFile; down: BareFile | null; resume: Resume | null }[];
}

export interface RehearsalOptions {
  /** On the copy: `worker` and `observer` are other connections than those of production. */
  target: ApplyTarget;
  /** Schema of the version table, quoted and with a dot; '' for the first of search_path. */
  schema: string;
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
    files.push({ file: one.file, ms: await runWork(target, bareWork(one)), locks: [] });
  }
  const base = await readSchemaSnapshot(target.observer);
  const notes = await prepareLockNotes(target.worker, schema);
  for (const { up, resume } of plan.migrations) {
    const ms = await runWork(target, bareWork(up, { after: [notes.note(up.file)], resume }));
    files.push({ file: up.file, ms, locks: [] });
  }
  const locks = await notes.read(target.worker);
  const rehearsed = files.map((file) => ({ ...file, locks: locks.get(file.file) ?? [] }));
  return { files: rehearsed, wayBack: await proveWayBack(plan, { target, base }) };
}
