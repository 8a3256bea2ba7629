import { createExec } from '@slipway/kernel';
import { dockerConfigFolder, openRegistry, type RegistryLogin, registryAddress } from '@slipway/registry';
import { type FoundProgram, findPrograms } from '@slipway/runner/programs';
import type { BuildPushContext } from './context.ts';
import type { ImagePlan } from './image-plan.ts';
import { logIn } from './login.ts';
import type { BuildTools } from './provide-image.ts';

/** Finds the programs that the plans need, and logs in when there is a login. */
export async function openBuildTools(
  context: BuildPushContext,
  plans: readonly ImagePlan[],
  stop: AbortSignal,
): Promise<BuildTools> {
  const { config, env, temp, log, redactor } = context;
  const signal = AbortSignal.any([context.signal, stop]);
  const execWith = (more?: AbortSignal): BuildPushContext['exec'] =>
    createExec({ env, signal: more ? AbortSignal.any([signal, more]) : signal, redactor });
  const exec = execWith();
  const options = { ...context, programs: config.programs, exec, signal };
  const login = loginOf(context, plans[0]?.repository);
  const buildx: FoundProgram | undefined = plans.some(({ build }) => build)
    ? (await findPrograms(['docker-buildx'], options))['docker-buildx']
    : undefined;
  let folder = dockerConfigFolder(env);
  if (login) {
    const { docker } = await findPrograms(['docker'], options);
    folder = await logIn(login, { docker: docker.command, exec, env, temp, log });
  }
  return {
    buildx: buildx?.command ?? ['docker', 'buildx'],
    registry: openRegistry({ ...context, exec, signal }, { folder }),
    dockerConfig: folder,
    exec: execWith,
    ...{ workspace: context.workspace, temp, clock: context.clock, log, signal },
  };
}

/** The login of the inputs, for the registry of the first image unless the inputs name another; undefined without one. */
export function loginOf(
  context: BuildPushContext,
  firstRepository: string | undefined,
): RegistryLogin | undefined {
  const { registry, username, password } = context.inputs;
  if (username === '') return undefined;
  const host = firstRepository === undefined ? 'docker.io' : registryAddress(firstRepository).host;
  return { registry: registry || host, username, password };
}
