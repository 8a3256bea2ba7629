import type { RangeVar } from 'libpg-query';
import type { NodeOf, SqlStatement } from '../syntax/grammar.ts';
import { droppedNames } from './ast.ts';
import { createdRelation, createdType } from './created-relations.ts';
import type { CatalogFacts } from './facts.ts';
import { type Named, ofRange, strings } from './names.ts';

/** What the files themselves have created so far, which no running program uses yet; and where names without a schema lead. */
export class CreatedObjects {
  /** Volatility of the functions, by bare name. */
  readonly functions = new Map<string, string>();
  readonly #facts: CatalogFacts | undefined;
  readonly #created = new Set<string>();
  readonly #createdSchemas = new Set<string>();
  readonly #indexTables = new Map<string, string>();
  #schema = 'public';

  constructor(facts: CatalogFacts | undefined) {
    this.#facts = facts;
  }

  /** `schema.name`; what has no schema is in the first one of search_path. */
  keyOf({ schema, name }: Named): string {
    if (schema === null && this.#created.has(`pg_temp.${name}`)) return `pg_temp.${name}`;
    return `${schema ?? this.#schema}.${name}`;
  }

  /** Whether the files themselves created a relation or type, so that no running program uses it. */
  isNew(named: Named): boolean {
    const key = this.keyOf(named);
    if (this.#created.has(key)) return true;
    return this.#createdSchemas.has(key.slice(0, key.length - named.name.length - 1));
  }

  isNewSchema(name: string): boolean {
    return this.#createdSchemas.has(name);
  }

  /** Whether an index is on a table that the files created. */
  isNewIndex(index: Named): boolean {
    const key = this.keyOf(index);
    const table = this.#indexTables.get(key);
    return table !== undefined && this.#created.has(table);
  }

  /** Takes in what a statement creates, renames and drops. */
  add(statement: SqlStatement): void {
    const created = createdRelation(statement);
    if (created) this.#create(created.table, created.mayExist);
    switch (statement.tag) {
      case 'CreateSchemaStmt':
        if (!statement.node.if_not_exists) this.#createdSchemas.add(statement.node.schemaname ?? '');
        break;
      case 'CreateEnumStmt':
      case 'CompositeTypeStmt':
      case 'CreateRangeStmt':
      case 'CreateDomainStmt':
        this.#created.add(this.keyOf(createdType(statement)));
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
        for (const named of droppedNames(statement.node.objects)) this.#created.delete(this.keyOf(named));
        break;
      case 'RenameStmt':
        this.#rename(statement.node.relation, statement.node.renameType, statement.node.newname);
        break;
    }
  }

  /** What may have existed before may not be new; without facts about the database it counts as new. */
  #create(table: RangeVar, mayExist: boolean): void {
    const named = ofRange(table);
    const key = table.relpersistence === 't' ? `pg_temp.${named.name}` : this.keyOf(named);
    if (!mayExist || !this.#facts?.relations[key]) this.#created.add(key);
  }

  #rename(table: RangeVar | undefined, type: string | undefined, to = ''): void {
    if (!table || !['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(type ?? '')) return;
    const from = ofRange(table);
    if (!this.isNew(from)) return;
    this.#created.delete(this.keyOf(from));
    this.#created.add(this.keyOf({ ...from, name: to }));
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
