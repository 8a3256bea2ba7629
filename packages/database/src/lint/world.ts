import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../sql/grammar.ts';
import { alterations, constraintsOf, droppedNames, hasConstraint } from './ast.ts';
import type { CatalogFacts, RelationFacts } from './facts.ts';
import { locksOf } from './locks.ts';
import { madeBy, typeMadeBy } from './made.ts';
import { type Named, ofRange, strings } from './names.ts';
import { notNullColumns } from './not-null.ts';

/** A constraint that the set adds. */
export interface AddedConstraint {
  file: string;
  validated: boolean;
  /** Columns of which it proves that they are not null. */
  notNull: string[];
}

/**
 * The schema as the statements so far have left it, as far as the rules ask: what the set itself has made, nobody uses
 * yet. Statements are added in the order in which they will run.
 */
export class World {
  readonly facts: CatalogFacts | undefined;
  /** Volatility of the functions that the set makes, by bare name. */
  readonly functions = new Map<string, string>();
  readonly #made = new Set<string>();
  readonly #madeSchemas = new Set<string>();
  readonly #indexTables = new Map<string, string>();
  readonly #constraints = new Map<string, AddedConstraint>();
  readonly #notNull = new Set<string>();
  readonly #checked = new Set<string>();
  readonly #trusted = new Set<string>();
  readonly #schemaChanges = new Map<string, { line: number; table: string }>();
  #schema = 'public';

  constructor(facts?: CatalogFacts) {
    this.facts = facts;
  }

