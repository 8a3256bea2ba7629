import type { DatabaseConfig } from '@slipway/config';
import { DatabaseUrl } from '@slipway/kernel';
import { readKeys } from '../encryption.ts';
import { openStore, type StoreStep } from '../stores/open-store.ts';
import type { RestoreOptions } from './options.ts';

/** The part of the configuration that a restore reads. */
type RestoredDatabase = Pick<DatabaseConfig, 'url' | 'direct-url' | 'backup'>;

/** What a step gives to a restore. */
export type RestoreStep = StoreStep & Omit<RestoreOptions, 'url' | 'store' | 'keys'>;

/** The options of a restore as the configuration has them; its secrets are masked. @throws UserError */
export async function configuredRestore(
  database: RestoredDatabase,
  step: RestoreStep,
): Promise<RestoreOptions> {
  const { backup } = database;
  for (const secret of [
    database.url,
    database['direct-url'],
    backup.encrypt?.identity,
    backup['scratch-url'],
  ])
    if (secret) step.redactor.add(secret);
  return {
    ...step,
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    store: openStore(backup, step),
    keys: backup.encrypt ? await readKeys(backup.encrypt) : null,
  };
}
