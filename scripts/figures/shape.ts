import ts from 'typescript';

/** A function with a body: its length in lines and its parameters. */
interface FunctionShape {
  lines: number;
  parameters: number;
  optional: number;
  boolean: number;
}

/** What one file is made of. */
export interface Shape {
  /** Physical lines, those with code on them, and those with nothing but a comment. */
  lines: number;
  codeLines: number;
  commentLines: number;
  functions: FunctionShape[];
  any: number;
  /** `as` casts, without `as const`, and `!` after a value. */
  casts: number;
  nonNull: number;
  exported: number;
  exportedTypes: number;
  exportedFunctions: number;
  documentedFunctions: number;
  /** Length of each name that is declared. */
  names: number[];
}

/** Measures one parsed file. */
export function shapeOf(source: ts.SourceFile): Shape {
  const shape: Shape = {
    ...linesOf(source),
    ...{ functions: [], any: 0, casts: 0, nonNull: 0, names: [] },
    ...exportsOf(source),
  };
  const visit = (node: ts.Node): void => {
    measure(source, node, shape);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return shape;
}

function measure(source: ts.SourceFile, node: ts.Node, shape: Shape): void {
  if (node.kind === ts.SyntaxKind.AnyKeyword) shape.any += 1;
  if (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type)) shape.casts += 1;
  if (ts.isNonNullExpression(node)) shape.nonNull += 1;
  if (ts.isFunctionLike(node) && 'body' in node && node.body)
    shape.functions.push(functionShape(source, node));
  const name = (node as { name?: ts.Node }).name;
  if (name && ts.isIdentifier(name) && !ts.isPropertyAccessExpression(node))
    shape.names.push(name.text.length);
}

function functionShape(source: ts.SourceFile, node: ts.SignatureDeclaration): FunctionShape {
  const [from, to] = [node.getStart(source), node.getEnd()].map(
    (position) => source.getLineAndCharacterOfPosition(position).line,
  );
  const optional = node.parameters.filter((one) => one.questionToken || one.initializer);
  const boolean = node.parameters.filter((one) => one.type?.kind === ts.SyntaxKind.BooleanKeyword);
  return {
    lines: (to ?? 0) - (from ?? 0) + 1,
    parameters: node.parameters.length,
    optional: optional.length,
    boolean: boolean.length,
  };
}

function linesOf(source: ts.SourceFile): Pick<Shape, 'lines' | 'codeLines' | 'commentLines'> {
  const code = new Set<number>();
  const comment = new Set<number>();
  const note = (into: Set<number>, from: number, to: number): void => {
    const first = source.getLineAndCharacterOfPosition(from).line;
    const last = source.getLineAndCharacterOfPosition(to).line;
    for (let line = first; line <= last; line++) into.add(line);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) {
      note(comment, node.pos, node.end);
      return;
    }
    const children = node.getChildren(source);
    for (const child of children) visit(child);
    if (children.length > 0) return;
    for (const { pos, end } of ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [])
      note(comment, pos, end);
    for (const { pos, end } of ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? [])
      note(comment, pos, end);
    if (node.getWidth(source) > 0) note(code, node.getStart(source), node.getEnd());
  };
  visit(source);
  const lines = source.getLineStarts().length - (source.text.endsWith('\n') ? 1 : 0);
  return { lines, codeLines: code.size, commentLines: [...comment].filter((line) => !code.has(line)).length };
}

type Exported = Pick<Shape, 'exported' | 'exportedTypes' | 'exportedFunctions' | 'documentedFunctions'>;

/** Names that the file declares and exports; what it only passes on from other files is theirs. */
function exportsOf(source: ts.SourceFile): Exported {
  const found: Exported = { exported: 0, exportedTypes: 0, exportedFunctions: 0, documentedFunctions: 0 };
  for (const node of source.statements) {
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    found.exported += ts.isVariableStatement(node) ? node.declarationList.declarations.length : 1;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) found.exportedTypes += 1;
    if (!ts.isFunctionDeclaration(node)) continue;
    found.exportedFunctions += 1;
    if (ts.getJSDocCommentsAndTags(node).length > 0) found.documentedFunctions += 1;
  }
  return found;
}
