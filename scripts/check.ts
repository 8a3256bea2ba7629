import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createExec, describeError, describeExit, formatDuration, lastLine, Redactor } from '@slipway/kernel';
import { actionNames, buildActions, root, schemaFile, schemaText } from './build.ts';
import { checkImports } from './imports.ts';

/** What a check found: nothing wrong (and what to say about it), or every problem. */
type Finding = { ok: true; note: string } | { ok: false; problems: string };

interface Check {
  title: string;
  find(): Promise<Finding>;
}

const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const exec = createExec({
  env: environment,
  signal: new AbortController().signal,
  redactor: new Redactor(),
});

const checks: Check[] = [
  { title: 'format and lint', find: () => program('@biomejs/biome/bin/biome', ['ci', '--colors=off', '.']) },
  { title: 'types', find: () => program('typescript/bin/tsc', ['-p', '.', '--pretty', 'false']) },
  {
    title: 'types of the report',
    find: () => program('typescript/bin/tsc', ['-p', 'packages/report/browser']),
  },
  { title: 'import direction', find: findForbiddenImports },
  { title: 'unused files, exports and dependencies', find: findUnused },
  { title: 'README tables', find: () => script('readme.ts', ['--check']) },
  { title: 'slipway.schema.json', find: compareSchema },
  { title: 'configuration reference', find: () => script('configuration-reference.ts', ['--check']) },
  { title: 'architecture picture', find: () => script('architecture.ts', ['--check']) },
  { title: 'workflows', find: lintWorkflows },
  { title: 'dist/ is what the sources build', find: compareBundles },
  { title: 'known vulnerabilities', find: audit },
];

function good(note = ''): Finding {
  return { ok: true, note };
}

function bad(problems: string): Finding {
  return { ok: false, problems };
}

async function node(file: string, args: readonly string[]): Promise<Finding> {
  const result = await exec({ argv: [process.execPath, file, ...args], cwd: root });
  if (result.ok) return good();
  return bad(`${result.stdout.concat(result.stderr)}`.trim() || `the command ${describeExit(result)}`);
}

function program(file: string, args: readonly string[]): Promise<Finding> {
  return node(path.join(root, 'node_modules', file), args);
}

function script(file: string, args: readonly string[]): Promise<Finding> {
  return node(path.join(root, 'scripts', file), args);
}

/** An index exports what others use, and a package declares what it imports: knip.json says where the entries are. */
function findUnused(): Promise<Finding> {
  return program('knip/bin/knip.js', ['--no-progress', '--no-config-hints']);
}

async function findForbiddenImports(): Promise<Finding> {
  const problems = await checkImports();
  return problems.length === 0 ? good() : bad(problems.join('\n'));
}

async function compareSchema(): Promise<Finding> {
  const found = existsSync(schemaFile) ? readFileSync(schemaFile, 'utf8') : '';
  if (found === schemaText()) return good();
  return bad(
    `slipway.schema.json is not what the configuration's schema says: run "npm run build", which writes it`,
  );
}

async function lintWorkflows(): Promise<Finding> {
  const { lintWorkflow } = await import('@slipway/local-runner');
  const files = globSync(['.github/workflows/*.yml', 'workflows-examples/**/workflows/*.yml'], { cwd: root });
  if (files.length === 0) return bad('there is no workflow to lint');
  const problems = await Promise.all(files.sort().map((file) => lintWorkflow(path.join(root, file))));
  const lines = problems
    .flat()
    .map(({ file, line, column, severity, message }) => `${file}:${line}:${column}: ${severity}: ${message}`);
  return lines.length === 0 ? good(`${files.length} files`) : bad(lines.join('\n'));
}

/** Byte by byte, both ways: a file that is only in dist/ is as wrong as one that is missing there. */
async function compareBundles(): Promise<Finding> {
  const names = actionNames();
  if (names.length === 0) return bad('actions/ holds nothing to build');
  const fresh = mkdtempSync(path.join(tmpdir(), 'slipway-dist-'));
  try {
    await buildActions(names, fresh);
    const committed = path.join(root, 'dist');
    const files = new Set([fresh, committed].flatMap((folder) => globSync('**/*.*', { cwd: folder })));
    const differing = [...files].filter((file) => !equal(path.join(fresh, file), path.join(committed, file)));
    if (differing.length === 0) return good(`${names.length} bundles`);
    return bad(`${differing.sort().join('\n')}\nRun "npm run build" and commit dist/.`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function equal(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && readFileSync(one).equals(readFileSync(other));
}

/** Some registries answer no audits; that is said and does not fail, for nothing can be known there. */
async function audit(): Promise<Finding> {
  const own = process.env.npm_execpath;
  const npm: [string, ...string[]] = own && /\.[cm]?js$/.test(own) ? [process.execPath, own] : ['npm'];
  const args = ['audit', '--omit=dev', '--json', '--fetch-retries=1'];
  const result = await exec({ argv: [...npm, ...args], cwd: root, timeoutMs: 60_000 });
  const report = parse(result.stdout.data);
  const total = report?.metadata?.vulnerabilities?.total;
  if (total === undefined) {
    const why = report?.error?.summary || report?.message || lastLine(result);
    return good(`not available here: ${why || 'no answer'}`);
  }
  return total === 0 ? good() : bad(Object.keys(report?.vulnerabilities ?? {}).join('\n'));
}

interface AuditReport {
  metadata?: { vulnerabilities?: { total?: number } };
  vulnerabilities?: Record<string, unknown>;
  error?: { summary?: string };
  message?: string;
}

function parse(text: string): AuditReport | undefined {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return undefined;
  }
}

/** One after the other: each uses all cores that there are. */
let failed = 0;
for (const check of checks) {
  const start = performance.now();
  const finding = await check.find().catch((error: unknown) => bad(describeError(error)));
  const time = formatDuration(performance.now() - start);
  if (finding.ok) console.log(`✓ ${check.title} (${time})${finding.note ? `: ${finding.note}` : ''}`);
  else console.log(`✗ ${check.title} (${time})\n${finding.problems.replace(/^/gm, '    ')}`);
  if (!finding.ok) failed++;
}
console.log(failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
