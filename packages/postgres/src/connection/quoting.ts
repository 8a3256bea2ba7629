/** A value as a SQL literal, with any setting of standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

/** A query as one short line, its literals replaced by `…`. */
export function withoutValues(query: string): string {
  const blanked = query
    .replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…')
    .replace(/'[^']*(?:''[^']*)*'?/g, "'…'");
  return blanked.replace(/\s+/g, ' ').trim().slice(0, 120);
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may contain a dot. */
export function schemaOf(name: string): string {
  return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}
