import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { type Alteration, alterations, constraintsOf, hasConstraint } from './ast.ts';
import type { RelationFacts } from './facts.ts';
import { notNullColumns } from './not-null.ts';

/** A constraint that the files add. */
export interface AddedConstraint {
  file: string;
  validated: boolean;
  /** Columns of which it proves that they are not null. */
  notNull: string[];
}

/** Where a table is known by, and what the database says of it. */
export interface KnownTables {
  keyOf(table: RangeVar): string;
  factsOf(table: RangeVar): RelationFacts | undefined;
}

/** What the constraints of the database and of the files prove about columns. */
export class KnownConstraints {
  readonly #tables: KnownTables;
  readonly #constraints = new Map<string, AddedConstraint>();
  readonly #notNull = new Set<string>();
  readonly #checked = new Set<string>();
  readonly #trusted = new Set<string>();

  constructor(tables: KnownTables) {
    this.#tables = tables;
  }

  /** Whether a column must not be null: known from the database, or added so by the files. */
  isRequired(table: RangeVar, column: string): boolean {
    const key = `${this.#tables.keyOf(table)} ${column}`;
    return this.#notNull.has(key) || this.#tables.factsOf(table)?.columns[column]?.notNull === true;
  }

  /** The constraint of that name that the files add to a table. */
  constraint(table: RangeVar, name: string): AddedConstraint | undefined {
    return this.#constraints.get(`${this.#tables.keyOf(table)} ${name}`);
  }

  /** Whether a column is known to hold no null, so that SET NOT NULL needs no scan. */
  isNotNull(table: RangeVar, column: string): boolean {
    const key = this.#tables.keyOf(table);
    const facts = this.#tables.factsOf(table);
    if (facts?.columns[column]?.notNull || facts?.provenNotNull.includes(column)) return true;
    // A constraint that is older than the files was validated here: without facts it is taken for the right one.
    return this.#notNull.has(`${key} ${column}`) || (!facts && this.#trusted.has(key));
  }

  /** Whether a table has a CHECK that is validated, as the files or the database show. */
  hasCheck(table: RangeVar): boolean {
    return this.#checked.has(this.#tables.keyOf(table));
  }

  /** Takes in the constraints that an ALTER TABLE adds, validates and drops. */
  add(statement: SqlStatement, file: string): void {
    for (const alteration of alterations(statement)) this.#addOne(alteration, file);
  }

  #addOne({ table, cmd, column, constraint }: Alteration, file: string): void {
    const key = this.#tables.keyOf(table);
    const name = cmd.name ?? '';
    switch (cmd.subtype) {
      case 'AT_AddColumn': {
        if (!column) return;
        if (hasConstraint(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'))
          this.#notNull.add(`${key} ${column.colname}`);
        for (const { conname } of constraintsOf(column))
          if (conname) this.#constraints.set(`${key} ${conname}`, { file, validated: true, notNull: [] });
        return;
      }
      case 'AT_AddConstraint': {
        if (!constraint) return;
        const validated = !constraint.skip_validation;
        const notNull = notNullColumns(constraint);
        this.#constraints.set(`${key} ${constraint.conname ?? ''}`, { file, validated, notNull });
        if (validated) this.#prove(key, notNull);
        if (validated && constraint.contype === 'CONSTR_CHECK') this.#checked.add(key);
        return;
      }
      case 'AT_ValidateConstraint': {
        this.#checked.add(key);
        const added = this.#constraints.get(`${key} ${name}`);
        if (added) this.#prove(key, added.notNull);
        else this.#trusted.add(key);
        return;
      }
      case 'AT_SetNotNull':
        this.#prove(key, [name]);
        return;
      case 'AT_DropNotNull':
      case 'AT_DropColumn':
        this.#notNull.delete(`${key} ${name}`);
    }
  }

  #prove(key: string, columns: readonly string[]): void {
    for (const column of columns) this.#notNull.add(`${key} ${column}`);
  }
}
