import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { fields, items, literal, optional, type Part, refuseUnknown } from './document.ts';
import type { CallJob, Job, RunDefaults, StepsJob, Template } from './model.ts';
import { readPermissions } from './permissions.ts';
import { readSteps } from './read-step.ts';

const keysOfCall = ['name', 'uses', 'with', 'secrets', 'needs', 'if', 'concurrency', 'permissions'];
const keysOfSteps = [
  ...['name', 'needs', 'if', 'permissions', 'concurrency', 'runs-on', 'environment', 'outputs', 'env'],
  ...['defaults', 'steps', 'timeout-minutes', 'continue-on-error'],
];

/** @param line of the job's id. */
export function readJob(id: string, part: Part, defaults: RunDefaults, line: number | undefined): Job {
  const said = fields(part);
  const of = (key: string): Template | undefined => said.get(key);
  const needs = of('needs');
  const permissions = of('permissions');
  const common = {
    id,
    line,
    needs: needs ? readNeeds({ ...part, token: needs }) : [],
    ...optional('name', of('name')),
    ...optional('condition', of('if')),
    ...optional('concurrency', of('concurrency')),
    ...(permissions ? { permissions: readPermissions({ ...part, token: permissions }) } : {}),
  };
  const uses = of('uses');
  if (uses) {
    refuseUnknown(part, keysOfCall, 'job that calls a workflow');
    const call: CallJob = { ...common, kind: 'call', uses: literal({ ...part, token: uses }) };
    return { ...call, ...optional('with', of('with')), ...optional('secrets', of('secrets')) };
  }
  refuseUnknown(part, keysOfSteps, 'job');
  const steps = of('steps');
  if (!steps) throw new UserError(`${formatLocation(part.file, common.line)}: the job ${id} has no steps`);
  const job: StepsJob = {
    ...common,
    kind: 'steps',
    defaults: { ...defaults, ...readDefaults(part) },
    steps: readSteps({ ...part, token: steps }),
  };
  return {
    ...job,
    ...optional('runsOn', of('runs-on')),
    ...optional('env', of('env')),
    ...optional('environment', of('environment')),
    ...optional('outputs', of('outputs')),
    ...optional('timeout', of('timeout-minutes')),
    ...optional('continueOnError', of('continue-on-error')),
  };
}

/** `defaults.run` of a workflow or a job. */
export function readDefaults(part: Part): RunDefaults {
  const defaults = fields(part).get('defaults');
  const run = defaults && fields({ ...part, token: defaults }).get('run');
  if (!run) return {};
  const said = fields({ ...part, token: run });
  refuseUnknown({ ...part, token: run }, ['shell', 'working-directory'], 'defaults.run');
  return {
    ...optional('shell', said.get('shell')),
    ...optional('workingDirectory', said.get('working-directory')),
  };
}

function readNeeds(part: Part): string[] {
  const list = items(part);
  return list.length > 0 ? list.map((token) => literal({ ...part, token })) : [literal(part)];
}
