import { describe, expect, test } from '@jest/globals';
import { DatabaseUrl, describeError, Redactor } from '@slipway/kernel';
import { asDatabaseError, closeConnection, connect } from '@slipway/postgres';
import type { Postgres } from '@slipway/test-services';
import type pg from 'pg';
import { postgresForAll } from '../support/postgres.ts';

let postgres: Postgres;
postgresForAll((started) => {
  postgres = started;
});

const secret = 'Kw82mXpQ+7/r';
const base64 = Buffer.from(secret).toString('base64');
const redactor = new Redactor();
redactor.add(secret);

async function failureOf(url: string, sql: string): Promise<pg.DatabaseError> {
  const { signal } = new AbortController();
  const client = await connect({ url: DatabaseUrl.parse(url), applicationName: 'test', signal, redactor });
  try {
    await client.query(sql);
  } catch (error) {
    return error as pg.DatabaseError;
  } finally {
    await closeConnection(client);
  }
  throw new Error('the statement succeeded');
}

describe('what a server says is safe to print before anything else sees it', () => {
  test('in its message, its details and its hint', async () => {
    const raise = `DO $$ BEGIN RAISE EXCEPTION E'bad ${secret} ${base64}\\r::error::x, password=hunter2'
      USING DETAIL = 'token: abcdefgh', HINT = 'postgres://app:pass1234@host/db'; END $$`;
    const error = await failureOf(postgres.url('postgres'), raise);
    expect(error.message).toBe('bad *** ***\n::error::x, password=***');
    expect(error.detail).toBe('token: ***');
    expect(error.hint).toBe('postgres://app:***@host/db');
    expect(describeError(asDatabaseError(error, '001.sql'))).toBe(`001.sql: ${error.message}`);
    expect(JSON.stringify([error, error.stack])).not.toMatch(/Kw82|hunter2|abcdefgh|pass1234/);
  });

  test('in what it quotes of a statement', async () => {
    const error = await failureOf(postgres.url('postgres'), `SELECT '${secret}'::int`);
    expect(error).toMatchObject({ code: '22P02', position: '8' });
    expect(error.message).toBe('invalid input syntax for type integer: "***"');
  });

  test('when it refuses the connection', async () => {
    const url = `${postgres.url('postgres').replace(/\/[^/]*$/, '')}/${encodeURIComponent(secret)}`;
    await expect(failureOf(url, 'SELECT 1')).rejects.toThrow(
      'cannot connect to the database: the server has no database with that name',
    );
  });
});
