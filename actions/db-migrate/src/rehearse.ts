import { DatabaseUrl, Fault } from '@slipway/kernel';
import {
  dumpSchema,
  fillShadow,
  type Migration,
  type RehearsalFile,
  type RehearsalPlan,
  rehearse,
  sharedChange,
} from '@slipway/migrations';
import { connect, schemaOf, sessionName } from '@slipway/postgres';
import { findPostgresProgram } from '@slipway/runner/programs';
import type { Connected, Reviewed } from './migration.ts';
import { downCheck, logRehearsal, type RehearsalOutcome, ranOn, skipped } from './rehearsal-report.ts';
import { targetOf } from './run-files.ts';

/**
 * Rehearses the pending files on the production schema in the shadow database.
 * @param shadowUrl As the configuration has it.
 * @throws Fault when a file does not run there, UserError when the shadow cannot be used; production was not touched.
 */
export async function rehearseOnShadow(
  run: Connected,
  reviewed: Reviewed,
  shadowUrl: string,
): Promise<RehearsalOutcome> {
  const { context, session } = run;
  const { exec, config } = context;
  const options = { ...context, programs: config.programs };
  const pgDump = await findPostgresProgram('pg_dump', session.server.major, options);
  const { url: from, connectedTo } = session;
  const dump = await dumpSchema({ pgDump: pgDump.command[0], url: from, connectedTo, exec });
  return onCopy(run, reviewed, {
    url: DatabaseUrl.parse(shadowUrl),
    what: 'the production schema in the shadow database',
    fill: (client) => fillShadow(client, dump, session.observer),
  });
}

/**
 * Rehearses them on a full copy, the restored backup.
 * @param url Of the copy. @throws Fault when a file does not run there; production was not touched.
 */
export function rehearseOnCopy(
  run: Connected,
  reviewed: Reviewed,
  url: DatabaseUrl,
): Promise<RehearsalOutcome> {
  return onCopy(run, reviewed, { url, what: 'the restored backup', fill: async () => undefined });
}

type Connection = Awaited<ReturnType<typeof connect>>;

interface Copy {
  url: DatabaseUrl;
  /** For a sentence. */
  what: string;
  fill(client: Connection): Promise<void>;
}

async function onCopy(run: Connected, reviewed: Reviewed, copy: Copy): Promise<RehearsalOutcome> {
  const { context } = run;
  const shared = sharedChange([...reviewed.review.scripts.values(), ...reviewed.review.downs]);
  if (shared) {
    const evidence = `${shared.file}:${shared.line} changes what all databases of a server share: ${shared.text}`;
    context.log.warn(`the rehearsal was skipped: ${evidence}`);
    return { rehearsal: null, checks: [skipped(evidence)] };
  }
  const { signal, redactor } = context;
  const to = { url: copy.url, applicationName: sessionName(context.record.id), signal, redactor };
  const open: Connection[] = [];
  try {
    for (let count = 0; count < 2; count++) open.push(await connect(to));
    const [worker, observer] = open as [Connection, Connection];
    await copy.fill(worker);
    const lock = { assertHeld: async () => undefined };
    const { watchClient } = run.session;
    const rehearsal = await rehearse(await planOf(reviewed), {
      target: targetOf(run, { worker, observer, watchClient, lock }),
      schema: schemaOf(reviewed.tables.versionTable.table),
    });
    logRehearsal(context.log, rehearsal);
    const down = downCheck(rehearsal.down);
    if (down.state === 'failed') {
      context.log.warn(`the down migrations do not restore the previous schema: ${down.evidence}`);
    }
    return { rehearsal, checks: [ranOn(copy.what, rehearsal), down] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(
      `the rehearsal on ${copy.what} failed, and production was not touched: ${error.message}`,
      { cause: error, hint: 'Fix the migration and release again.' },
    );
  } finally {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  }
}

async function planOf({ schemas, plan, review }: Reviewed): Promise<RehearsalPlan> {
  // Loaded by now, unless schema files alone are run.
  const { readDownFile } = await import('./read-files.ts');
  const asRun = (file: string, sql: string): RehearsalFile => ({
    file,
    sql,
    statements: review.stepwise.has(file) ? (review.scripts.get(file)?.statements ?? null) : null,
  });
  const both = async ({ file, sql, down, version }: Migration) => ({
    up: asRun(file, sql),
    down: down === null ? null : await readDownFile(down),
    resume: plan.resume.get(version) ?? null,
  });
  return {
    schemas: schemas.map(({ file, sql }) => asRun(file, sql)),
    migrations: await Promise.all(plan.pending.map(both)),
  };
}
