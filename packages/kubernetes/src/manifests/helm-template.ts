import { type Document, isAlias, isMap, visit } from 'yaml';

/** A problem at a line of a file. */
export interface LineProblem {
  line: number;
  message: string;
}

/** What only Helm understands, even inside quotes. */
const helmValues = /\{\{-?\s*(?:\(*\s*)?(?:\.(?:Values|Release|Chart|Capabilities|Files)\b|include\s+")/;

/**
 * Where a Helm template begins; null when there is none. Braces in quotes and in block texts do not count: alert rules
 * and dashboards are full of them.
 */
export function findTemplate(
  content: string,
  documents: readonly Document[],
  broken: boolean,
): number | null {
  const first = content.indexOf('{{');
  if (first < 0) return null;
  if (broken) return first;
  const values = helmValues.exec(content);
  if (values) return values.index;
  let at: number | null = null;
  for (const document of documents)
    visit(document, {
      Pair: (_, { key }) => {
        if (!isMap(key) && !isAlias(key)) return undefined;
        at ??= (isMap(key) && key.range?.[0]) || first;
        return visit.BREAK;
      },
    });
  return at;
}

/** The problem of a file that is a Helm template. */
export function helmProblem(line: number): LineProblem {
  return {
    line,
    message:
      'expected Kubernetes YAML, found a template ("{{"): render it first, for example with "helm template", and set kubernetes.manifests to the output',
  };
}
