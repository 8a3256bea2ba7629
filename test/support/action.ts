import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordRun } from './recorded-runs.ts';

/** Root of this project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BundleRun {
  inputs?: Record<string, string>;
  /** Environment of the step; nothing else of this process is handed on but PATH, HOME and DOCKER_HOST. */
  env?: Record<string, string>;
  /** GITHUB_WORKSPACE. Default: a new empty folder. */
  workspace?: string;
  /** Folder of the bundles. Default: `dist` of this project. */
  dist?: string;
  /** Called with the running child, to send it signals. */
  started?: (child: ReturnType<typeof spawn>) => void;
}

export interface BundleResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  outputs: Record<string, string>;
  summary: string;
  /** The `::error …::message` lines, unescaped. */
  errors: string[];
  temp: string;
}

/** Runs a shipped bundle as the GitHub runner would: a child process with INPUT_* and the protocol files. */
export async function runBundle(name: string, run: BundleRun = {}): Promise<BundleResult> {
  const { dist = path.join(root, 'dist') } = run;
  const recorded = recordRun(name, run.inputs ?? {});
  const temp = mkdtempSync(path.join(tmpdir(), 'slipway-bundle-'));
  const files = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH'].map(
    (file) => [file, path.join(temp, file)] as const,
  );
  for (const [, file] of files) writeFileSync(file, '');
  const inputs = Object.entries(run.inputs ?? {}).map(([key, value]) => [
    `INPUT_${key.toUpperCase()}`,
    value,
  ]);
  const child = spawn(process.execPath, [path.join(dist, name, 'index.js')], {
    cwd: run.workspace ?? temp,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(
        ['PATH', 'HOME', 'DOCKER_HOST'].flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
      ),
      GITHUB_ACTIONS: 'true',
      RUNNER_TEMP: temp,
      GITHUB_WORKSPACE: run.workspace ?? temp,
      ...Object.fromEntries(files),
      ...Object.fromEntries(inputs),
      ...run.env,
    },
  });
  run.started?.(child);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  if (/DeprecationWarning/.test(stderr())) throw new Error(`${name} does what is deprecated:\n${stderr()}`);
  const result = {
    code,
    signal,
    stdout: stdout(),
    stderr: stderr(),
    outputs: parseOutputs(readFileSync(path.join(temp, 'GITHUB_OUTPUT'), 'utf8')),
    summary: readFileSync(path.join(temp, 'GITHUB_STEP_SUMMARY'), 'utf8'),
    errors: [...stdout().matchAll(/^::error[^:]*::(.*)$/gm)].map((match) => unescapeCommand(match[1] ?? '')),
    temp,
  };
  recorded(result);
  return result;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function unescapeCommand(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
}

/** Reads `name<<delimiter … delimiter` as the runner does; the last value of a name wins. */
export function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const head = /^([^=<]+)<<(.+)$/.exec(lines[at] ?? '');
    if (!head) continue;
    const end = lines.indexOf(head[2] as string, at + 1);
    outputs[head[1] as string] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return outputs;
}
