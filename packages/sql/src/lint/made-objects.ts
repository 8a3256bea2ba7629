import type { RangeVar } from 'libpg-query';
import type { NodeOf, SqlStatement } from '../syntax/grammar.ts';
import { droppedNames } from './ast.ts';
import type { CatalogFacts } from './facts.ts';
import { madeBy, typeMadeBy } from './made.ts';
import { type Named, ofRange, strings } from './names.ts';

/** What the set itself has made so far, which no running program uses yet; and where names without a schema lead. */
export class MadeObjects {
  /** Volatility of the functions, by bare name. */
  readonly functions = new Map<string, string>();
  readonly #facts: CatalogFacts | undefined;
  readonly #made = new Set<string>();
  readonly #madeSchemas = new Set<string>();
  readonly #indexTables = new Map<string, string>();
  #schema = 'public';

  constructor(facts: CatalogFacts | undefined) {
    this.#facts = facts;
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

  isNewSchema(name: string): boolean {
    return this.#madeSchemas.has(name);
  }

  /** Whether an index is on a table that the set made. */
  isNewIndex(index: Named): boolean {
    const key = this.keyOf(index);
    const table = this.#indexTables.get(key);
    return table !== undefined && this.#made.has(table);
  }

  /** Takes in what a statement makes, renames and drops. */
  add(statement: SqlStatement): void {
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
    }
  }

  /** What may have been there already was not surely made by the set; without facts it is taken to be new. */
  #make(table: RangeVar, unlessThere: boolean): void {
    const named = ofRange(table);
    const key = table.relpersistence === 't' ? `pg_temp.${named.name}` : this.keyOf(named);
    if (!unlessThere || !this.#facts?.relations[key]) this.#made.add(key);
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

  #addFunction({ funcname, options = [] }: NodeOf<'CreateFunctionStmt'>): void {
    const volatility = options.flatMap((node) =>
      'DefElem' in node && node.DefElem.defname === 'volatility' && node.DefElem.arg
        ? strings([node.DefElem.arg])
        : [],
    );
    this.functions.set(strings(funcname).at(-1) ?? '', volatility[0] ?? 'volatile');
  }

  #setSearchPath({ name, kind, args = [] }: NodeOf<'VariableSetStmt'>): void {
    if (name !== 'search_path') return;
    const first = args[0] && 'A_Const' in args[0] ? args[0].A_Const.sval?.sval : undefined;
    this.#schema = kind === 'VAR_SET_VALUE' && first && first !== '$user' ? first : 'public';
  }
}
