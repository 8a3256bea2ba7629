import { digest } from '../source.ts';

export interface GraphileHeaders {
  headers: Map<string, { value: string; line: number }>;
  /** Index at which the statements begin. */
  bodyAt: number;
  problems: string[];
}

/**
 * The `--! Name: value` lines at the top of a committed migration, followed by an empty line; after parseMigrationText
 * in graphile-migrate's src/migration.ts. Pure.
 */
export function readHeaders(file: string, sql: string): GraphileHeaders {
  const headers: GraphileHeaders['headers'] = new Map();
  const problems: string[] = [];
  let bodyAt = 0;
  let line = 1;
  for (; ; line++) {
    const end = sql.indexOf('\n', bodyAt);
    const match = /^--! ([A-Z][a-zA-Z0-9_]*)(?::(.*))?$/.exec(sql.slice(bodyAt, end < 0 ? undefined : end));
    if (!match?.[1]) break;
    if (headers.has(match[1])) problems.push(`${file}:${line}: the header "${match[1]}" occurs twice`);
    headers.set(match[1], { value: match[2]?.trim() ?? '', line });
    bodyAt = end < 0 ? sql.length : end + 1;
  }
  if (sql[bodyAt] !== '\n') problems.push(`${file}:${line}: an empty line must follow the headers`);
  for (const name of ['Previous', 'Hash']) {
    if (!headers.get(name)?.value) problems.push(`${file}:1: there is no header "--! ${name}: …"`);
  }
  const hash = headers.get('Hash');
  if (hash?.value && !/^sha1:[0-9a-f]{40}$/.test(hash.value)) {
    problems.push(`${file}:${hash.line}: "Hash" is not "sha1:" and 40 hexadecimal digits`);
  }
  return { headers, bodyAt, problems };
}

/** After calculateHash in graphile-migrate's src/hash.ts. */
export function graphileHash(body: string, previous: string | null): string {
  return `sha1:${digest('sha1', `${`${previous ?? ''}\n${body.trim()}`.trim()}\n`)}`;
}
