import { isMapping, isString } from '@actions/workflow-parser/templates/tokens/type-guards';
import { UserError } from '@slipway/kernel';
import { formatLocation, resolveText } from '../expressions/evaluate.ts';
import type { Scope } from '../expressions/scope.ts';
import type { CallJob, Workflow } from '../workflow/model.ts';

/** The secrets of one workflow, and which names an environment may fill in its jobs. */
export interface SecretAccess {
  values: Readonly<Record<string, string>>;
  /** Only names that the caller passes on reach a called workflow, also from an environment. Upper case. */
  names: 'all' | ReadonlySet<string>;
}

/** What a calling job passes on. @throws UserError for a secret that is not declared, or required and not passed. */
export function passSecrets(
  job: CallJob,
  caller: Workflow,
  access: SecretAccess,
  scope: Scope,
): SecretAccess {
  const where = formatLocation(caller.file, job.line);
  const declared = new Map(
    [...(job.workflow?.call?.secrets ?? [])].map(([name, must]) => [name.toUpperCase(), must]),
  );
  if (job.secrets && isString(job.secrets)) return access;
  const values: Record<string, string> = {};
  const names = new Set<string>();
  for (const { key, value } of job.secrets && isMapping(job.secrets) ? job.secrets : []) {
    const name = String(key).toUpperCase();
    if (!declared.has(name)) {
      throw new UserError(`${where}: Invalid secret, ${name} is not defined in the referenced workflow.`);
    }
    names.add(name);
    values[name] = resolveText(value, scope);
  }
  for (const [name, must] of declared) {
    if (must && !names.has(name)) {
      throw new UserError(`${where}: Secret ${name} is required, but not provided while calling.`);
    }
  }
  return { values, names };
}

/** The secrets of a job: the workflow's, over them those of its environment, and the token. */
export function secretsOfJob(
  access: SecretAccess,
  environment: Readonly<Record<string, string>>,
  token: string | undefined,
): Record<string, string> {
  const bound = Object.entries(environment).filter(
    ([name]) => access.names === 'all' || access.names.has(name.toUpperCase()),
  );
  const upper = (all: Iterable<[string, string]>): [string, string][] =>
    [...all].map(([name, value]) => [name.toUpperCase(), value]);
  const values = new Map([...upper(Object.entries(access.values)), ...upper(bound)]);
  if (token !== undefined) values.set('GITHUB_TOKEN', token);
  return Object.fromEntries(values);
}
