import { DatabaseUrl, Fault, formatDuration } from '@slipway/kernel';
import {
  type DownRehearsal,
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
import type { ChecklistItem } from '@slipway/release';
import { findPostgresProgram } from '@slipway/runner/programs';
import type { Connected, Reviewed } from './migration.ts';
import { targetOf } from './run-files.ts';

/** What a rehearsal came to. */
export interface RehearsalOutcome {
  /** null: there was none. */
  rehearsal: Rehearsal | null;
  checks: readonly ChecklistItem[];
}

export const notRehearsed: RehearsalOutcome = { rehearsal: null, checks: [] };

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
  const { exec, temp, config } = context;
  const programs = { programs: config.programs, exec, temp };
  const pgDump = await findPostgresProgram('pg_dump', session.server.major, programs);
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
    return { rehearsal: null, checks: [{ ...rehearsalCheck, state: 'skipped', evidence }] };
  }
  const to = { url: copy.url, applicationName: sessionName(context.record.id), signal: context.signal };
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
    logFiles(context.log, rehearsal);
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

function logFiles({ info }: Connected['context']['log'], { files }: Rehearsal): void {
  for (const { file, ms, locks } of files) {
    const held = locks.map(({ relation, mode }) => `${mode} on ${relation}`).join(', ');
    info(`rehearsed ${file} in ${formatDuration(ms)}${held && `: ${held}`}`);
  }
}

const rehearsalCheck = { id: 'rehearsal', title: 'Rehearsal' };

function ranOn(what: string, { files }: Rehearsal): ChecklistItem {
  const total = files.reduce((sum, { ms }) => sum + ms, 0);
  const evidence = `${files.length} files ran on ${what} in ${formatDuration(total)}`;
  return { ...rehearsalCheck, state: 'passed', evidence };
}

/** Pure. */
export function downCheck(down: DownRehearsal): ChecklistItem {
  const check = { id: 'down-migrations', title: 'Down migrations' };
  switch (down.state) {
    case 'missing': {
      const which = down.files.length > 0 ? down.files.join(', ') : 'the statements that are already applied';
      return { ...check, state: 'skipped', evidence: `there is no down file for ${which}` };
    }
    case 'broken': {
      const remedy = 'Fix the down migrations: reverting the schema with them would fail.';
      return { ...check, state: 'failed', evidence: down.reasons.slice(0, 10).join('; '), remedy };
    }
    default:
      return { ...check, state: 'passed', evidence: 'running down and up again gives the same schema' };
  }
}
