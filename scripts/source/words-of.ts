import ts from 'typescript';
import { lineOf, parseSource } from './literals.ts';

/** A piece of text in a file: a name split into words, or prose (a comment, a text, a document). */
export interface Piece {
  kind: 'name' | 'prose';
  text: string;
  /** The line that it starts on, from 1. */
  line: number;
}

/** Every name, comment and text of a TypeScript or JavaScript file. */
export function piecesOfSource(file: string, text: string): Piece[] {
  const source = parseSource(file, text);
  const found: Piece[] = [];
  const comments = new Map<number, Piece>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of commentsAt(text, node))
      comments.set(pos, { kind: 'prose', text: text.slice(pos, end), line: lineOf(source, pos) });
    const piece = pieceOf(source, node);
    if (piece) found.push(piece);
    for (const child of node.getChildren(source)) visit(child);
  };
  visit(source);
  return [...found, ...comments.values()];
}

/** A file of which every line is prose. */
export function piecesOfText(text: string): Piece[] {
  return [{ kind: 'prose', text, line: 1 }];
}

function commentsAt(text: string, node: ts.Node): ts.CommentRange[] {
  if (node.kind !== ts.SyntaxKind.EndOfFileToken && node.getChildCount() > 0) return [];
  return [
    ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
    ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
  ];
}

function pieceOf(source: ts.SourceFile, node: ts.Node): Piece | undefined {
  const line = lineOf(source, node.getStart(source));
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node))
    return { kind: 'name', text: splitName(node.text), line };
  if (ts.isImportDeclaration(node.parent ?? node) || ts.isExportDeclaration(node.parent ?? node))
    return undefined;
  if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node))
    return { kind: 'prose', text: node.text, line };
  return undefined;
}

/** `savedManifests` as "saved manifests". */
function splitName(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4')
    .replace(/[_#$-]+/g, ' ')
    .trim()
    .toLowerCase();
}
