import ts from 'typescript';
import type { Import } from './imports.ts';

/** What the index of a package offers. */
export interface IndexUse {
  package: string;
  exported: number;
  /** Names that no file outside of the package imports, and those that only tests and tools do. */
  unused: string[];
  onlyByTests: string[];
}

/** Names that an index exports. */
export function exportedNames(source: ts.SourceFile): string[] {
  return source.statements.flatMap((node) => {
    if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamedExports(node.exportClause))
      return node.exportClause.elements.map(({ name }) => name.text);
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(node))
      return node.declarationList.declarations.map(({ name }) => name.getText(source));
    const { name } = node as { name?: ts.Identifier };
    return name ? [name.text] : [];
  });
}

/** Who uses what of the index of a package. */
export function indexUse(index: string, names: readonly string[], imports: readonly Import[]): IndexUse {
  const folder = index.replace(/src\/.*$/, '');
  const outside = imports.filter(({ from, to }) => to === index && !from.startsWith(folder));
  const used = new Set(
    outside.filter(({ from }) => /^(?:packages|actions)\//.test(from)).flatMap(({ names }) => names),
  );
  const tested = new Set(outside.flatMap(({ names }) => names));
  return {
    package: folder.replace(/^packages\/|\/$/g, ''),
    exported: names.length,
    unused: names.filter((name) => !tested.has(name)),
    onlyByTests: names.filter((name) => tested.has(name) && !used.has(name)),
  };
}
