import type { RestoreOptions } from '@slipway/backup';

/** Before the services, where what comes back may not run on the schema; else after them, so that nobody waits for the database. */
type When = 'before' | 'after';

/** What a rollback does to the database, decided before anything is changed. */
export type DatabasePlan =
  /** It stays. `note`: what people should know of that, a sentence. */
  | { kind: 'keep'; note: string | null }
  /** What was migrated since is taken back. */
  | { kind: 'down'; when: When; versions: readonly string[] }
  /** A backup takes its place, which a person has confirmed. `what`: which one, and what would be lost, as a clause. */
  | { kind: 'restore'; when: When; options: RestoreOptions; what: string };

/** What was done to the database. */
export interface DatabaseChange {
  /** One or more sentences; null when nothing was done. */
  done: string | null;
  /** Why it is not complete, as part of a sentence; null when it is. */
  failure: string | null;
}
