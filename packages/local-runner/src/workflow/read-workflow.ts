import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { isMapping, isSequence, isString } from '@actions/workflow-parser/templates/tokens/type-guards';
import { fields, optional, type Part, parseDocument, refuseUnknown } from './document.ts';
import { readInterface } from './interface.ts';
import type { Job, RunDefaults, Workflow } from './model.ts';
import type { Origin } from './origin.ts';
import { readPermissions } from './permissions.ts';
import { readDefaults, readJob } from './read-job.ts';

const keys = ['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'];

/** Reads one workflow file. @throws UserError with file and line for what GitHub or this runner does not take. */
export async function readWorkflow(origin: Origin, path: string, file: string): Promise<Workflow> {
  const part = await parseDocument(file, await origin.read(path));
  refuseUnknown(part, keys, 'workflow');
  const said = fields(part);
  const of = (key: string): Part | undefined => {
    const token = said.get(key);
    return token && { file, token };
  };
  const events = readEvents(said.get('on'));
  const declared = (event: string): Workflow['call'] => {
    const token = events.get(event);
    return token && readInterface({ file, token });
  };
  const permissions = of('permissions');
  const defaults = readDefaults(part);
  return {
    file,
    origin,
    path,
    name: said.has('name') ? String(said.get('name')) : path,
    events,
    dispatch: declared('workflow_dispatch'),
    call: declared('workflow_call'),
    ...(permissions ? { permissions: readPermissions(permissions) } : {}),
    ...optional('env', said.get('env')),
    jobs: readJobs(of('jobs'), defaults),
  };
}

function readJobs(part: Part | undefined, defaults: RunDefaults): Map<string, Job> {
  if (!part || !isMapping(part.token)) return new Map();
  const jobs = [...part.token].map(({ key, value: token }) =>
    readJob(String(key), { file: part.file, token }, defaults, key.line),
  );
  return new Map(jobs.map((job) => [job.id, job] as const));
}

/** `on` in its three forms: a name, a list of names, names with filters. */
function readEvents(on: TemplateToken | undefined): Map<string, TemplateToken> {
  if (!on) return new Map();
  if (isString(on)) return new Map([[on.value, on]]);
  if (isSequence(on)) return new Map([...on].map((one) => [String(one), one]));
  return isMapping(on) ? new Map([...on].map(({ key, value }) => [String(key), value])) : new Map();
}
