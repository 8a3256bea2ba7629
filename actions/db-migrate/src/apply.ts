import { Cancelled } from '@slipway/kernel';
import type { ApplyResult, BackedUp, Connected } from './migration.ts';
import { runFiles } from './run-files.ts';

/**
 * Stage 4: runs the schema files and every pending migration.
 * @throws whatever is not the fault of a file: what the connection says, UserError; then nothing is reported of the files.
 */
export async function applyFiles(run: Connected, ready: BackedUp): Promise<ApplyResult> {
  const startedAt = run.context.clock.monotonic();
  if (!ready.hasWork)
    return { state: 'applied', applied: { ...ready, startedAt, files: Promise.resolve([]) } };
  try {
    const { failure, files } = await runFiles(run, ready);
    if (failure === null) return { state: 'applied', applied: { ...ready, startedAt, files } };
    return { state: 'stopped', stopped: ready, reason: failure, files: await files };
  } catch (error) {
    // Before the first file was sent.
    if (error instanceof Cancelled) return { state: 'stopped', stopped: ready, reason: error, files: [] };
    throw error;
  }
}
