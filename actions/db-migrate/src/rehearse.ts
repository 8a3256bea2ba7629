import { DatabaseUrl, Fault, formatDuration } from '@slipway/kernel';
import {
  dumpSchema,
  fillShadow,
  type Migration,
  type Rehearsal,
  type RehearsalFile,
  type RehearsalPlan,
  rehearse,
  sharedChange,
} from '@slipway/migrations';
import { connect, schemaOf, sessionName } from '@slipway/postgres';
import { findPostgresProgram } from '@slipway/runner/programs';
import { note } from './checks.ts';
import type { MigrationRun } from './migration.ts';
import { targetOf } from './run-files.ts';

/**
 * Rehearses the pending files on the production schema in the shadow database.
 * @param shadowUrl As the configuration has it.
 * @throws Fault when a file does not run there, UserError when the shadow cannot be used; production was not touched.
 */
export async function rehearseOnShadow(run: MigrationRun, shadowUrl: string): Promise<void> {
  const { context, session } = run;
  const { exec, temp, config } = context;
  const programs = { programs: config.programs, exec, temp };
  const pgDump = await findPostgresProgram('pg_dump', session.server.major, programs);
  const { url: from, connectedTo } = session;
  const dump = await dumpSchema({ pgDump: pgDump.command[0], url: from, connectedTo, exec });
  await onCopy(run, DatabaseUrl.parse(shadowUrl), 'the production schema in the shadow database', (client) =>
    fillShadow(client, dump, session.observer),
  );
}

/**
 * Rehearses them on a full copy, the restored backup.
 * @param url Of the copy. @throws Fault when a file does not run there; production was not touched.
 */
export function rehearseOnCopy(run: MigrationRun, url: DatabaseUrl): Promise<void> {
  return onCopy(run, url, 'the restored backup', async () => undefined);
}

type Connection = Awaited<ReturnType<typeof connect>>;

async function onCopy(
  run: MigrationRun,
  url: DatabaseUrl,
  what: string,
  prepare: (client: Connection) => Promise<void>,
): Promise<void> {
  const { context, versionTable, review } = run;
  const shared = sharedChange([...review.scripts.values(), ...review.downs]);
  if (shared) {
    const said = `${shared.file}:${shared.line} changes what all databases of a server share: ${shared.text}`;
    context.log.warn(`nothing is rehearsed, because ${said}`);
    note(run, 'rehearsal', 'Rehearsal', 'skipped', said);
    return;
  }
  const to = { url, applicationName: sessionName(context.record.id), signal: context.signal };
  const open: Connection[] = [];
  try {
    for (let count = 0; count < 2; count++) open.push(await connect(to));
    const [worker, observer] = open as [Connection, Connection];
    await prepare(worker);
    const rehearsal = await rehearse(planOf(run), {
      target: targetOf(run, {
        worker,
        observer,
        watchClient: run.session.watchClient,
        lock: { assertHeld: async () => undefined },
      }),
      schema: schemaOf(versionTable.table),
    });
    tell(run, rehearsal, what);
    run.rehearsal = rehearsal;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(`the rehearsal on ${what} failed, and production was not touched: ${error.message}`, {
      cause: error,
      hint: 'Mend the migration and release again.',
    });
  } finally {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
  }
}

function planOf({ schemas, plan, review }: MigrationRun): RehearsalPlan {
  const bare = (file: string, sql: string): RehearsalFile => ({
    file,
    sql,
    statements: review.stepwise.has(file) ? (review.scripts.get(file)?.statements ?? null) : null,
  });
  const both = ({ file, sql, down, version }: Migration): RehearsalPlan['migrations'][number] => ({
    up: bare(file, sql),
    down: down === null ? null : review.bareDown(down),
    resume: plan.resume.get(version) ?? null,
  });
  return {
    schemas: schemas.map(({ file, sql }) => bare(file, sql)),
    migrations: plan.pending.map(both),
  };
}

function tell(run: MigrationRun, { files, down }: Rehearsal, what: string): void {
  const { log } = run.context;
  for (const { file, ms, locks } of files) {
    const held = locks.map(({ relation, mode }) => `${mode} on ${relation}`).join(', ');
    log.info(`rehearsed ${file} in ${formatDuration(ms)}${held && `: ${held}`}`);
  }
  const total = files.reduce((sum, { ms }) => sum + ms, 0);
  note(
    run,
    'rehearsal',
    'Rehearsal',
    'passed',
    `${files.length} files ran on ${what} in ${formatDuration(total)}`,
  );
  if (down.state === 'missing') {
    const which = down.files.length > 0 ? down.files.join(', ') : 'the half that is done already';
    note(run, 'way-back', 'Way back', 'skipped', `there is no down file for ${which}`);
  } else if (down.state === 'broken') {
    const seen = down.reasons.slice(0, 10).join('; ');
    log.warn(`the down files do not lead back to the schema from before: ${seen}`);
    note(
      run,
      'way-back',
      'Way back',
      'failed',
      seen,
      'Mend the down files; a rollback of the schema would fail.',
    );
  } else {
    note(run, 'way-back', 'Way back', 'passed', 'down and up again give the same schema');
  }
}
