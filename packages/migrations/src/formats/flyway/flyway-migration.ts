import type { Migration } from '../format.ts';

/** What flyway writes into its table in addition to the version. */
export interface FlywayMigration extends Migration {
  description: string;
  /** Path below its location, with `/`. */
  script: string;
}
