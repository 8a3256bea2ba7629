import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Complaint, type Fault, first, holds, naming, refused, traced, wentWell } from './judge.ts';
import type { Site } from './site.ts';

/** Writes the files and applies them; a complaint when even that fails. */
async function applied(site: Site, files: readonly number[]): Promise<Complaint> {
  for (const file of files) site.write(file, traced(file));
  return wentWell(await site.migrate(), 'set-up');
}

const edited: Fault = {
  title: 'an applied file was edited: refused by name',
  async judge(site) {
    const before = await applied(site, [1, 2]);
    if (before) return before;
    const file = site.write(1, traced(1));
    // By hand, as it happens: what a tool writes next to it, such as a hash, is left as it was.
    writeFileSync(file, readFileSync(file, 'utf8').replace('a1 (id int)', 'a1 (id bigint)'));
    site.write(2, traced(2));
    site.write(3, traced(3));
    const end = await site.migrate();
    if (end.code === 0) return 'edit not noticed';
    return first(refused(end, naming(file, 1), 'file not named'), () => holds(site, [1, 2]));
  },
};

const outOfOrder: Fault = {
  title: 'a file below the newest applied one: refused by name, or applied',
  async judge(site) {
    const before = await applied(site, [1, 3]);
    if (before) return before;
    const newest = site.write(3, traced(3));
    // After 1 once more, so that what a tool chains leads from there.
    site.write(1, traced(1));
    const file = site.write(2, traced(2));
    const end = await site.migrate();
    // The one that comes too late, or the one that it comes too late for.
    const either = new RegExp(`${naming(file, 2).source}|${naming(newest, 3).source}`, 'i');
    if (end.code !== 0) {
      return first(refused(end, either, 'neither file named'), () => holds(site, [1, 3]));
    }
    return (await site.recorded()).includes(2) ? holds(site, [1, 2, 3]) : 'silently skipped';
  },
};

const unknownVersion: Fault = {
  title: 'the database has a version that no file has: refused by name',
  async judge(site) {
    const before = await applied(site, [1, 2, 3]);
    if (before) return before;
    const gone = site.write(3, traced(3));
    rmSync(gone);
    for (const file of [1, 2, 4]) site.write(file, traced(file));
    const end = await site.migrate();
    if (end.code === 0) return 'not noticed';
    return first(refused(end, naming(gone, 3), 'version not named'), () => holds(site, [1, 2, 3]));
  },
};

const failing: Fault = {
  title: 'a statement fails half way: nothing stays, file and line are named',
  async judge(site) {
    site.write(1, traced(1));
    const statement = 'SELECT no_such_column FROM a2;';
    const sql = traced(2, `${statement}\n`);
    const file = site.write(2, sql);
    const end = await site.migrate();
    const unnamed = refused(end, naming(file, 2), 'file not named');
    // Counted from the beginning of the file or of its section: either finds it.
    const lines = [readFileSync(file, 'utf8'), sql].map((text) => lineOf(text, statement));
    const line = lines.some((number) => new RegExp(`(line:?\\W{0,3}|:|L)${number}\\b`, 'i').test(end.said));
    const pointed =
      end.said.includes(`${statement}\n`) && /\n[^\n\w]*\^/.test(end.said.split(statement).at(-1) ?? '');
    // In one transaction for all, file 1 is undone as well.
    const undone = (await site.recorded()).length === 0;
    return first(await holds(site, undone ? [] : [1]), line || pointed ? unnamed : 'line not named');
  },
};

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

const copy: Fault = {
  title: 'COPY … FROM stdin in a file: loaded, or refused by that name',
  async judge(site) {
    site.write(1, traced(1));
    const rows = 'COPY a2 (id) FROM stdin;\n1\n2\n\\.\n';
    site.write(2, traced(2, rows));
    const end = await site.migrate();
    if (end.code === 0) {
      const none = await holds(site, [1, 2]);
      if (none) return none;
      const { rowCount } = await site.admin.query('SELECT FROM a2');
      return rowCount === 2 ? undefined : `${rowCount} rows instead of 2`;
    }
    const recorded = await site.recorded();
    // What echoes the file does not explain the cause.
    const said = end.said.replaceAll('COPY a2 (id) FROM stdin;', '');
    return first(await holds(site, recorded), /copy/i.test(said) ? undefined : wentWell({ ...end, said }));
  },
};

/** What is wrong with the files. */
export const files: Fault[] = [edited, outOfOrder, unknownVersion, failing, copy];
