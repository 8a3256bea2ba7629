import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type ts from 'typescript';
import { root as project, shippedSources } from '../source/files.ts';
import { parseSource } from '../source/literals.ts';
import { exportedNames, indexUse } from './exports.ts';
import { circles, type Import, importsOf } from './imports.ts';
import { type Shape, shapeOf } from './shape.ts';

/** `node scripts/figures/index.ts [CHECKOUT]` prints the figures of the shipped code of a checkout. */
const root = path.resolve(process.argv[2] ?? project);
const parse = (file: string): ts.SourceFile =>
  parseSource(path.join(root, file), readFileSync(path.join(root, file), 'utf8'));

const shipped = shippedSources(root);
if (shipped.length === 0) throw new Error(`${root} has no sources`);
const everything = globSync('{actions,packages,demo,scripts,bench,test}/**/*.ts', {
  cwd: root,
  exclude: (name) => name === 'node_modules',
}).sort();
const packages = packageIndexes();
const imports = everything.flatMap((file) => importsOf(root, parse(file), packages));
const shapes = new Map(shipped.map((file) => [file, shapeOf(parse(file))]));

printSize([...shapes.values()]);
printFunctions([...shapes.values()].flatMap(({ functions }) => functions));
printSafety([...shapes.values()]);
printCircles(imports.filter(({ from, to }) => shapes.has(from) && shapes.has(to)));
printNames([...shapes.values()]);
printIndexes();
printProject();

function packageIndexes(): Map<string, string> {
  const manifests = globSync('packages/*/package.json', { cwd: root });
  return new Map(
    manifests.map((file) => {
      const { name } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { name: string };
      return [name, path.join(path.dirname(file), 'src/index.ts')];
    }),
  );
}

function printSize(all: readonly Shape[]): void {
  const lines = all.map((one) => one.lines).sort((a, b) => a - b);
  const largest = [...shapes].sort(([, a], [, b]) => b.lines - a.lines)[0]?.[0];
  print('files', all.length);
  print('lines without blanks and comments', sum(all.map((one) => one.codeLines)));
  print('median file, physical lines', middle(lines));
  print('largest file', `${lines.at(-1)} (${largest})`);
  const [comments, code] = [sum(all.map((one) => one.commentLines)), sum(all.map((one) => one.codeLines))];
  print('comment lines', `${((comments / (comments + code)) * 100).toFixed(1)} %`);
}

function printFunctions(functions: readonly Shape['functions'][number][]): void {
  const long = functions.filter(({ lines }) => lines > 40).length;
  const maxParameters = Math.max(...functions.map(({ parameters }) => parameters));
  print('largest function', Math.max(...functions.map(({ lines }) => lines)));
  print(
    'functions above 40 lines',
    `${long} of ${functions.length} (${((long / functions.length) * 100).toFixed(1)} %)`,
  );
  print('median function, lines', middle(functions.map(({ lines }) => lines).sort((a, b) => a - b)));
  print(
    'functions with 5 or more parameters',
    `${functions.filter((one) => one.parameters >= 5).length} (most ${maxParameters})`,
  );
  print(
    'optional / boolean parameters',
    `${sum(functions.map((one) => one.optional))} / ${sum(functions.map((one) => one.boolean))}`,
  );
}

function printSafety(all: readonly Shape[]): void {
  const counts = (['any', 'casts', 'nonNull'] as const).map((key) => sum(all.map((one) => one[key])));
  print('`any` / `as` (not const) / `!`', counts.join(' / '));
}

function printCircles(between: readonly Import[]): void {
  const groups = (of: readonly Import[]): string => {
    const found = circles(of);
    return `${found.length}${found.length > 0 ? ` (${found.flat().length} files)` : ''}`;
  };
  print(
    'circles of values / with types',
    `${groups(between.filter((one) => !one.typeOnly))} / ${groups(between)}`,
  );
}

function printNames(all: readonly Shape[]): void {
  const thousands = sum(all.map((one) => one.codeLines)) / 1000;
  const names = all.flatMap((one) => one.names);
  const [functions, documented] = (['exportedFunctions', 'documentedFunctions'] as const).map((key) =>
    sum(all.map((one) => one[key])),
  );
  print('exported functions with a doc comment', `${documented} of ${functions}`);
  const per = [all.length, sum(all.map((one) => one.exported)), sum(all.map((one) => one.exportedTypes))];
  print(
    'files / exported names / exported types per 1,000 lines',
    per.map((one) => (one / thousands).toFixed(1)).join(' / '),
  );
  print('mean length of declared names', (sum(names) / names.length).toFixed(1));
}

function printIndexes(): void {
  const uses = [...packages.values()].map((index) => indexUse(index, exportedNames(parse(index)), imports));
  const count = (key: 'unused' | 'onlyByTests'): number => sum(uses.map((one) => one[key].length));
  print(
    'index exports / used by nobody / by tests only',
    `${sum(uses.map((one) => one.exported))} / ${count('unused')} / ${count('onlyByTests')}`,
  );
  for (const use of uses)
    print(
      `  ${use.package}`,
      `${use.exported} / ${use.unused.length} / ${use.onlyByTests.length}${use.unused.length > 0 ? `: ${use.unused.join(', ')}` : ''}`,
    );
}

function printProject(): void {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: object;
  };
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; link?: boolean }>;
  };
  const all = Object.entries(lock.packages).filter(
    ([at, one]) => at.startsWith('node_modules/') && !one.dev && !one.optional && !one.link,
  );
  print(
    'production dependencies, direct / all',
    `${Object.keys(manifest.dependencies).length} / ${all.length}`,
  );
  const subjects = execFileSync('git', ['-C', root, 'log', '--format=%s'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const long = subjects.filter((subject) => subject.length > 72);
  print(
    'commits / subjects above 72 characters / largest',
    `${subjects.length} / ${long.length} / ${Math.max(...subjects.map((one) => one.length))}`,
  );
}

function print(what: string, value: string | number): void {
  console.log(`${what.padEnd(58)} ${value}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
