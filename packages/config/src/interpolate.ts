import { type Document, isMap, isPair, isScalar, type Scalar, visit } from 'yaml';

const placeholder = /\$\{([^}]*)\}/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface InterpolationProblem {
  node: Scalar;
  message: string;
}

/**
 * Replaces `${NAME}` in the values of a YAML document, in place, from the environment. Values stay text: a password
 * of digits does not become a number. Only top-level sections that `wanted` accepts are touched, so that a job
 * without production secrets can still read the parts it needs.
 * @returns what could not be replaced: unset names, malformed placeholders, placeholders in keys.
 */
export function interpolate(
  document: Document,
  env: Readonly<Record<string, string | undefined>>,
  wanted: (path: readonly string[]) => boolean,
): InterpolationProblem[] {
  const problems: InterpolationProblem[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      if (key === 'key') {
        problems.push({ node, message: `"${node.value}": \${NAME} is allowed only in values, not in keys` });
        return;
      }
      if (!wanted(keysOf(ancestors))) return;
      node.value = node.value.replace(placeholder, (whole, name: string) => {
        const value = variableName.test(name) ? env[name] : undefined;
        if (value === undefined || value === '') problems.push({ node, message: unset(name) });
        return value ?? whole;
      });
    },
  });
  return problems;
}

function unset(name: string): string {
  return variableName.test(name)
    ? `environment variable ${name} is not set in this step`
    : `\${${name}} is not a placeholder: write \${NAME} with the name of an environment variable`;
}

function keysOf(ancestors: readonly unknown[]): string[] {
  return ancestors
    .filter(isPair)
    .map((pair) => (isScalar(pair.key) ? String(pair.key.value) : isMap(pair.key) ? '' : String(pair.key)));
}
