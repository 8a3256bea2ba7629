/** A workflow command on a line of stdout: `::name key=value,…::message`. */
export interface WorkflowCommand {
  name: string;
  properties: Record<string, string>;
  message: string;
}

const grammar = /^::([\w-]+)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$/;

/** Reads a line as a workflow command, or null for ordinary text. Escapes as in the toolkit's command format. */
export function parseCommand(line: string): WorkflowCommand | null {
  const match = grammar.exec(line.trimStart());
  if (!match) return null;
  const [, name = '', rest = '', message = ''] = match;
  const pairs = rest.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), unescapeProperty(pair.slice(at + 1))] as const];
  });
  return { name, properties: Object.fromEntries(pairs), message: unescapeData(message) };
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
}

/** Reads a protocol file (GITHUB_OUTPUT, GITHUB_ENV): `name=value` and `name<<delimiter` blocks. @throws on anything else. */
export function parseProtocolFile(text: string, file: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const block = /^([^=<]+)<<(.+)$/.exec(line);
    const pair = /^([^=]+)=(.*)$/.exec(line);
    if (block) {
      const end = lines.indexOf(block[2] ?? '', at + 1);
      if (end < 0) throw new Error(`${file}: the delimiter ${block[2]} of ${block[1]} is missing`);
      values[block[1] ?? ''] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (pair) values[pair[1] ?? ''] = pair[2] ?? '';
    else throw new Error(`${file}: invalid line "${line}"`);
  }
  return values;
}
