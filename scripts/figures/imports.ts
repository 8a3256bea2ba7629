import { existsSync } from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';

/** An import of one file of the project by another. */
export interface Import {
  from: string;
  to: string;
  /** Gone when the code runs. */
  typeOnly: boolean;
  /** Names that are taken; empty for all of them, or for the effect alone. */
  names: string[];
}

/** Imports of one file, as far as they go to files of the project; paths are relative to its root. */
export function importsOf(
  root: string,
  source: ts.SourceFile,
  packages: ReadonlyMap<string, string>,
): Import[] {
  const from = path.relative(root, source.fileName);
  return source.statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return [];
    const specifier = node.moduleSpecifier;
    if (!specifier || !ts.isStringLiteral(specifier)) return [];
    const to = resolve(root, from, specifier.text, packages);
    return to === undefined ? [] : [{ from, to, ...namesOf(node) }];
  });
}

function resolve(
  root: string,
  from: string,
  name: string,
  packages: ReadonlyMap<string, string>,
): string | undefined {
  if (!name.startsWith('.')) return packages.get(name);
  const file = path.join(path.dirname(from), name);
  return existsSync(path.join(root, file)) ? file : undefined;
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): Pick<Import, 'typeOnly' | 'names'> {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node;
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (!bindings || !('elements' in bindings)) return { typeOnly: clause?.isTypeOnly ?? false, names: [] };
  const elements = [...bindings.elements];
  return {
    typeOnly:
      (clause?.isTypeOnly ?? false) || (elements.length > 0 && elements.every((one) => one.isTypeOnly)),
    names: elements.map((one) => (one.propertyName ?? one.name).text),
  };
}

/** Groups of files that import each other in a circle. */
export function circles(imports: readonly Pick<Import, 'from' | 'to'>[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    stack.push(file);
    let lowest = index;
    for (const to of next.get(file) ?? []) {
      if (!order.has(to)) lowest = Math.min(lowest, visit(to));
      else if (stack.includes(to)) lowest = Math.min(lowest, order.get(to) ?? index);
    }
    low.set(file, lowest);
    if (lowest === index) found.push(stack.splice(stack.indexOf(file)));
    return lowest;
  };
  for (const file of next.keys()) if (!order.has(file)) visit(file);
  return found.filter((group) => group.length > 1);
}
