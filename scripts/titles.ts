import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import { root } from './source/files.ts';
import { parseSource } from './source/literals.ts';

/**
 * `node scripts/titles.ts REF` prints the titles of tests at REF that no test has now: each has to have its reason in
 * the note of the change. Titles are read from the sources, rows of a table as the pattern that they share.
 */
const [ref = 'HEAD'] = process.argv.slice(2);
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

const before = git('ls-tree', '-r', '--name-only', ref, 'test')
  .split('\n')
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => titlesOf(file, git('show', `${ref}:${file}`)));
const now = globSync('test/**/*.test.ts', { cwd: root }).flatMap((file) =>
  titlesOf(file, readFileSync(path.join(root, file), 'utf8')),
);
const left = new Set(now);
const gone = [...new Set(before)].filter((title) => !left.has(title));
for (const title of gone) console.log(title);
console.error(`${new Set(before).size} titles at ${ref}, ${left.size} now, ${gone.length} gone`);

/** Titles of the tests and groups of a file: the first argument of `test`, `describe` and their tables. */
function titlesOf(file: string, text: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    const [title] = ts.isCallExpression(node) && isTest(node.expression) ? node.arguments : [];
    if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title)))
      titles.push(ts.isStringLiteralLike(title) ? title.text : title.getText());
    ts.forEachChild(node, visit);
  };
  visit(parseSource(file, text));
  return titles;
}

/** `test`, `test.each(…)`, `describe.each(…)` and the like. */
function isTest(callee: ts.Expression): boolean {
  const called = ts.isCallExpression(callee) ? callee.expression : callee;
  const base = ts.isPropertyAccessExpression(called) ? called.expression : called;
  return ts.isIdentifier(base) && /^(?:test|describe|it)$/.test(base.text);
}
