import { describeError, Fault, formatImage, UserError } from '@slipway/kernel';
import { openRegistry, type RegistryLogin, registryAddress } from '@slipway/registry';
import type { ActionContext } from '@slipway/runner';
import type { DesiredImages } from './images.ts';

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
  const registry = openRegistry(context, { login: loginOf(context.inputs, images) });
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

/** The login of the inputs, for the registry that they name, or else for that of the first service. */
function loginOf(inputs: RegistryLogin, images: DesiredImages): RegistryLogin | undefined {
  if (inputs.username === '' || inputs.password === '') return undefined;
  const first = [...images.values()][0]?.repository ?? '';
  const { host } = registryAddress(inputs.registry === '' ? first : `${inputs.registry}/any`);
  return { ...inputs, registry: host };
}
