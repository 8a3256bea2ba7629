import type { DatabaseConfig } from '@slipway/config';
import { type CommandResult, describeExit, Fault, lastLines, poll } from '@slipway/kernel';
import type { MigrationSession } from '@slipway/postgres';
import type { MigrateContext } from './migration.ts';

/** How long the command is tried again whose locks were not free, and how often it is. */
const again = { timeoutMs: 10 * 60_000, intervalMs: () => 500 + Math.random() * 4000 };
/** What the server says of a lock that was not free (55P03) and of a deadlock (40P01), and the codes themselves. */
const contention = /\b(55P03|40P01)\b|canceling statement due to lock timeout|deadlock detected/;

/**
 * Runs the users' program with our time limits, again while a lock is not free. Its exit code is the caller's to judge.
 * @throws Fault when it cannot be run; Cancelled.
 */
export async function runCommand(
  { exec, clock, signal, log, workspace }: MigrateContext,
  database: DatabaseConfig,
  session: MigrationSession,
  [program = '', ...args]: readonly string[],
): Promise<CommandResult> {
  const limits = `-c lock_timeout=${database['lock-timeout']} -c statement_timeout=${database['statement-timeout']}`;
  const env = { DATABASE_URL: session.url.reveal(), PGOPTIONS: limits };
  let last: CommandResult | undefined;
  const wait = { clock, signal, ...again, during: program };
  const tried = await poll(wait, async () => {
    const done = await exec({ argv: [program, ...args], cwd: workspace, env }, { onLine: log.info });
    last = done;
    if (done.ok || !contention.test(done.stderr.concat(done.stdout).data)) return { done: true, value: done };
    log.info(`${program} could not get a lock; running it again`);
    return { done: false, seen: 'a lock was not available' };
  });
  if (tried.ok) return tried.value;
  if (last) return last;
  throw new Fault(`${program} was never run`);
}

/** How it failed, with its last words. Pure. */
export function failureOf(command: readonly string[], done: CommandResult): string {
  return `${command.join(' ')} ${describeExit(done)}: ${lastLines(done, 3).join(' ') || '(no output)'}`;
}