  /** `schema.name`; what has no schema is in the first one of search_path. */
  keyOf({ schema, name }: Named): string {
    if (schema === null && this.#made.has(`pg_temp.${name}`)) return `pg_temp.${name}`;
    return `${schema ?? this.#schema}.${name}`;
  }

  /** Whether the set itself made a relation or type, so that no running program uses it. */
  isNew(named: Named): boolean {
    const key = this.keyOf(named);
    if (this.#made.has(key)) return true;
    return this.#madeSchemas.has(key.slice(0, key.length - named.name.length - 1));
  }

  isNewTable(table: RangeVar): boolean {
    return this.isNew(ofRange(table));
  }

  isNewSchema(name: string): boolean {
    return this.#madeSchemas.has(name);
  }

  /** Whether an index is on a table that the set made. */
  isNewIndex(index: Named): boolean {
    const key = this.keyOf(index);
    const table = this.#indexTables.get(key);
    return table !== undefined && this.#made.has(table);
  }

  factsOf(table: RangeVar): RelationFacts | undefined {
    return this.facts?.relations[this.keyOf(ofRange(table))];
  }

  /** Whether a column must not be null: known from the database, or added so by the set. */
  isRequired(table: RangeVar, column: string): boolean {
    const key = `${this.keyOf(ofRange(table))} ${column}`;
    return this.#notNull.has(key) || this.factsOf(table)?.columns[column]?.notNull === true;
  }

  /** The first statement of a file that took a heavy lock on a table in use. */
  schemaChangeIn(file: string): { line: number; table: string } | undefined {
    return this.#schemaChanges.get(file);
  }

  /** The constraint of that name that the set adds to a table. */
  constraint(table: RangeVar, name: string): AddedConstraint | undefined {
    return this.#constraints.get(`${this.keyOf(ofRange(table))} ${name}`);
  }

  /** Whether a column is known to hold no null, so that SET NOT NULL needs no scan. */
  isNotNull(table: RangeVar, column: string): boolean {
    const key = this.keyOf(ofRange(table));
    const facts = this.factsOf(table);
    if (facts?.columns[column]?.notNull || facts?.provenNotNull.includes(column)) return true;
    // A constraint that is older than the set was validated here: without facts it is taken for the right one.
    return this.#notNull.has(`${key} ${column}`) || (!facts && this.#trusted.has(key));
  }

  /** Whether a table has a CHECK that is validated, as the set or the database knows it. */
  hasCheck(table: RangeVar): boolean {
    return this.#checked.has(this.keyOf(ofRange(table)));
  }

  /** Takes in what a statement makes, renames and drops. */
  add(statement: SqlStatement, file: string): void {
    this.#noteLock(statement, file);
    const made = madeBy(statement);
    if (made) this.#make(made.table, made.unlessThere);
    switch (statement.tag) {
      case 'CreateSchemaStmt':
        if (!statement.node.if_not_exists) this.#madeSchemas.add(statement.node.schemaname ?? '');
        break;
      case 'CreateEnumStmt':
      case 'CompositeTypeStmt':
      case 'CreateRangeStmt':
      case 'CreateDomainStmt':
        this.#made.add(this.keyOf(typeMadeBy(statement)));
        break;
      case 'CreateFunctionStmt':
        this.#addFunction(statement.node);
        break;
      case 'IndexStmt':
        this.#addIndex(statement.node);
        break;
      case 'VariableSetStmt':
        this.#setSearchPath(statement.node);
        break;
      case 'DropStmt':
        for (const named of droppedNames(statement.node.objects)) this.#made.delete(this.keyOf(named));
        break;
      case 'RenameStmt':
        this.#rename(statement.node.relation, statement.node.renameType, statement.node.newname);
        break;
      case 'AlterTableStmt':
        this.#alter(statement, file);
        break;
    }
  }

  #noteLock(statement: SqlStatement, file: string): void {
    if (this.#schemaChanges.has(file)) return;
    const heavy = locksOf(statement).find(
      ({ mode, named }) =>
        (mode === 'ACCESS EXCLUSIVE' || mode.startsWith('SHARE')) &&
        mode !== 'SHARE UPDATE EXCLUSIVE' &&
        !this.isNew(named),
    );
    if (heavy) this.#schemaChanges.set(file, { line: statement.line, table: heavy.relation });
  }

  /** What may have been there already was not surely made by the set; without facts it is taken to be new. */
  #make(table: RangeVar, unlessThere: boolean): void {
    const named = ofRange(table);
    const key = table.relpersistence === 't' ? `pg_temp.${named.name}` : this.keyOf(named);
    if (!unlessThere || !this.facts?.relations[key]) this.#made.add(key);
  }

  #rename(table: RangeVar | undefined, type: string | undefined, to = ''): void {
    if (!table || !['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(type ?? '')) return;
    const from = ofRange(table);
    if (!this.isNew(from)) return;
    this.#made.delete(this.keyOf(from));
    this.#made.add(this.keyOf({ ...from, name: to }));
  }

  #addIndex({ idxname, relation }: { idxname?: string; relation?: RangeVar }): void {
    if (!idxname || !relation) return;
    // An index is in the schema of its table.
    const table = this.keyOf(ofRange(relation));
    const schema = table.slice(0, table.lastIndexOf('.'));
    this.#indexTables.set(`${schema}.${idxname}`, table);
  }

  #addFunction({
    funcname,
    options = [],
  }: Extract<SqlStatement, { tag: 'CreateFunctionStmt' }>['node']): void {
    const volatility = options.flatMap((node) =>
      'DefElem' in node && node.DefElem.defname === 'volatility' && node.DefElem.arg
        ? strings([node.DefElem.arg])
        : [],
    );
    this.functions.set(strings(funcname).at(-1) ?? '', volatility[0] ?? 'volatile');
  }

  #setSearchPath({ name, kind, args = [] }: Extract<SqlStatement, { tag: 'VariableSetStmt' }>['node']): void {
    if (name !== 'search_path') return;
    const first = args[0] && 'A_Const' in args[0] ? args[0].A_Const.sval?.sval : undefined;
    this.#schema = kind === 'VAR_SET_VALUE' && first && first !== '$user' ? first : 'public';
  }

  #alter(statement: SqlStatement, file: string): void {
    for (const { table, cmd, column, constraint } of alterations(statement)) {
      const key = this.keyOf(ofRange(table));
      if (cmd.subtype === 'AT_AddColumn' && column) {
        const notNull = hasConstraint(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY');
        if (notNull) this.#notNull.add(`${key} ${column.colname}`);
        for (const one of constraintsOf(column))
          if (one.conname)
            this.#constraints.set(`${key} ${one.conname}`, { file, validated: true, notNull: [] });
      } else if (cmd.subtype === 'AT_AddConstraint' && constraint) {
        const validated = !constraint.skip_validation;
        const notNull = notNullColumns(constraint);
        this.#constraints.set(`${key} ${constraint.conname ?? ''}`, { file, validated, notNull });
        if (validated) this.#prove(key, notNull);
        if (validated && constraint.contype === 'CONSTR_CHECK') this.#checked.add(key);
      } else if (cmd.subtype === 'AT_ValidateConstraint') {
        this.#checked.add(key);
        const added = this.#constraints.get(`${key} ${cmd.name}`);
        if (added) this.#prove(key, added.notNull);
        else this.#trusted.add(key);
      } else if (cmd.subtype === 'AT_SetNotNull') this.#prove(key, [cmd.name ?? '']);
      else if (cmd.subtype === 'AT_DropNotNull' || cmd.subtype === 'AT_DropColumn')
        this.#notNull.delete(`${key} ${cmd.name}`);
    }
  }

  #prove(key: string, columns: readonly string[]): void {
    for (const column of columns) this.#notNull.add(`${key} ${column}`);
  }
}
