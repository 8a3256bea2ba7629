import type { Problem } from './problem.ts';
import { isTree, type Tree } from './tree.ts';

const placeholder = /\$\{([^}]*)\}/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a value is text that contains `${NAME}`. */
export function hasPlaceholder(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${');
}

/**
 * Replaces `${NAME}` in the values at the paths that `isUsed` accepts. Values remain text: a password of digits does not
 * become a number. Other values stay as written, so that a job without production secrets can read the parts it needs.
 * @returns the new tree, and what could not be replaced: unset names, malformed placeholders, placeholders in keys.
 */
export function interpolate(
  tree: Tree,
  env: Environment,
  isUsed: (path: readonly string[]) => boolean,
): { tree: Tree; problems: Problem[] } {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, String(at)]));
    if (!isTree(value)) return isUsed(path) ? replace(value, path) : value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (hasPlaceholder(key)) problems.push(inKey([...path, key]));
        return [key, walk(inner, [...path, key])];
      }),
    );
  };
  const replace = (value: unknown, path: readonly string[]): unknown => {
    if (!hasPlaceholder(value)) return value;
    const report = (message: string, name?: string): number =>
      problems.push({ path, of: 'value', message, ...(name === undefined ? {} : { unset: name }) });
    if (!/\$\{[^}]*\}/.test(value))
      report(`"${path.join('.')}": expected "}" after "\${", found the end of the value`);
    return value.replace(placeholder, (whole, name: string) => {
      const isName = variableName.test(name);
      const found = isName ? env[name] : undefined;
      if (!found) report(`"${path.join('.')}": ${unset(name, found)}`, isName ? name : undefined);
      return found || whole;
    });
  };
  return { tree: walk(tree, []) as Tree, problems };
}

function inKey(path: readonly string[]): Problem {
  const message = `"${path.join('.')}": expected \${NAME} only in values, found it in a key`;
  return { path, of: 'key', message };
}

function unset(name: string, found: string | undefined): string {
  if (!variableName.test(name))
    return `expected \${NAME} with the name of an environment variable, found "\${${name}}"`;
  return `expected the environment variable ${name}, which is ${found === '' ? 'empty' : 'not set'} in this step`;
}
