import { Fault } from '@slipway/kernel';
import { diffSchemas, readSchemaSnapshot, type SchemaSnapshot } from '@slipway/postgres';
import type { ApplyTarget } from '../run/apply-target.ts';
import { runWork } from '../run/batch.ts';
import { type RehearsalFile, rehearsalWork } from '../run/work.ts';
import type { RehearsalPlan } from './options.ts';

/** Whether the down files restore the schema from before. */
export type DownRehearsal =
  | { state: 'proven' }
  /** Files without one: the release can only go forward. */
  | { state: 'missing'; files: string[] }
  /** What is not as before, or what did not run. */
  | { state: 'broken'; reasons: string[] };

export interface DownRehearsalOptions {
  target: ApplyTarget;
  /** The schema before the first migration. */
  base: SchemaSnapshot;
}

/**
 * Runs the down files and then the files again, and compares the schema each time: down must lead to `base`, and up to
 * where it was. Data that a down file loses is not noticed. @throws Cancelled
 */
export async function rehearseDown(
  { migrations }: RehearsalPlan,
  { target, base }: DownRehearsalOptions,
): Promise<DownRehearsal> {
  const missing = migrations.filter(({ down }) => down === null);
  if (migrations.length === 0 || missing.length > 0 || migrations.some(({ resume }) => resume !== null)) {
    return { state: 'missing', files: missing.map(({ up }) => up.file) };
  }
  const snapshot = (): Promise<SchemaSnapshot> => readSchemaSnapshot(target.observer);
  const differences = async (wanted: SchemaSnapshot): Promise<string[] | null> => {
    const lines = diffSchemas(wanted, await snapshot(), target.redactor);
    return lines.length > 0 ? lines : null;
  };
  const top = await snapshot();
  const downs = migrations.flatMap(({ down }) => down ?? []).toReversed();
  const reasons =
    (await firstFailure(target, downs)) ??
    (await differences(base)) ??
    (await firstFailure(
      target,
      migrations.map(({ up }) => up),
    )) ??
    (await differences(top));
  return reasons === null ? { state: 'proven' } : { state: 'broken', reasons };
}

/** Why one of the files does not run; null when all do. */
async function firstFailure(target: ApplyTarget, files: readonly RehearsalFile[]): Promise<string[] | null> {
  try {
    for (const file of files) await runWork(target, rehearsalWork(file));
    return null;
  } catch (error) {
    if (error instanceof Fault) return [error.message];
    throw error;
  }
}
