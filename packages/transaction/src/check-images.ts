import { readImage, UserError } from '@slipway/kernel';
import type { RestoreTarget } from '@slipway/release';
import type { TargetContext } from './context.ts';

/**
 * Holds the images that the state names for a release of Slipway against the configuration: whoever can write the state
 * must not decide which repository runs in production. What ran before Slipway may come from anywhere.
 * @throws UserError that names every image from another repository.
 */
export function checkImages(
  { config }: Pick<TargetContext, 'config'>,
  { services, from }: Pick<RestoreTarget, 'services' | 'from'>,
): void {
  const other = Object.entries(services).flatMap(([name, service]) => {
    const configured = readImage(config.services[name]?.image ?? '')?.repository;
    if (!service || service.release === null || configured === undefined) return [];
    const { repository } = service.image;
    return repository === configured ? [] : [`${name} from ${repository}, configured is ${configured}`];
  });
  if (other.length === 0) return;
  throw new UserError(
    `the state of the target names images from repositories that the configuration does not name: ${other.join('; ')}`,
    {
      hint: `If the repository was renamed since ${from.version}, run this with the configuration of that release. Otherwise somebody changed the state of the target.`,
    },
  );
}
