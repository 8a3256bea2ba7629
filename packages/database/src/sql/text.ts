import { describeError, Fault, UserError } from '@slipway/kernel';
import { causeOf, describeLost, isConnectionLost } from '../connection/lost.ts';

const decoded = new WeakMap<Buffer, string>();

/** The bytes as text, decoded once: every format looks into the same files to tell whether they are its own. */
export function textOf(content: Buffer): string {
  const text = decoded.get(content) ?? content.toString('utf8');
  decoded.set(content, text);
  return text;
}

/** A value inside a SQL text, right whatever standard_conforming_strings says. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/** The error of reading the version table: the user's when it is about privileges. */
export function refusedReading(error: unknown, table: string): UserError | Fault {
  if ((error as { code?: string }).code === '42501') {
    return new UserError(`the database user may not read ${table}`, {
      cause: error,
      hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
    });
  }
  return new Fault(
    `${table} cannot be read: ${isConnectionLost(error) ? describeLost(error) : describeError(error)}`,
    { cause: causeOf(error) },
  );
}

/** A query as one short line without its literals. */
export function withoutValues(query: string): string {
  const blanked = query
    .replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…')
    .replace(/'[^']*(?:''[^']*)*'?/g, "'…'");
  return blanked.replace(/\s+/g, ' ').trim().slice(0, 120);
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may hold a dot. */
export function schemaOf(name: string): string {
  return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}

/** PostgreSQL counts code points, JavaScript UTF-16 units. */
export function charactersToIndex(text: string, characters: number): number {
  let index = 0;
  for (let left = characters; left > 0 && index < text.length; left--) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
