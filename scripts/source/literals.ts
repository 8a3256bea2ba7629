import ts from 'typescript';

/** A text in a TypeScript file: a string, a template, or a sum of both. */
export interface Literal {
  /** The text, each substitution as `${…}`. */
  text: string;
  /** Line of its first character, from 1. */
  line: number;
}

/** Parses one file. */
export function parseSource(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Every text in a file, in order. Module names, property names and types are left out. */
export function literalsOf(source: ts.SourceFile): Literal[] {
  const found: Literal[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    const text = textOf(node);
    if (text === undefined) {
      ts.forEachChild(node, visit);
      return;
    }
    if (!isName(node)) found.push({ text, line: lineOf(source, node.getStart(source)) });
    for (const part of substitutionsOf(node)) visit(part);
  };
  visit(source);
  return found;
}

/** The line of a position, from 1. */
export function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `\${…}${span.literal.text}`).join('');
  if (!isSum(node)) return undefined;
  const parts = [node.left, node.right].map(textOf);
  return parts.every((part) => part === undefined) ? undefined : parts.map((part) => part ?? '${…}').join('');
}

function substitutionsOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map((span) => span.expression);
  if (!isSum(node)) return [];
  return [node.left, node.right].flatMap((part) =>
    textOf(part) === undefined ? [part] : substitutionsOf(part),
  );
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** A key of an object, of an element, or the name of a member. */
function isName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isElementAccessExpression(parent)) return parent.argumentExpression === node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}
