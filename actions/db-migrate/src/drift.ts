import type { DatabaseConfig } from '@slipway/config';
import { type Redactor, UserError } from '@slipway/kernel';
import {
  appliedOf,
  fingerprintOf,
  judgeDrift,
  type MigrationTables,
  readSchemaBaseline,
  schemaTableFor,
} from '@slipway/migrations';
import { type MigrationSession, readSchemaSnapshot } from '@slipway/postgres';
import type { ChecklistItem } from '@slipway/release';
import type { FoundDrift } from './migration.ts';

/**
 * Whether the schema is as the last release left it, for the checklist. Pure.
 * @throws UserError under `enforce` unless it is, or is the one that was accepted.
 */
export function checkDrift(
  { drift: mode, 'accepted-drift': accepted }: Pick<DatabaseConfig['verify'], 'drift' | 'accepted-drift'>,
  { state, detail, name }: FoundDrift,
): ChecklistItem {
  const check = { id: 'drift', title: 'Schema drift' };
  if (state === 'none') return { ...check, state: 'passed', evidence: detail };
  if (state === 'first') return { ...check, state: 'unknown', evidence: detail };
  if (accepted === name) return { ...check, state: 'waived', evidence: `accepted as ${name}: ${detail}` };
  const fix =
    state === 'drifted'
      ? 'Someone changed the schema by hand: put the change into a migration, or revert it.'
      : 'Compare the schema with what the migrations do, and revert everything else.';
  const remedy = `${fix} To accept the schema as it is, set database.verify.accepted-drift: ${name}`;
  if (mode === 'enforce') throw new UserError(detail, { hint: `Nothing was changed. ${remedy}` });
  return { ...check, state: state === 'drifted' ? 'failed' : 'unknown', evidence: detail, remedy };
}

/** Compares the schema with the one that the last release saved. @throws what the server says. */
export async function findDrift(
  { observer, server }: Pick<MigrationSession, 'observer' | 'server'>,
  tables: MigrationTables,
  redactor: Redactor,
): Promise<FoundDrift> {
  const baseline = await readSchemaBaseline(observer, schemaTableFor(tables.versionTable.table));
  const journal = tables.journal.rows ?? [];
  const comparable = baseline !== null || journal.length > 0;
  const schema = comparable ? await readSchemaSnapshot(observer) : {};
  const current = { server: String(server.major), applied: appliedOf(tables), schema, journal };
  return { ...judgeDrift(baseline, current, redactor), name: fingerprintOf(schema) };
}
