import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';

const root = path.dirname(import.meta.dirname);

/** The page with the picture, between two markers; the text around them is written by hand. */
export const architectureFile = path.join(root, 'docs/architecture.md');

const begin = '<!-- packages -->';
const end = '<!-- /packages -->';

/** Packages that are not shipped. */
const development = ['local-runner', 'test-services'];

/** What each package imports: names of packages, with `actions` for all actions together. */
export type PackageGraph = Map<string, Set<string>>;

/** The imports between packages, as dependency-cruiser finds them in the sources. */
export async function readPackageGraph(): Promise<PackageGraph> {
  const { output } = await cruise(['packages', 'actions'], {
    baseDir: root,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/scripts/|\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
    outputType: 'json',
  } as Parameters<typeof cruise>[1]);
  const { modules } = (typeof output === 'string' ? JSON.parse(output) : output) as ICruiseResult;
  return packageGraph(modules);
}

/** Sums up modules by package. Pure. @throws Error when no package is found. */
export function packageGraph(modules: readonly Pick<IModule, 'source' | 'dependencies'>[]): PackageGraph {
  const graph: PackageGraph = new Map();
  for (const { source, dependencies } of modules) {
    const from = packageOf(source);
    if (from === null || development.includes(from)) continue;
    const imports = graph.get(from) ?? new Set();
    graph.set(from, imports);
    for (const { resolved } of dependencies) {
      const to = packageOf(resolved);
      if (to !== null && to !== from) imports.add(to);
    }
  }
  if (graph.size === 0) throw new Error('there is no package to draw');
  return graph;
}

function packageOf(file: string): string | null {
  if (/^actions\/[^/]+\/src\//.test(file)) return 'actions';
  return /^packages\/([^/]+)\/src\//.exec(file)?.[1] ?? null;
}

/** A Mermaid diagram, without the edges that a longer path implies, so that the direction can be seen. Pure. */
export function renderGraph(graph: PackageGraph): string {
  const lines = [...graph.keys()].sort().flatMap((from) => {
    const direct = [...(graph.get(from) ?? [])].sort().filter((to) => !isImplied(graph, from, to));
    return direct.map((to) => `  ${from} --> ${to}`);
  });
  return ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n');
}

/** Whether another package that `from` imports leads to `to`. */
function isImplied(graph: PackageGraph, from: string, to: string): boolean {
  return [...(graph.get(from) ?? [])].some((via) => via !== to && leadsTo(graph, via, to, new Set([from])));
}

function leadsTo(graph: PackageGraph, from: string, to: string, seen: Set<string>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return [...(graph.get(from) ?? [])].some((next) => leadsTo(graph, next, to, seen));
}

/** The page with its picture drawn again. @throws Error for a missing marker. */
export function refreshArchitecture(text: string, graph: PackageGraph): string {
  const [before, rest] = text.split(`${begin}\n`);
  const after = rest?.split(`${end}\n`)[1];
  if (before === undefined || after === undefined) throw new Error(`${begin} … ${end} is missing`);
  return `${before}${begin}\n\n${renderGraph(graph)}\n\n${end}\n${after}`;
}

if (import.meta.main) {
  const text = readFileSync(architectureFile, 'utf8');
  const fresh = refreshArchitecture(text, await readPackageGraph());
  if (!process.argv.includes('--check')) writeFileSync(architectureFile, fresh);
  else if (fresh !== text) {
    console.error('docs/architecture.md is stale: run "node scripts/architecture.ts"');
    process.exitCode = 1;
  }
}
