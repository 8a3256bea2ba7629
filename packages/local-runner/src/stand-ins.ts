import { cp, mkdir, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '@slipway/kernel';
import { execa } from 'execa';
import type { JobContext } from './job-context.ts';

type StandIn = (
  context: JobContext,
  inputs: Record<string, string>,
  log: (line: string) => void,
) => Promise<void>;

function only(inputs: Record<string, string>, allowed: readonly string[], action: string): void {
  const unknown = Object.keys(inputs).filter((name) => !allowed.includes(name));
  if (unknown.length > 0) throw new UserError(`${action}: the input "${unknown[0]}" is not implemented here`);
}

/** Clones the caller's repository at the commit of the run into the workspace. */
const checkout: StandIn = async ({ state, machine }, inputs, log) => {
  only(inputs, ['persist-credentials', 'fetch-depth'], 'actions/checkout');
  const { dir, sha } = state.options.repository;
  await rm(machine.workspace, { recursive: true, force: true });
  await execa('git', ['clone', '--quiet', '--no-checkout', dir, machine.workspace]);
  await execa('git', ['checkout', '--quiet', '--detach', sha], { cwd: machine.workspace });
  log(`checked out ${sha}`);
};

/** Copies one file or folder to the artifacts of the run. */
const upload: StandIn = async ({ state, machine }, inputs, log) => {
  only(
    inputs,
    ['name', 'path', 'overwrite', 'if-no-files-found', 'retention-days'],
    'actions/upload-artifact',
  );
  const { name = 'artifact', path: source = '' } = inputs;
  if (/[*?\n]/.test(source))
    throw new UserError('actions/upload-artifact: only one plain path is implemented here');
  const target = path.join(state.options.work, 'artifacts', name);
  if (state.artifacts[name] && inputs.overwrite !== 'true') {
    throw new UserError(`actions/upload-artifact: an artifact with the name ${name} already exists`);
  }
  const from = path.resolve(machine.workspace, source);
  const found = await stat(from).catch(() => null);
  if (!found) {
    if (inputs['if-no-files-found'] === 'error')
      throw new UserError(`no files were found with the path ${source}`);
    return log(`no files were found with the path ${source}`);
  }
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(from, found.isDirectory() ? target : path.join(target, path.basename(from)), { recursive: true });
  state.artifacts[name] = target;
  log(`uploaded ${name}`);
};

/** Copies an artifact of the run into the workspace. */
const download: StandIn = async ({ state, machine }, inputs) => {
  only(inputs, ['name', 'path'], 'actions/download-artifact');
  const source = state.artifacts[inputs.name ?? ''];
  if (!source) throw new UserError(`actions/download-artifact: there is no artifact ${inputs.name}`);
  await cp(source, path.resolve(machine.workspace, inputs.path ?? '.'), { recursive: true });
};

/** Local replacements for the few actions of GitHub's that our workflows use, pinned by full commit. */
const standIns: Record<string, StandIn> = {
  'actions/checkout': checkout,
  'actions/upload-artifact': upload,
  'actions/download-artifact': download,
};

/** @throws UserError for an action that is not pinned by a full commit, or has no stand-in. */
export function findStandIn(uses: string): StandIn {
  const match = /^([\w.-]+\/[\w.-]+)@([0-9a-f]{40})$/.exec(uses);
  const found = match ? standIns[match[1] ?? ''] : undefined;
  if (found) return found;
  throw new UserError(
    `"${uses}" cannot run here; known, when pinned by a full commit: ${Object.keys(standIns).join(', ')}`,
  );
}
