import { describeError, Fault, formatImage, UserError } from '@slipway/kernel';
import type { RunningService } from '@slipway/platform';
import { type Registry, RegistryDenied } from '@slipway/registry';
import type { ReleasedService } from '@slipway/release';

/**
 * @returns where the image is, as the end of a sentence.
 * @throws UserError when it is nowhere; Fault when that is not known, or when it is only where it runs now.
 */
export async function findImage(
  registry: Pick<Registry, 'manifest'>,
  { image }: ReleasedService,
  running: RunningService | undefined,
): Promise<string> {
  const { repository, digest, tag } = image;
  const runs = running?.replicas.some((one) => formatImage(one.image) === formatImage(image)) ?? false;
  const found = await registry.manifest(repository, digest ?? tag ?? 'latest').catch((error: unknown) => {
    if (error instanceof Fault) return error;
    throw error;
  });
  if (found instanceof Fault) {
    if (runs) return `runs on the target (the registry cannot be asked: ${describeError(found)})`;
    throw new Fault(`whether ${formatImage(image)} can be pulled is unknown: ${describeError(found)}`, {
      hint:
        found instanceof RegistryDenied
          ? 'Give this step the login of the registry (docker login).'
          : 'Check that the registry is up and that this runner reaches it.',
    });
  }
  if (found) return 'is in the registry';
  const hint = 'Push the image again, and let the registry retain the images of the last releases.';
  if (!runs)
    throw new UserError(`${formatImage(image)} is gone from the target and from the registry`, { hint });
  throw new Fault(
    `${formatImage(image)} runs on the target, but the registry does not have it any more: a node that does not hold it cannot start it`,
    { hint },
  );
}
