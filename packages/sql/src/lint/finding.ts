import type { NodeTag, SqlStatement } from '../syntax/grammar.ts';
import type { Script } from '../syntax/script.ts';
import { type Alteration, alterations } from './ast.ts';
import type { SchemaModel } from './schema-model.ts';

/** `error` stops the release, `warning` is shown, `info` is for the plan. */
export type Level = 'error' | 'warning' | 'info';

/** What a rule found in a statement of a file. */
export interface Finding {
  rule: string;
  level: Level;
  file: string;
  /** From 1. */
  line: number;
  column: number;
  /** What is wrong and why: the lock, and what waits or breaks. */
  message: string;
  /** The safe way to write it, with the user's own names. */
  remedy: string;
  /** Why somebody allowed it; null when nobody did. */
  waived: string | null;
}

/** What a rule found, before it has a level and a location. */
export interface Hit {
  /** Index in the file. */
  offset: number;
  message: string;
  remedy: string;
  /** When it differs from the rule's. */
  level?: Level;
}

/** What a rule checks: one statement, and the schema after the statements before it. */
export interface Subject {
  statement: SqlStatement;
  script: Script;
  schema: SchemaModel;
  /** Of an ALTER TABLE on a table that the files did not create themselves: nobody uses that yet. */
  alterations: readonly Alteration[];
}

export function subjectOf(statement: SqlStatement, script: Script, schema: SchemaModel): Subject {
  const used = alterations(statement).filter(({ table }) => !schema.isNewTable(table));
  return { statement, script, schema, alterations: used };
}

export interface Rule {
  /** As it is named in findings and waivers. */
  name: string;
  level: Level;
  /** Whether it is about what breaks the running version: allowed in a file marked `-- slipway: contract`. */
  contract?: true;
  /** The statements that it finds something in; of all others `check` finds nothing, and is not asked. */
  on: readonly NodeTag[] | 'any';
  check(subject: Subject): Hit[];
}
