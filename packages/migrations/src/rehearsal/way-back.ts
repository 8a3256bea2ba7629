import { Fault } from '@slipway/kernel';
import { diffSchemas, readSchemaSnapshot, type SchemaSnapshot } from '@slipway/postgres';
import type { ApplyTarget } from '../run/apply.ts';
import { runWork } from '../run/batch.ts';
import { type BareFile, bareWork } from '../run/work.ts';
import type { RehearsalPlan } from './rehearse.ts';

/** Whether the down files lead back to the schema from before. */
export type WayBack =
  | { state: 'proven' }
  /** Files without one: the release can only go forward. */
  | { state: 'missing'; files: string[] }
  /** What is not as before, or what did not run. */
  | { state: 'broken'; reasons: string[] };

export interface WayBackOptions {
  target: ApplyTarget;
  /** The schema before the first migration. */
  base: SchemaSnapshot;
}

/**
 * Goes down by the files' own way back and up again, and compares the schema each time: down must lead to `base`, and
 * up to where it was. Data that a down file loses is not seen by this. @throws Cancelled
 */
export async function proveWayBack(
  { migrations }: RehearsalPlan,
  { target, base }: WayBackOptions,
): Promise<WayBack> {
  const missing = migrations.filter(({ down }) => down === null);
  if (migrations.length === 0 || missing.length > 0 || migrations.some(({ resume }) => resume !== null)) {
    return { state: 'missing', files: missing.map(({ up }) => up.file) };
  }
  const look = (): Promise<SchemaSnapshot> => readSchemaSnapshot(target.observer);
  const top = await look();
  const downs = migrations.flatMap(({ down }) => down ?? []).toReversed();
  const reasons =
    (await stumble(target, downs)) ??
    differences(base, await look()) ??
    (await stumble(
      target,
      migrations.map(({ up }) => up),
    )) ??
    differences(top, await look());
  return reasons === null ? { state: 'proven' } : { state: 'broken', reasons };
}

function differences(wanted: SchemaSnapshot, found: SchemaSnapshot): string[] | null {
  const lines = diffSchemas(wanted, found);
  return lines.length > 0 ? lines : null;
}

/** Why one of the files does not run; null when all do. */
async function stumble(target: ApplyTarget, files: readonly BareFile[]): Promise<string[] | null> {
  try {
    for (const file of files) await runWork(target, bareWork(file));
    return null;
  } catch (error) {
    if (error instanceof Fault) return [error.message];
    throw error;
  }
}
