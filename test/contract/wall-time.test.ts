import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { lineOf, parseSource } from '../../scripts/source/literals.ts';
import { root } from '../support/action.ts';

/** What measures time that passes on this machine. */
const clock = /\b(?:performance\s*\.\s*now|process\s*\.\s*hrtime|Date\s*\.\s*now|threadCpuUsage)\b/;
const bound = /^toBe(?:Less|Greater)Than(?:OrEqual)?$/;

test('no test asserts how long something took: order of events, the Clock port, or bench/', () => {
  const files = globSync('test/**/*.test.ts', { cwd: root }).sort();
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap((file) => elapsedBounds(file, readFileSync(path.join(root, file), 'utf8')))).toEqual(
    [],
  );
});

/** Assertions with a bound on a value that comes from a clock, directly or by variables of the file. */
function elapsedBounds(file: string, text: string): string[] {
  const source = parseSource(file, text);
  const timed = timedNames(source);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      const asserted = ts.isCallExpression(expression) ? expression.arguments[0] : undefined;
      if (bound.test(name.text) && asserted && isTimed(asserted, timed))
        found.push(`${file}:${lineOf(source, node.getStart(source))}: ${asserted.getText(source)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Variables that hold what a clock said, or a difference of such. */
function timedNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && isTimed(node.initializer, names))
      names.add(node.name.getText(source));
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      isTimed(node.right, names)
    )
      names.add(node.left.getText(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** A function that is only passed on, such as a server's handler, is not the value itself. */
function isTimed(node: ts.Node, names: ReadonlySet<string>): boolean {
  if (ts.isFunctionLike(node) || ts.isAwaitExpression(node)) return false;
  if (ts.isIdentifier(node)) return names.has(node.text);
  if (ts.isCallExpression(node) && clock.test(node.expression.getText())) return true;
  if (ts.isPropertyAccessExpression(node))
    return /^(?:ms|durationMs|elapsedMs)$/.test(node.name.text) || isTimed(node.expression, names);
  if (ts.isNewExpression(node) || ts.isTemplateExpression(node)) return false;
  return ts.forEachChild(node, (child) => isTimed(child, names) || undefined) ?? false;
}

test.each([
  [
    'const start = performance.now(); expect(performance.now() - start).toBeLessThan(5);',
    ['x.ts:1: performance.now() - start'],
  ],
  ['let s = 0; s = Date.now(); const took = Date.now() - s; expect(took).toBeLessThan(5);', ['x.ts:1: took']],
  ['expect(run.ms).toBeLessThanOrEqual(3);', ['x.ts:1: run.ms']],
  ['expect(run.requests).toBeGreaterThan(3);', []],
  ['const at = new Date(Date.now()).toISOString(); expect(rows.length).toBeLessThan(3);', []],
])('sees in %j: %j', (text, found) => expect(elapsedBounds('x.ts', text)).toEqual(found));
