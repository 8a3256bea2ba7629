import { describeError } from '@slipway/kernel';
import { type Alias, type Document, isMap, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { ConfigError, type Located } from './problem.ts';
import { isTree, type Tree } from './tree.ts';

/** A configuration file that is valid YAML and a mapping. */
export interface Source {
  document: Document;
  lines: LineCounter;
  /** The plain values, which still contain `${NAME}`. */
  tree: Tree;
}

/** @throws UserError with the location of everything that is not valid YAML, or when the file is not a mapping. */
export function readSource(file: string, text: string): Source {
  const lines = new LineCounter();
  const refuse = (problems: readonly Located[]): never => {
    throw new ConfigError(file, lines, problems);
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const problems = [
      ...[...document.errors, ...document.warnings].map(syntaxProblem),
      ...danglingAliases(document),
    ];
    if (problems.length > 0) return refuse(problems);
    const tree: unknown = document.toJS();
    if (!isMap(document.contents) || !isTree(tree))
      return refuse([{ offset: 0, message: `expected a mapping with "app" and "services", ${found(tree)}` }]);
    return { document, lines, tree };
  } catch (error) {
    if ((error as Error).name === 'UserError') throw error;
    return refuse([{ offset: 0, message: `expected YAML that can be read, found: ${describeError(error)}` }]);
  }
}

function found(tree: unknown): string {
  if (tree === null || tree === undefined) return 'found an empty file';
  return Array.isArray(tree) ? 'found a list' : 'found a single value';
}

function syntaxProblem(error: YAMLError): Located {
  const message =
    error.code === 'DUPLICATE_KEY'
      ? 'expected each key once, found a duplicate of a key above'
      : `expected valid YAML, found: ${error.message}`;
  return { offset: error.pos[0], message };
}

function danglingAliases(document: Document): Located[] {
  const problems: Located[] = [];
  visit(document, {
    Alias(_key, alias: Alias) {
      if (alias.resolve(document)) return;
      const message = `expected an anchor &${alias.source} above, found none`;
      problems.push({ offset: alias.range?.[0] ?? 0, message });
    },
  });
  return problems;
}
