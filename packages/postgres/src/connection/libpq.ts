import type { DatabaseAddress, DatabaseUrl } from '@slipway/kernel';

/**
 * The environment with which PostgreSQL's programs reach the database that a client is connected to. Nothing of it is in
 * their arguments, which every user of the machine may read, and the step's own PG… variables are overruled. Pure.
 */
export function connectionEnvironment(to: DatabaseAddress, url: DatabaseUrl): Record<string, string> {
  return {
    ...url.libpqEnvironment(to),
    PGAPPNAME: 'slipway backup',
    // Messages are matched in English.
    LC_MESSAGES: 'C',
  };
}
