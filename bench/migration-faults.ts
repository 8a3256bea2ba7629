import {
  type PgBouncer,
  type Postgres,
  provision,
  startPgBouncer,
  startPostgres,
} from '@slipway/test-services';
import { crashes } from './faults/crashes.ts';
import { files } from './faults/files.ts';
import type { Fault } from './faults/judge.ts';
import { guest, server } from './faults/server.ts';
import { owner, takeSite } from './faults/site.ts';
import { together } from './faults/together.ts';
import { table } from './measure.ts';
import { type Migrator, migrators } from './migrators.ts';

/** What the tools themselves say about it, and what the table cannot. */
const notes = `
- dbmate applies files out of order unless called with \`--strict\`, and says so; it takes no lock.
- node-pg-migrate has no switch in SQL files to leave the transaction; \`pgm.noTransaction()\` is for JavaScript. Its
  second runner stops with "already running" by default.
- graphile-migrate checks the hash of a file when it runs it, not afterwards; a file without a transaction holds exactly
  one statement. Its prepared statement fails where the pooler does not carry such over, as PgBouncer before 1.21.
- umzug and postgrator are libraries, run by the program that their README shows. Neither locks a database; umzug's
  FileLocker is for runners that share a disk.
- With \`IF NOT EXISTS\` the run after a killed CREATE INDEX CONCURRENTLY ends with exit code 0 in dbmate,
  graphile-migrate, umzug and postgrator, and the index stays invalid.
- With a \`lock_timeout\` of 2 s set on the database, readers of the busy table wait 2 s at most, and the others fail:
  none of them tries again.`;

/**
 * Faults that migration tools meet in production, and what ours and those of the npm registry make of them, each set up
 * as its documentation has it. A ✓ is the right exit code, a database that agrees with the version table, and, where the
 * tool has to fail, the cause in what it prints. psql keeps no table of versions and is not asked.
 */
export async function migrationFaults(): Promise<void> {
  await provision(['postgres', 'pgbouncer'], (line) => console.error(line));
  const postgres = await startPostgres();
  try {
    await postgres.createDatabase('as_guest', guest);
    await postgres.createDatabase('as_owner', owner);
    const pooler = await startPgBouncer({ server: postgres, role: owner, mode: 'transaction' });
    try {
      await compare(postgres, pooler);
    } finally {
      await pooler.stop();
    }
  } finally {
    await postgres.stop();
  }
}

async function compare(postgres: Postgres, pooler: PgBouncer): Promise<void> {
  const tools = migrators(postgres.binDir).filter(({ name }) => !name.startsWith('psql'));
  const faults = [...crashes(postgres), ...together(pooler), ...files, ...server(postgres)];
  const rows: string[][] = [];
  for (const [number, fault] of faults.entries()) {
    console.error(`${number + 1} of ${faults.length}: ${fault.title}`);
    const cells = await Promise.all(tools.map((tool) => meet(postgres, tool, fault, number + 1)));
    rows.push([fault.title, ...cells]);
  }
  const score = tools.map((_, column) => rows.filter((row) => row[column + 1] === '✓').length);
  const last = ['**score**', ...score.map((passed) => `**${passed} of ${faults.length}**`)];
  console.log(table(['fault', ...tools.map(({ name }) => name)], [...rows, last]));
  console.log(notes);
}

async function meet(postgres: Postgres, tool: Migrator, fault: Fault, number: number): Promise<string> {
  const site = await takeSite(postgres, tool, number);
  try {
    return (await fault.judge(site)) ?? '✓';
  } finally {
    await site.clear();
  }
}

if (import.meta.main) await migrationFaults();
