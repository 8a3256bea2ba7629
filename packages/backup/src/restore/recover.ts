import type { Log } from '@slipway/kernel';
import { type Client, escapeIdentifier } from 'pg';
import { dropDatabase } from '../create-database.ts';
import { allowConnections, closedMark } from './closing.ts';
import { foundNames } from './names.ts';

/** What killed restores left. */
export interface InterruptedRestore {
  /** New databases that did not replace the old one. */
  restored: string[];
  /** The database refuses connections because Slipway closed it. */
  closed: boolean;
  /** No database has the name, and this one had it before. */
  putBack: string | null;
}

interface Found {
  datname: string;
  datallowconn: boolean;
  comment: string | null;
}

/** Pure. */
export function findInterruptedRestore(database: string, all: readonly Found[]): InterruptedRestore {
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
 * Undoes a killed restore: the old database has its name and accepts connections again, and the new one is dropped.
 * @param admin Connected to another database of the server.
 */
export async function recover(admin: Client, database: string, log: Log): Promise<void> {
  const { rows } = await admin.query<Found>(
    `SELECT datname, datallowconn, shobj_description(oid, 'pg_database') AS comment FROM pg_database`,
  );
  const left = findInterruptedRestore(database, rows);
  if (left.putBack !== null) {
    log.warn(`a restore was interrupted: renaming ${left.putBack} back to ${database}`);
    await admin.query(
      `ALTER DATABASE ${escapeIdentifier(left.putBack)} RENAME TO ${escapeIdentifier(database)}`,
    );
    await allowConnections(admin, database, true);
  } else if (left.closed) {
    log.warn(`a restore was interrupted: ${database} accepts connections again`);
    await allowConnections(admin, database, true);
  }
  for (const name of left.restored) {
    log.info(`dropping ${name}, which an interrupted restore created`);
    await dropDatabase(admin, name);
  }
}
