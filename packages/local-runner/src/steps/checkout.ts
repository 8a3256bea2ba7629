import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { serverUrl } from '../machine/github-context.ts';
import { findRepository } from '../workflow/load.ts';
import { git } from './git.ts';
import type { Inputs } from './stand-in-inputs.ts';
import type { StepEnd, StepRun } from './step-run.ts';

interface Source {
  name: string;
  dir: string;
  /** Full ref to check out, or none for a commit alone. */
  ref: string;
  /** Commit, or a ref that git resolves. */
  commit: string;
}

/** Replaces actions/checkout: the repository comes from its folder here, with the history that was asked for. */
export async function checkout(run: StepRun, inputs: Inputs): Promise<StepEnd> {
  inputs.known(
    'repository',
    'ref',
    'token',
    'path',
    'fetch-depth',
    'fetch-tags',
    'persist-credentials',
    'clean',
  );
  const source = findSource(run, inputs);
  const { workspace } = run.running.machine;
  const target = path.resolve(workspace, inputs.text('path', '.'));
  if (target !== workspace && !target.startsWith(workspace + path.sep))
    inputs.refuse('a path outside the workspace');
  const isFirst = await prepare(run, target);
  // The remote has the name that it has on GitHub; git itself gets the place where that is here.
  const url = `${serverUrl}/${source.name}`;
  await git(run, target, 'config', `url.${pathToFileURL(source.dir).href}.insteadOf`, url);
  await git(run, target, 'remote', isFirst ? 'add' : 'set-url', 'origin', url);
  await fetch(run, inputs, target, source);
  if (inputs.flag('persist-credentials', true)) {
    const token = inputs.text('token', run.running.state.options.token ?? '');
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
    run.running.masks.add(basic);
    await git(run, target, 'config', `http.${serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`);
  }
  const commit = await git(run, target, 'rev-parse', 'HEAD');
  return { ok: true, outputs: { ref: source.ref, commit } };
}

/** An empty repository, or the one of an earlier checkout, cleaned. @returns whether it is the first one there. */
async function prepare(run: StepRun, target: string): Promise<boolean> {
  if (existsSync(path.join(target, '.git'))) {
    await git(run, target, 'clean', '-ffdx', '--quiet');
    await git(run, target, 'reset', '--hard', '--quiet', 'HEAD');
    return false;
  }
  await mkdir(target, { recursive: true });
  await git(run, target, 'init', '--quiet', '.');
  await git(run, target, 'config', 'advice.detachedHead', 'false');
  return true;
}

function findSource(run: StepRun, inputs: Inputs): Source {
  const { state } = run.running;
  const { repository } = state.options;
  const name = inputs.text('repository', repository.name);
  const ref = inputs.text('ref');
  const own = name.toLowerCase() === repository.name.toLowerCase();
  if (own && ref === '') return { name, dir: repository.dir, ref: repository.ref, commit: repository.sha };
  const dir = own ? repository.dir : findRepository(state.options, name, ref, run.step.id).dir;
  const full = /^refs\//.test(ref) ? ref : '';
  return { name, dir, ref: full, commit: ref || 'HEAD' };
}

async function fetch(run: StepRun, inputs: Inputs, target: string, source: Source): Promise<void> {
  const depth = Number(inputs.text('fetch-depth', '1'));
  if (!Number.isInteger(depth) || depth < 0) inputs.refuse(`fetch-depth "${inputs.text('fetch-depth')}"`);
  const [, kind, short = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(source.ref) ?? [];
  const tracked =
    kind === 'heads' ? `refs/remotes/origin/${short}` : source.ref || 'refs/remotes/origin/checkout';
  const specs = [`+${source.commit}:${tracked}`];
  if (depth === 0) specs.unshift('+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*');
  else if (inputs.flag('fetch-tags', false)) specs.push('+refs/tags/*:refs/tags/*');
  const limits = depth === 0 ? [] : [`--depth=${depth}`];
  // An annotated tag stays what it is only when it is fetched by its own name.
  const wanted = kind === 'tags' && depth === 0 ? specs.slice(0, -1) : specs;
  const quiet = ['-c', 'protocol.version=2', 'fetch', '--quiet', '--no-tags', '--no-recurse-submodules'];
  await git(run, target, ...quiet, ...limits, 'origin', ...wanted);
  if (kind === 'heads') await git(run, target, 'checkout', '--quiet', '--force', '-B', short, tracked);
  else
    await git(
      run,
      target,
      'checkout',
      '--quiet',
      '--force',
      '--detach',
      kind === 'tags' ? source.ref : tracked,
    );
}
