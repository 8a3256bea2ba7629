import * as path from 'node:path';

/** An `upstream` block of a configuration. */
export interface UpstreamBlock {
  name: string;
  /** What it includes, with absolute paths. */
  includes: string[];
  /** Names of its directives. */
  directives: string[];
}

/** Finds the `upstream` blocks in the output of `nginx -T`. */
export function upstreamBlocks(dump: string): UpstreamBlock[] {
  const files = [...dump.matchAll(/^# configuration file (.+):$/gm)];
  const folder = path.posix.dirname(files[0]?.[1] ?? '/etc/nginx/nginx.conf');
  return files.flatMap((file, at) => {
    const text = dump.slice(file.index, files[at + 1]?.index ?? dump.length);
    return blocksOf(text).map((block) => ({
      ...block,
      includes: block.includes.map((pattern) => path.posix.resolve(folder, pattern)),
    }));
  });
}

function blocksOf(text: string): UpstreamBlock[] {
  const found: UpstreamBlock[] = [];
  /** One entry for each block that is open; null for other blocks. */
  const open: (UpstreamBlock | null)[] = [];
  let directive: string[] = [];
  for (const token of tokens(text)) {
    const block = open.at(-1);
    const [name, argument] = directive;
    if (token === ';' && block && name) {
      block.directives.push(name);
      if (name === 'include' && argument) block.includes.push(argument);
    } else if (token === '{') {
      const opened =
        name === 'upstream' && argument ? { name: argument, includes: [], directives: [] } : null;
      if (opened) found.push(opened);
      open.push(opened);
    } else if (token === '}') open.pop();
    directive = ['{', '}', ';'].includes(token) ? [] : [...directive, token];
  }
  return found;
}

/** Words and punctuation, without comments; a word in quotes loses them. */
function* tokens(text: string): Generator<string> {
  for (const [, quoted, single, word] of text.matchAll(
    /#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([{};]|[^\s{};]+)/g,
  )) {
    const token = quoted ?? single ?? word;
    if (token !== undefined) yield token;
  }
}

/** Whether a file is read by an `include` of the pattern, in which `*`, `?` and `[…]` are wildcards. */
export function matchesPattern(pattern: string, file: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`).test(file);
}
