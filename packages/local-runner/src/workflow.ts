import { readFile } from 'node:fs/promises';
import { UserError } from '@slipway/kernel';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { allowJsonImports } from './json-imports.ts';

export type Permissions = Record<string, 'none' | 'read' | 'write'>;

export interface Step {
  id?: string;
  name?: string;
  if?: string | boolean;
  uses?: string;
  run?: string;
  shell?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
  'working-directory'?: string;
  'continue-on-error'?: unknown;
  'timeout-minutes'?: unknown;
}

export interface Job {
  name?: string;
  needs?: string | string[];
  if?: string | boolean;
  uses?: string;
  with?: Record<string, unknown>;
  secrets?: 'inherit' | Record<string, unknown>;
  permissions?: Permissions;
  environment?: string | { name: string; url?: string; deployment?: boolean };
  concurrency?: string | { group: string };
  outputs?: Record<string, string>;
  env?: Record<string, unknown>;
  steps?: Step[];
  'runs-on'?: unknown;
  'timeout-minutes'?: unknown;
  'continue-on-error'?: unknown;
}

export interface InputDeclaration {
  type?: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  required?: boolean;
  default?: unknown;
  options?: string[];
}

export interface CallInterface {
  inputs?: Record<string, InputDeclaration> | null;
  secrets?: Record<string, { required?: boolean } | null> | null;
  outputs?: Record<string, { value: string }> | null;
}

export interface Workflow {
  file: string;
  /** Root of the repository the file belongs to: what `$/` means in it. */
  repository: string;
  name: string;
  on: Record<string, CallInterface | null>;
  permissions?: Permissions;
  env?: Record<string, unknown>;
  jobs: Record<string, Job>;
}

const known = {
  workflow: ['name', 'on', 'permissions', 'env', 'concurrency', 'jobs'],
  job: [
    ...[
      'name',
      'needs',
      'if',
      'uses',
      'with',
      'secrets',
      'permissions',
      'environment',
      'concurrency',
      'outputs',
    ],
    ...['env', 'steps', 'runs-on', 'timeout-minutes', 'continue-on-error'],
  ],
  step: [
    ...['id', 'name', 'if', 'uses', 'run', 'shell', 'with', 'env', 'working-directory'],
    ...['continue-on-error', 'timeout-minutes'],
  ],
};

/**
 * Reads a workflow file: checked by GitHub's own parser, then by what this runner can do.
 * @throws UserError with file and line for what GitHub would refuse, and for every key that is not implemented here.
 */
export async function loadWorkflow(file: string, repository: string): Promise<Workflow> {
  const content = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`there is no workflow file ${file}`, { cause });
  });
  allowJsonImports();
  const { parseWorkflow, NoOperationTraceWriter } = await import('@actions/workflow-parser');
  const parsed = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors().map((error) => error.message);
  if (errors.length > 0) throw new UserError(errors.join('\n'));
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  const workflow = document.toJS() as Omit<Workflow, 'file' | 'repository' | 'on'> & { on: unknown };
  const unknown = unknownKeys(workflow).map(
    (path) => `${file}:${lineOf(document, lines, path)}: "${path.join('.')}" is not implemented here`,
  );
  if (unknown.length > 0) throw new UserError(unknown.join('\n'));
  return { ...workflow, file, repository, name: workflow.name ?? file, on: triggers(workflow.on) };
}

function triggers(on: unknown): Workflow['on'] {
  if (typeof on === 'string') return { [on]: null };
  if (Array.isArray(on)) return Object.fromEntries(on.map((name) => [String(name), null]));
  return on as Workflow['on'];
}

type Path = (string | number)[];

function unknownKeys(workflow: { jobs: Record<string, Job> }): Path[] {
  const strange = (value: object, keys: readonly string[], at: Path): Path[] =>
    Object.keys(value)
      .filter((key) => !keys.includes(key))
      .map((key) => [...at, key]);
  const jobs = Object.entries(workflow.jobs).flatMap(([id, job]) => [
    ...strange(job, known.job, ['jobs', id]),
    ...(job.steps ?? []).flatMap((step, i) => strange(step, known.step, ['jobs', id, 'steps', i])),
  ]);
  return [...strange(workflow, known.workflow, []), ...jobs];
}

function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: Path): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1))
    : undefined;
  const key = pair?.key as { range?: [number, number, number] } | undefined;
  return lines.linePos(key?.range?.[0] ?? 0).line;
}
