import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { fields, items, literal, optional, type Part, refuseUnknown } from './document.ts';
import type { RunWork, Step, Template, UseWork } from './model.ts';

const keys = [
  ...['id', 'name', 'if', 'env', 'continue-on-error', 'timeout-minutes', 'uses', 'with', 'run', 'shell'],
  'working-directory',
];

export function readSteps(part: Part): Step[] {
  const taken = new Map<string, number>();
  const unique = (id: string): string => {
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  };
  return items(part).map((token) => readStep({ ...part, token }, unique));
}

function readStep(part: Part, unique: (id: string) => string): Step {
  refuseUnknown(part, keys, 'step');
  const said = fields(part);
  const text = (key: string): string | undefined => {
    const token = said.get(key);
    return token && literal({ ...part, token });
  };
  const work = readWork(part, said, text('uses'));
  return {
    id: text('id') ?? unique(inventId(work)),
    line: part.token.line,
    ...optional('name', said.get('name')),
    ...optional('condition', said.get('if')),
    ...optional('env', said.get('env')),
    ...optional('continueOnError', said.get('continue-on-error')),
    ...optional('timeout', said.get('timeout-minutes')),
    work,
  };
}

function readWork(part: Part, said: Map<string, Template>, uses: string | undefined): RunWork | UseWork {
  const script = said.get('run');
  if (uses !== undefined) return { kind: 'uses', uses, ...optional('with', said.get('with')) };
  if (!script)
    throw new UserError(`${formatLocation(part.file, part.token.line)}: a step needs "run" or "uses"`);
  return {
    kind: 'run',
    script,
    ...optional('shell', said.get('shell')),
    ...optional('workingDirectory', said.get('working-directory')),
  };
}

/** The name that GitHub gives to a step without an id. */
function inventId(work: RunWork | UseWork): string {
  if (work.kind === 'run') return '__run';
  if (/^(?:\$|\.)\//.test(work.uses)) return '__self';
  return `__${work.uses.replace(/@.*$/, '').split('/').slice(0, 2).join('_')}`;
}
