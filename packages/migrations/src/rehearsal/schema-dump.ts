import { type DatabaseAddress, type DatabaseUrl, type Exec, expectSuccess } from '@slipway/kernel';
import { connectionEnvironment } from '@slipway/postgres';

export interface SchemaDumpOptions {
  /** pg_dump of the server's own major version. */
  pgDump: string;
  url: DatabaseUrl;
  connectedTo: DatabaseAddress;
  exec: Exec;
}

/**
 * The schema as SQL that makes it elsewhere, without owners and privileges and without the tables of Slipway itself.
 * @throws Fault when pg_dump fails, with what it said.
 */
export async function dumpSchema({ pgDump, url, connectedTo, exec }: SchemaDumpOptions): Promise<string> {
  const done = await exec({
    argv: [
      pgDump,
      '--schema-only',
      '--no-owner',
      '--no-privileges',
      '--no-password',
      '--lock-wait-timeout=10s',
      '--exclude-table=*.slipway_*',
    ],
    env: connectionEnvironment(connectedTo, url),
  });
  return expectSuccess(done, 'read the schema with pg_dump').data;
}
