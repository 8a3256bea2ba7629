import { type Exec, expectSuccess } from '@slipway/kernel';
import { connectionEnvironment } from '../connection/libpq.ts';
import type { ConnectedTo } from '../connection/session.ts';

export interface SchemaDumpOptions {
  /** pg_dump of the server's own major version. */
  pgDump: string;
  url: string;
  connectedTo: ConnectedTo;
  exec: Exec;
}

/**
 * What pg_dump writes of the schema, without owners and privileges and without the tables of Slipway itself.
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
  return expectSuccess(done, 'read the schema with pg_dump');
}

/**
 * The text that is the same for the same schema: without comments, session settings and the random `\restrict` key
 * that pg_dump writes since CVE-2025-8714. Pure.
 */
export function normalizeDump(dump: string): string {
  return dump
    .split('\n')
    .filter((line) => !/^(--|\\(un)?restrict |SET |SELECT pg_catalog\.set_config)/.test(line))
    .join('\n')
    .replace(/\n{2,}/g, '\n\n')
    .trim();
}

/**
 * What differs between two schemas, one line each, `-` for what only the first has and `+` for what only the second
 * has. Objects of one name are compared line by line. Pure; empty means equal.
 */
export function diffSchemas(before: string, after: string): string[] {
  const [old, now] = [blocksOf(before), blocksOf(after)];
  const lines: string[] = [];
  for (const [name, block] of old) {
    const other = now.get(name);
    if (other === undefined) lines.push(`- ${name}`);
    else if (other !== block) lines.push(...diffLines(name, block, other));
  }
  for (const name of now.keys()) if (!old.has(name)) lines.push(`+ ${name}`);
  return lines;
}

/** Statements by what they begin with: the first line, and of ALTER TABLE the second, which says what is altered. */
function blocksOf(dump: string): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const block of dump.split(/;\n\n|;$/)) {
    const text = block.trim();
    if (text === '') continue;
    const [first = '', second = ''] = text.split('\n');
    const name = /^ALTER TABLE/.test(first) ? `${first} ${second.trim()}` : first.replace(/ \($/, '');
    blocks.set(blocks.has(name) ? `${name} (${blocks.size})` : name, text);
  }
  return blocks;
}

function diffLines(name: string, before: string, after: string): string[] {
  const clean = (text: string): Set<string> =>
    new Set(text.split('\n').map((line) => line.trim().replace(/,$/, '')));
  const [old, now] = [clean(before), clean(after)];
  return [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${name}: ${line}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${name}: ${line}`),
  ];
}
