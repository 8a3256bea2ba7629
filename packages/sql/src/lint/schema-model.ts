import type { RangeVar } from 'libpg-query';
import type { SqlStatement } from '../syntax/grammar.ts';
import { tablesWith } from './domains.ts';
import type { CatalogFacts, RelationFacts } from './facts.ts';
import { KnownConstraints } from './known-constraints.ts';
import { schemaLocksOf } from './locks.ts';
import { MadeObjects } from './made-objects.ts';
import { type Named, ofRange } from './names.ts';

/**
 * The schema as the statements so far have left it, as far as the rules ask: what the set itself has made, nobody uses
 * yet. Statements are added in the order in which they will run.
 */
export class SchemaModel {
  readonly made: MadeObjects;
  readonly constraints: KnownConstraints;
  readonly #facts: CatalogFacts | undefined;
  readonly #schemaChanges = new Map<string, { line: number; table: string }>();

  constructor(facts?: CatalogFacts) {
    this.#facts = facts;
    this.made = new MadeObjects(facts);
    this.constraints = new KnownConstraints({
      keyOf: (table) => this.made.keyOf(ofRange(table)),
      factsOf: (table) => this.factsOf(table),
    });
  }

  isNewTable(table: RangeVar): boolean {
    return this.made.isNew(ofRange(table));
  }

  factsOf(table: RangeVar): RelationFacts | undefined {
    return this.#facts?.relations[this.made.keyOf(ofRange(table))];
  }

  /** The tables in use with a column of a domain; undefined where the database is not known. */
  tablesWith(domain: Named): string[] | undefined {
    if (this.made.isNew(domain)) return [];
    return this.#facts && tablesWith(this.made.keyOf(domain), this.#facts);
  }

  /** The first statement of a file that took a heavy lock on a table in use. */
  schemaChangeIn(file: string): { line: number; table: string } | undefined {
    return this.#schemaChanges.get(file);
  }

  /** Takes in what a statement makes, renames, drops, locks and proves. */
  add(statement: SqlStatement, file: string): void {
    this.#noteLock(statement, file);
    this.made.add(statement);
    this.constraints.add(statement, file);
  }

  #noteLock(statement: SqlStatement, file: string): void {
    if (this.#schemaChanges.has(file)) return;
    // Reading and changing rows takes none of them.
    const heavy = schemaLocksOf(statement).find(
      ({ mode, named, ofDomain }) =>
        (mode === 'ACCESS EXCLUSIVE' || mode.startsWith('SHARE')) &&
        mode !== 'SHARE UPDATE EXCLUSIVE' &&
        !(ofDomain ? this.tablesWith(named)?.length === 0 : this.made.isNew(named)),
    );
    if (heavy) this.#schemaChanges.set(file, { line: statement.line, table: heavy.relation });
  }
}
