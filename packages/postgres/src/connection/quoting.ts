/** A value as a SQL literal, with any setting of standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may contain a dot. */
export function schemaOf(name: string): string {
  return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}
