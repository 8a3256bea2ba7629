import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Postgres, provision, type Requirement, type Role, startPostgres } from '@slipway/test-services';
import pg from 'pg';

/** The server that the tests of a file want. */
export interface ServerWish {
  /** What has to be installed next to PostgreSQL. */
  needs?: readonly Requirement[];
  /** Default: the PostgreSQL of the system, with its own settings. */
  start?: () => Promise<Postgres>;
}

/** @param take Called before the first test with a PostgreSQL, which stops after the last. */
export function postgresForAll(
  take: (postgres: Postgres) => void,
  { needs = [], start = () => startPostgres() }: ServerWish = {},
): void {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    await provision(['postgres', ...needs], () => {});
    postgres = await start();
    take(postgres);
  }, 120_000);
  afterAll(() => postgres?.stop());
}

/** A database of one test alone. */
export interface OwnDatabase {
  postgres: Postgres;
  name: string;
  /** As its owner; as the superuser when it has no other. */
  url: string;
  /** A connection that ends with the test. @param url Default: that of the database. */
  connect(url?: string): Promise<pg.Client>;
}

let databases = 0;

/**
 * A PostgreSQL for the tests of a file, and a database for each.
 * @param take Called with both before each test. @param wish.name What the names begin with, in front of a number.
 */
export function databaseEach(
  take: (own: OwnDatabase) => void,
  { name: prefix = 'app', owner, ...wish }: ServerWish & { name?: string; owner?: Role } = {},
): void {
  const connections: pg.Client[] = [];
  let postgres: Postgres;
  postgresForAll((started) => {
    postgres = started;
  }, wish);
  beforeEach(async () => {
    const name = `${prefix}_${++databases}`;
    await postgres.createDatabase(name, owner);
    const url = postgres.url(name, owner);
    const connect = async (address = url): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: address });
      client.on('error', () => undefined);
      await client.connect();
      connections.push(client);
      return client;
    };
    take({ postgres, name, url, connect });
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((client) => client.end().catch(() => undefined)));
  });
}

/** Connects, lets it be used, and ends the connection however that went. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
