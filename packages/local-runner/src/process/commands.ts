/** A workflow command, as a process prints it: `::name key=value,…::message`. */
export interface WorkflowCommand {
  name: string;
  properties: Record<string, string>;
  message: string;
}

/** Only these are commands; any other `::word::` is text, as on GitHub. */
const known = new Set([
  ...['add-mask', 'debug', 'error', 'warning', 'notice', 'group', 'endgroup', 'stop-commands', 'echo'],
  ...['add-matcher', 'remove-matcher', 'set-output', 'save-state', 'set-env', 'add-path'],
]);

/**
 * Reads one line of output. @param resume token that ends `stop-commands`: then nothing else is a command.
 * @returns null for ordinary text.
 */
export function parseCommand(line: string, resume: string | null = null): WorkflowCommand | null {
  const text = line.trimStart();
  if (!text.startsWith('::')) return null;
  const end = text.indexOf('::', 2);
  if (end < 0) return null;
  const head = text.slice(2, end);
  const space = head.indexOf(' ');
  const name = (space < 0 ? head : head.slice(0, space)).toLowerCase();
  if (resume !== null) return head === resume ? { name: head, properties: {}, message: '' } : null;
  if (!known.has(name)) return null;
  const rest = space < 0 ? '' : head.slice(space + 1);
  return { name, properties: readProperties(rest), message: unescapeData(text.slice(end + 2)) };
}

/** Whether a token may end `stop-commands`: GitHub refuses the name of a command, and none at all. */
export function isResumeToken(token: string): boolean {
  return token !== '' && !known.has(token.toLowerCase());
}

function readProperties(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), unescapeProperty(pair.slice(at + 1))] as const];
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
}
