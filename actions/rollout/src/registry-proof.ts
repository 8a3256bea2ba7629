import { describeError, Fault, formatImage, UserError } from '@slipway/kernel';
import { dockerConfigFolder, findCredentials, Registry, registryAddress } from '@slipway/registry';
import type { ActionContext } from '@slipway/runner';
import type { DesiredImages } from './images.ts';

interface RegistryLogin {
  registry: string;
  username: string;
  password: string;
}

type Context = Pick<
  ActionContext<RegistryLogin, never>,
  'env' | 'exec' | 'http' | 'clock' | 'redactor' | 'signal' | 'log' | 'inputs'
>;

/**
 * Proves that the registry has every digest, before anything is applied: the target would notice a missing one only after
 * the rollout began. When this machine cannot ask a registry, that is logged, and the target finds out by its own pull.
 * @throws UserError that names every image the registry says it does not have.
 */
export async function proveInRegistry(context: Context, images: DesiredImages): Promise<void> {
  const first = [...images.values()][0]?.repository ?? '';
  const registry = openRegistry(context, first);
  const missing: string[] = [];
  for (const [service, image] of images) {
    const found = await registry.manifest(image.repository, image.digest).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
      context.log.warn(
        `${service}: cannot check that ${formatImage(image)} is in the registry: ${describeError(error)}`,
      );
      return null;
    });
    if (found === undefined) missing.push(`${service}: ${formatImage(image)}`);
  }
  if (missing.length === 0) return;
  throw new UserError(`the registry does not have these images: ${missing.join('; ')}`, {
    hint: 'Check the repository name, and run build-push again: the image was never pushed there, or was deleted.',
  });
}

/** The login of the inputs is sent to its own registry only; for any other one, the logins of the job are used. */
function openRegistry(context: Context, first: string): Registry {
  const { env, exec, http, clock, redactor, signal, inputs } = context;
  const folder = dockerConfigFolder(env);
  const { registry, username, password } = inputs;
  const own = registryAddress(registry === '' ? first : `${registry}/any`).host;
  return new Registry({
    http,
    clock,
    redactor,
    signal,
    credentials: async (host) =>
      username !== '' && password !== '' && host === own
        ? { kind: 'password', username, password }
        : findCredentials(host, folder, exec),
  });
}
