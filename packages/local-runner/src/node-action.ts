import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { parse } from 'yaml';
import { type Contexts, fill, toText } from './expressions.ts';
import type { JobContext } from './job-context.ts';

interface ActionFile {
  inputs?: Record<string, { default?: unknown; required?: boolean }>;
  outputs?: Record<string, unknown>;
  runs: { using: string; main: string; pre?: string; post?: string };
}

export interface NodeAction {
  main: string;
  inputs: Record<string, string>;
}

/** Folder of `$/actions/x`, `./actions/x` or `OWNER/repository/actions/x@ref`; null when it is none of ours. */
export function findAction(uses: string, context: JobContext): string | null {
  const { call, state, machine } = context;
  if (uses.startsWith('$/')) return path.join(call.workflow.repository, uses.slice(2));
  if (uses.startsWith('./')) return path.join(machine.workspace, uses);
  const remote = /^([\w.-]+\/[\w.-]+)\/([^@]+)@[\w./-]+$/.exec(uses);
  const known = remote?.[1] !== undefined && remote[1] in state.options.repositories;
  return known ? path.join(state.repository(remote[1] ?? ''), remote[2] ?? '') : null;
}

/** Reads action.yml and the inputs of the step. @throws UserError for what is no Node 24 action, and for unknown inputs. */
export async function readAction(
  folder: string,
  given: Record<string, unknown>,
  contexts: Contexts,
): Promise<NodeAction> {
  const file = path.join(folder, 'action.yml');
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`there is no action in ${folder}`, { cause });
  });
  const action = parse(text) as ActionFile;
  if (action.runs.using !== 'node24')
    throw new UserError(`${file}: runs.using "${action.runs.using}" is not implemented here`);
  if (action.runs.pre || action.runs.post)
    throw new UserError(`${file}: pre and post are not implemented here`);
  const declared = action.inputs ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0)
    throw new UserError(
      `${file}: unexpected input "${unknown[0]}"; valid inputs are ${Object.keys(declared).join(', ')}`,
    );
  const inputs = Object.entries(declared).map(([name, { default: standard }]) => {
    const value = toText(fill(given[name] ?? standard, contexts));
    return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value] as const;
  });
  return { main: path.resolve(folder, action.runs.main), inputs: Object.fromEntries(inputs) };
}
