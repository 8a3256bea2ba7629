import { readImage, UserError } from '@slipway/kernel';
import type { RestoreTarget } from '@slipway/release';
import type { TargetContext } from './context.ts';

/**
 * Holds the images that the state names for a release of Slipway against the configuration: whoever can write the state
 * must not decide which repository runs in production. What ran before Slipway may come from anywhere; a release of
 * Slipway has nothing of that kind, whatever its entry says.
 * @throws UserError that names every image from another repository.
 */
export function checkImages(
  { config }: Pick<TargetContext, 'config'>,
  { services, from, to }: Pick<RestoreTarget, 'services' | 'from' | 'to'>,
): void {
  const other = Object.entries(services).flatMap(([name, service]) => {
    const configured = readImage(config.services[name]?.image ?? '')?.repository;
    const isPreexisting = service?.release === null && !to?.services[name];
    if (!service || isPreexisting || configured === undefined) return [];
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
