import type { Migration } from '../format.ts';
import type { SqitchLine } from './lines.ts';

/** A tag of a plan. */
export interface SqitchTag {
  id: string;
  /** With its `@`. */
  name: string;
  note: string;
  date: string;
  planner: SqitchLine['planner'];
}

/** What a change needs, or must not meet. */
export interface SqitchDependency {
  type: 'require' | 'conflict';
  /** As sqitch writes it: without its own project. */
  text: string;
  /** Id of the change in this plan; null when it is another project's. */
  id: string | null;
  project: string;
  change: string;
}

/** A change of a plan, with the id by which sqitch's registry knows it. */
export interface SqitchChange {
  id: string;
  name: string;
  project: string;
  uri: string | null;
  note: string;
  date: string;
  planner: SqitchLine['planner'];
  tags: SqitchTag[];
  dependencies: SqitchDependency[];
  /** Tags between this change and a later one of the same name, the nearest to that one first. */
  reworkTags: string[];
  line: number;
}

/** A change with its scripts. `version` is its name; that of one that was reworked since has a tag, `name@v1`. */
export interface SqitchMigration extends Migration {
  change: SqitchChange;
  /** Statements that fail when the change is not in place. */
  verify: Migration['down'];
}
