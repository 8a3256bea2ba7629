import { DatabaseUrl, UserError } from '@slipway/kernel';
import type { Reversal } from '@slipway/migrations';
import type { RestoreTarget } from '@slipway/release';
import type { RollbackContext } from './context.ts';

/** How long the database may take to say what has to be taken back. */
const databaseTimeoutMs = 5000;

type Reading = Pick<RollbackContext, 'readConfig' | 'redactor' | 'signal'>;

/** Where the database is, and how its migrations are written. @throws UserError when none is configured. */
export function databaseOf({ readConfig, redactor }: Omit<Reading, 'signal'>) {
  const { database } = readConfig([
    'database.url',
    'database.direct-url',
    'database.migrations',
    'database.lock-timeout',
    'database.statement-timeout',
  ]);
  if (!database) throw new UserError('no database is configured');
  for (const secret of [database.url, database['direct-url']]) if (secret) redactor.add(secret);
  return {
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    format: database.migrations.format,
    lockTimeoutMs: database['lock-timeout'],
    statementTimeoutMs: database['statement-timeout'],
  };
}

/** What the releases since the one that comes back have applied, as the database says it. @throws UserError, Fault, Cancelled */
export async function readReversalOf(
  context: Reading,
  { migrated }: Pick<RestoreTarget, 'migrated'>,
): Promise<Reversal> {
  const { url, format } = databaseOf(context);
  const { signal, redactor } = context;
  const { readReversal } = await import('@slipway/migrations');
  const releases = migrated.map(({ id }) => id);
  return readReversal({ url, format, releases, timeoutMs: databaseTimeoutMs, signal, redactor });
}
