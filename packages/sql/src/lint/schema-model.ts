import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { CreatedObjects } from './created-objects.ts';
import { tablesWith } from './domains.ts';
import type { CatalogFacts, RelationFacts } from './facts.ts';
import { KnownConstraints } from './known-constraints.ts';
import { schemaLocksOf } from './locks.ts';
import { type Named, ofRange } from './names.ts';

/**
 * The schema after the statements so far, as far as the rules need it: nobody uses yet what the files themselves create.
 * Statements are added in the order in which they will run.
 */
export class SchemaModel {
  readonly created: CreatedObjects;
  readonly constraints: KnownConstraints;
  readonly #facts: CatalogFacts | undefined;
  readonly #schemaChanges = new Map<string, { line: number; table: string }>();

  constructor(facts?: CatalogFacts) {
    this.#facts = facts;
    this.created = new CreatedObjects(facts);
    this.constraints = new KnownConstraints({
      keyOf: (table) => this.created.keyOf(ofRange(table)),
      factsOf: (table) => this.factsOf(table),
    });
  }

  isNewTable(table: RangeVar): boolean {
    return this.created.isNew(ofRange(table));
  }

  factsOf(table: RangeVar): RelationFacts | undefined {
    return this.#facts?.relations[this.created.keyOf(ofRange(table))];
  }

  /** The tables in use with a column of a domain; undefined when the database is unknown. */
  tablesWith(domain: Named): string[] | undefined {
    if (this.created.isNew(domain)) return [];
    return this.#facts && tablesWith(this.created.keyOf(domain), this.#facts);
  }

  /** The first statement of a file that took a heavy lock on a table in use. */
  schemaChangeIn(file: string): { line: number; table: string } | undefined {
    return this.#schemaChanges.get(file);
  }

  /** Records what a statement creates, renames, drops, locks and proves. */
  add(statement: SqlStatement, file: string): void {
    this.#noteLock(statement, file);
    this.created.add(statement);
    this.constraints.add(statement, file);
  }

  #noteLock(statement: SqlStatement, file: string): void {
    if (this.#schemaChanges.has(file)) return;
    // Reading and changing rows takes no such lock.
    const heavy = schemaLocksOf(statement).find(
      ({ mode, named, ofDomain }) =>
        (mode === 'ACCESS EXCLUSIVE' || mode.startsWith('SHARE')) &&
        mode !== 'SHARE UPDATE EXCLUSIVE' &&
        !(ofDomain ? this.tablesWith(named)?.length === 0 : this.created.isNew(named)),
    );
    if (heavy) this.#schemaChanges.set(file, { line: statement.line, table: heavy.relation });
  }
}
