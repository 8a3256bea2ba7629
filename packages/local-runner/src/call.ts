import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { type Contexts, fill } from './expressions.ts';
import type { RunState } from './run-state.ts';
import {
  type CallInterface,
  type InputDeclaration,
  type Job,
  loadWorkflow,
  type Permissions,
  type Workflow,
} from './workflow.ts';

/** One workflow as it was called: by an event, or by a job of another workflow. */
export interface Call {
  workflow: Workflow;
  /** Put before the ids of its jobs, `` or `deploy.`. */
  prefix: string;
  inputs: Record<string, unknown>;
  secrets: Record<string, string>;
  /** Which environment secrets may reach its jobs: those whose names the caller passes on, or all. */
  environmentSecrets: 'all' | ReadonlySet<string>;
  /** Hard ceiling for the permissions of every job; undefined at the top. */
  ceiling: Permissions | undefined;
}

/** Finds the workflow that a job calls: in this repository, in the called workflow's own, or in a named one. */
export async function loadCalled(uses: string, from: Call, state: RunState): Promise<Workflow> {
  const local = /^\.\/(\.github\/workflows\/[^@]+)$/.exec(uses);
  const own = /^\$\/(\.github\/workflows\/[^@]+)$/.exec(uses);
  const remote = /^([\w.-]+\/[\w.-]+)\/(\.github\/workflows\/[^@]+)@[\w./-]+$/.exec(uses);
  if (local)
    return loadWorkflow(path.join(from.workflow.repository, local[1] ?? ''), from.workflow.repository);
  if (own) return loadWorkflow(path.join(from.workflow.repository, own[1] ?? ''), from.workflow.repository);
  if (!remote) throw new UserError(`${from.workflow.file}: cannot tell which workflow "${uses}" is`);
  const repository = state.repository(remote[1] ?? '');
  return loadWorkflow(path.join(repository, remote[2] ?? ''), repository);
}

/** What a calling job hands over. @throws UserError as GitHub refuses the run: inputs, secrets, permissions. */
export function makeCall(job: Job, key: string, workflow: Workflow, from: Call, contexts: Contexts): Call {
  const accepts = workflow.on.workflow_call;
  if (accepts === undefined)
    throw new UserError(`${workflow.file} cannot be called: it has no workflow_call trigger`);
  const given = Object.fromEntries(
    Object.entries(job.with ?? {}).map(([name, value]) => [name, fill(value, contexts)]),
  );
  const ceiling = job.permissions ?? from.workflow.permissions ?? from.ceiling;
  checkPermissions(workflow, ceiling);
  return {
    workflow,
    prefix: `${from.prefix}${key}.`,
    inputs: readInputs(accepts?.inputs ?? {}, given, workflow.file),
    ...handedSecrets(job, accepts, from, contexts),
    ceiling,
  };
}

function handedSecrets(
  job: Job,
  accepts: CallInterface | null,
  from: Call,
  contexts: Contexts,
): Pick<Call, 'secrets' | 'environmentSecrets'> {
  if (job.secrets === 'inherit')
    return { secrets: from.secrets, environmentSecrets: from.environmentSecrets };
  const declared = accepts?.secrets ?? {};
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(job.secrets ?? {})) {
    if (!(name in declared)) throw new UserError(`secret "${name}" is not declared by the called workflow`);
    secrets[name] = String(fill(value, contexts) ?? '');
  }
  const missing = Object.entries(declared).filter(([name, secret]) => secret?.required && !secrets[name]);
  if (missing.length > 0) throw new UserError(`secret "${missing[0]?.[0]}" is required, but was not given`);
  return { secrets, environmentSecrets: new Set(Object.keys(secrets)) };
}

/** Typed inputs with their defaults. @throws UserError for unknown, missing and mistyped ones. */
export function readInputs(
  declared: Record<string, InputDeclaration>,
  given: Record<string, unknown>,
  where: string,
): Record<string, unknown> {
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0)
    throw new UserError(
      `${where}: invalid input "${unknown[0]}"; it takes ${Object.keys(declared).join(', ')}`,
    );
  return Object.fromEntries(
    Object.entries(declared).map(([name, declaration]) => [
      name,
      readInput(name, declaration, given[name], where),
    ]),
  );
}

function readInput(name: string, declared: InputDeclaration, given: unknown, where: string): unknown {
  const { type = 'string' } = declared;
  const missing = given === undefined || given === null;
  if (missing && declared.required) throw new UserError(`${where}: input "${name}" is required`);
  const value = missing ? declared.default : given;
  if (type === 'boolean') {
    if (value === undefined || value === '') return false;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
  } else if (type === 'number') {
    if (value === undefined) return 0;
    if (typeof value === 'number') return value;
  } else {
    const text = value === undefined || value === null ? '' : String(value);
    if (type !== 'choice' || declared.options?.includes(text)) return text;
  }
  throw new UserError(
    `${where}: input "${name}" must be a ${type}${declared.options ? ` of ${declared.options.join(', ')}` : ''}, got ${JSON.stringify(value)}`,
  );
}

const levels = ['none', 'read', 'write'];

/** GitHub checks this for all jobs before anything runs, also for those that would be skipped. */
function checkPermissions(workflow: Workflow, ceiling: Permissions | undefined): void {
  if (ceiling === undefined) return;
  for (const [key, job] of Object.entries(workflow.jobs)) {
    for (const [scope, level] of Object.entries(job.permissions ?? workflow.permissions ?? {})) {
      const allowed = ceiling[scope] ?? 'none';
      if (levels.indexOf(level) <= levels.indexOf(allowed)) continue;
      throw new UserError(
        `${workflow.file}: the nested job "${key}" is requesting '${scope}: ${level}', but is only allowed '${scope}: ${allowed}'`,
      );
    }
  }
}
