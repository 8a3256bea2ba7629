import * as path from 'node:path';
import type { Finished, Site } from './site.ts';

/** What went wrong, in at most six words; undefined when nothing did. */
export type Complaint = string | undefined;

/** A fault of production, and what a tool makes of it. */
export interface Fault {
  title: string;
  /** Brings it about and judges: the exit code, the database, and what the tool says. */
  judge(site: Site): Promise<Complaint>;
}

/** A file that leaves a trace at its beginning and one at its end. */
export function traced(index: number, between = ''): string {
  return `CREATE TABLE a${index} (id int);\n${between}CREATE TABLE z${index} (id int);`;
}

/** Whether exactly these files are there, whole, and exactly these are recorded. */
export async function holds(site: Site, files: readonly number[]): Promise<Complaint> {
  const { rows } = await site.admin.query(
    "SELECT substr(relname, 2)::int AS file, count(*)::int AS traces FROM pg_class WHERE relkind = 'r' AND relname ~ '^[az][0-9]+$' GROUP BY 1 ORDER BY 1",
  );
  const half = rows.find(({ traces }) => traces === 1);
  if (half) return `half of file ${half.file} stays`;
  const there = rows.map(({ file }) => file as number);
  const recorded = await site.recorded();
  for (const file of new Set([...there, ...recorded])) {
    if (!recorded.includes(file)) return `file ${file} applied, not recorded`;
    if (!there.includes(file)) return `file ${file} recorded, not applied`;
  }
  const missing = files.find((file) => !there.includes(file));
  if (missing) return `file ${missing} not applied`;
  const surplus = there.find((file) => !files.includes(file));
  if (surplus) return `file ${surplus} applied all the same`;
  return undefined;
}

/** Reasons for which tools fail, in few words. */
const reasons: [RegExp, string][] = [
  [/cannot run inside a transaction|cannot be executed (within|from)/, 'cannot leave the transaction'],
  [/prepared statement/, 'prepared statement'],
  [/duplicate key/, 'duplicate key'],
  [/deadlock detected/, 'deadlock'],
  [/already exists/, '"already exists"'],
  [/syntax error/, 'syntax error'],
  [/lock timeout/, 'lock timeout'],
  [/already running/i, 'lock still held'],
];

/** A run that should have gone well. */
export function wentWell({ code, said }: Finished, what = 'run'): Complaint {
  if (code === 0) return undefined;
  if (code === null) return `${what} hangs`;
  const known = reasons.find(([pattern]) => pattern.test(said));
  return `${what} fails: ${known?.[1] ?? `exit code ${code}`}`;
}

/** A run that should have failed and said why. */
export function refused({ code, said }: Finished, cause: RegExp, unsaid: string): Complaint {
  if (code === 0) return 'exit code 0';
  if (code === null) return 'hangs';
  return cause.test(said) ? undefined : unsaid;
}

/** A file by its name, or by its number after the word migration. */
export function naming(file: string, index: number): RegExp {
  const name = path.basename(file, '.sql').replaceAll('.', '\\.');
  return new RegExp(`${name}|migration \\W?0*${index}\\b|\\b0+${index}\\b`, 'i');
}

/** The first complaint of several, which are looked for one after the other. */
export async function first(
  ...checks: (Complaint | (() => Complaint | Promise<Complaint>))[]
): Promise<Complaint> {
  for (const check of checks) {
    const complaint = typeof check === 'function' ? await check() : check;
    if (complaint) return complaint;
  }
  return undefined;
}
