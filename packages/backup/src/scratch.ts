import {
  type Clock,
  type DatabaseAddress,
  type DatabaseUrl,
  type Log,
  type Redactor,
  UserError,
} from '@slipway/kernel';
import { addressOf, closeConnection, connect, serverVersion } from '@slipway/postgres';
import type { Client } from 'pg';
import { assertMayCreate, createDatabase, dropDatabase } from './create-database.ts';
import type { DatabaseLocale } from './snapshot.ts';

/** A client, and the address that it is connected to. */
export interface Connection {
  client: Client;
  at: DatabaseAddress;
}

/** What every connection of a step needs. */
export interface ConnectionStep {
  signal: AbortSignal;
  redactor: Redactor;
}

/** @throws UserError that says why there is no connection; Cancelled. */
export async function openConnection(
  url: DatabaseUrl,
  applicationName: string,
  { signal, redactor }: ConnectionStep,
): Promise<Connection> {
  const client = await connect({ url, applicationName, signal, redactor });
  return { client, at: addressOf(client) };
}

/** Prefix of the scratch copies of one database. An existing one was left by a killed run. Pure. */
function scratchPrefix(owner: string): string {
  return `slipway_scratch_${owner}_`;
}

/** Drops the scratch copies of killed runs. Only one run at a time works on a database, so nothing else uses them. */
async function dropScratches(client: Client, owner: string, log: Log): Promise<void> {
  const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
    scratchPrefix(owner),
  ]);
  for (const { datname } of rows) {
    log.info(`dropping ${datname}, which an interrupted run created`);
    await dropDatabase(client, datname);
  }
}

/** The alternatives where only the proof needs the copy. */
const insteadOfCopy =
  ', name another server in database.backup.scratch-url, or set database.backup.prove to decode';

/** Checks, before hours are spent on a dump, that it can be restored for the proof. @throws UserError, Cancelled */
export async function assertScratchPossible(
  { url, scratchUrl, ...step }: ConnectionStep & { url: DatabaseUrl; scratchUrl?: DatabaseUrl | undefined },
  major: number,
): Promise<void> {
  const { client } = await openConnection(scratchUrl ?? url, 'slipway scratch', step).catch(
    (cause: unknown) => {
      if (!scratchUrl || !(cause instanceof UserError)) throw cause;
      const hint = cause.hint ?? 'Check the address.';
      throw new UserError(`database.backup.scratch-url: ${cause.message}`, { cause, hint });
    },
  );
  try {
    await assertSameMajor(client, major);
    await assertMayCreate(client, insteadOfCopy);
  } finally {
    await closeConnection(client);
  }
}

/** @throws UserError unless both servers have the same major version: an older server refuses a newer dump's settings. */
async function assertSameMajor(client: Client, major: number): Promise<void> {
  const there = await serverVersion(client);
  if (there.major === major) return;
  throw new UserError(
    `the scratch server runs PostgreSQL ${there.major}, but the database runs PostgreSQL ${major}`,
    {
      hint: `Name a PostgreSQL ${major} server in database.backup.scratch-url.`,
    },
  );
}

export interface ScratchOptions extends ConnectionStep {
  /** Of the database, or of another server of the same major version. */
  url: DatabaseUrl;
  owner: string;
  major: number;
  locale: DatabaseLocale;
  clock: Clock;
  log: Log;
}

/**
 * Creates an empty database, and drops it after use. A killed run leaves that to the next run.
 * @throws UserError, Fault, Cancelled, and whatever `use` throws.
 */
export async function withScratch<T>(
  options: ScratchOptions,
  use: (url: DatabaseUrl, at: DatabaseAddress) => Promise<T>,
): Promise<T> {
  const { client, at } = await openConnection(options.url, 'slipway scratch', options);
  const name = `${scratchPrefix(options.owner)}${options.clock.now().getTime().toString(36)}`;
  try {
    await assertSameMajor(client, options.major);
    await dropScratches(client, options.owner, options.log);
    await createDatabase(client, name, options.locale, insteadOfCopy);
    try {
      return await use(options.url.withDatabase(name), { ...at, database: name });
    } finally {
      await dropDatabase(client, name).catch((error: Error) =>
        options.log.warn(
          `cannot drop the scratch database ${name} (${error.message}); the next run drops it`,
        ),
      );
    }
  } finally {
    await closeConnection(client);
  }
}
