import { Fault, UserError } from '@slipway/kernel';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { DatabaseLocale } from './snapshot.ts';

export async function dropDatabase(client: Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
}

/**
 * Creates an empty database with the locale of another.
 * @param instead What else a user without the right can do, as the end of a sentence.
 * @throws UserError when the user lacks the right to create databases; Fault for everything else.
 */
export async function createDatabase(
  client: Client,
  name: string,
  locale: DatabaseLocale,
  instead?: string,
): Promise<void> {
  const options = [
    'TEMPLATE template0',
    `ENCODING ${escapeLiteral(locale.encoding)}`,
    `LC_COLLATE ${escapeLiteral(locale.collate)}`,
    `LC_CTYPE ${escapeLiteral(locale.ctype)}`,
    ...(locale.provider && locale.providerLocale
      ? [
          `LOCALE_PROVIDER ${escapeIdentifier(locale.provider)}`,
          `${locale.provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'} ${escapeLiteral(locale.providerLocale)}`,
        ]
      : []),
  ];
  try {
    await client.query(`CREATE DATABASE ${escapeIdentifier(name)} ${options.join(' ')}`);
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === '42501') throw notAllowed(instead, cause);
    throw new Fault(`cannot create the database to restore into: ${message}`, {
      cause,
      hint: 'The server must have the locale and encoding of the original, and free disk space.',
    });
  }
}

function notAllowed(instead = '', cause?: unknown): UserError {
  return new UserError('the database user may not create the database to restore into', {
    cause,
    hint: `Run ALTER ROLE <user> CREATEDB${instead}.`,
  });
}

/** @throws UserError unless the user may create databases; its hint ends with `instead`. */
export async function assertMayCreate(client: Client, instead?: string): Promise<void> {
  const { rows } = await client.query(
    'SELECT rolcreatedb OR rolsuper AS allowed FROM pg_roles WHERE rolname = current_user',
  );
  if (!rows[0]?.allowed) throw notAllowed(instead);
}
