import type { Log } from '@slipway/kernel';
import { type Client, escapeIdentifier } from 'pg';
import { dropDatabase } from '../create-database.ts';
import { allowConnections, closedMark } from './closing.ts';
import { foundNames } from './names.ts';

/** What was found of restores that were killed. */
export interface Leftovers {
  /** New databases that never took over. */
  restored: string[];
  /** The database is closed, and it was us. */
  closed: boolean;
  /** There is no database of the name, and this one had it. */
  putBack: string | null;
}

interface Found {
  datname: string;
  datallowconn: boolean;
  comment: string | null;
}

/** Pure. */
export function judgeLeftovers(database: string, all: readonly Found[]): Leftovers {
  const named = foundNames(
    database,
    all.map(({ datname }) => datname),
  );
  const present = all.find(({ datname }) => datname === database);
  const marked = all.some(
    ({ datname, comment }) => named.restored.includes(datname) && comment === closedMark,
  );
  return {
    restored: named.restored,
    closed: present !== undefined && !present.datallowconn && marked,
    putBack: present === undefined && named.restored.length > 0 ? (named.old.at(-1) ?? null) : null,
  };
}

/**
 * Puts back what a restore that was killed left: the old database is there under its name and takes connections. The
 * new one is dropped, and made again. @param admin Connected to another database of the server.
 */
export async function recover(admin: Client, database: string, log: Log): Promise<void> {
  const { rows } = await admin.query<Found>(
    `SELECT datname, datallowconn, shobj_description(oid, 'pg_database') AS comment FROM pg_database`,
  );
  const left = judgeLeftovers(database, rows);
  if (left.putBack !== null) {
    log.warn(`a restore was ended in the middle: ${left.putBack} becomes ${database} again`);
    await admin.query(
      `ALTER DATABASE ${escapeIdentifier(left.putBack)} RENAME TO ${escapeIdentifier(database)}`,
    );
    await allowConnections(admin, database, true);
  } else if (left.closed) {
    log.warn(`a restore was ended in the middle: ${database} takes connections again`);
    await allowConnections(admin, database, true);
  }
  for (const name of left.restored) {
    log.info(`dropping ${name}, which an earlier restore left behind`);
    await dropDatabase(admin, name);
  }
}
