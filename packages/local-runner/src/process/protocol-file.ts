/** GITHUB_OUTPUT, GITHUB_ENV or GITHUB_STATE does not hold what it must; the step fails. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile';
}

/** Reads `name=value` lines and `name<<delimiter` blocks. The last value of a name counts. @throws MalformedFile. */
export function parseProtocolFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values[nameOf(line, equals)] = line.slice(equals + 1);
      continue;
    }
    const delimiter = line.slice(heredoc + 2);
    if (heredoc < 0 || delimiter === '') throw new MalformedFile(`Invalid format '${line}'`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new MalformedFile(`Invalid value. Matching delimiter not found '${delimiter}'`);
    values[nameOf(line, heredoc)] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}

function nameOf(line: string, end: number): string {
  if (end > 0) return line.slice(0, end);
  throw new MalformedFile(`Invalid format '${line}'. Name must not be empty`);
}
