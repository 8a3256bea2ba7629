import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Postgres } from '@slipway/test-services';
import pg from 'pg';

/** The folder of the example. */
export const EXAMPLE = resolve('workflows-examples/docsense');
export const SECRET = 'correct-horse';

/** What the service answers; each test says what it expects to find. */
type Json = ReturnType<typeof JSON.parse>;

/** A database with the schema of the first version, and what a backend knows of it. */
export interface DocsenseDatabase {
  pool: pg.Pool;
  /** Environment of the backend. */
  env: Record<string, string>;
  /** Runs files of the example, each in one transaction. */
  apply(...files: string[]): Promise<void>;
}

/** @param host Where the backend finds the server, when that is not this machine. */
export async function takeDatabase(postgres: Postgres, host?: string): Promise<DocsenseDatabase> {
  const name = `docsense_${randomUUID()}`;
  await postgres.createDatabase(name);
  const pool = new pg.Pool({ connectionString: postgres.url(name) });
  // end() does not wait for the server to hang up; a server that stops first says so on the closing connection.
  pool.on('error', () => {});
  const apply = async (...files: string[]): Promise<void> => {
    // Several statements in one message are one transaction.
    for (const file of files) await pool.query(await readFile(join(EXAMPLE, file), 'utf8'));
  };
  // Twice: the schema files are applied before every deployment.
  const schemas = (await readdir(join(EXAMPLE, 'docs/database'))).map((file) => `docs/database/${file}`);
  await apply(...schemas, ...schemas, 'migrations/001_documents_projection.sql');
  const env = {
    DATABASE_URL: host === undefined ? postgres.url(name) : postgres.urlVia(host, name),
    OPENAI_API_KEY: SECRET,
    CORS_ORIGINS: 'https://app.example.com',
    DB_POOL_MIN_SIZE: '1',
    DB_POOL_MAX_SIZE: '5',
    ENVIRONMENT: 'production',
  };
  return { pool, env, apply };
}

/** A reply, its body parsed where it is JSON. */
export async function get(url: string): Promise<{ status: number; body: Json; headers: Headers }> {
  const response = await fetch(url);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** Saves a document. @param key The Idempotency-Key. */
export async function post(
  url: string,
  body: unknown,
  key?: string,
): Promise<{ status: number; body: Json }> {
  const headers = { 'Content-Type': 'application/json', ...(key ? { 'Idempotency-Key': key } : {}) };
  const response = await fetch(`${url}/documents`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
