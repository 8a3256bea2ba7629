import { compose } from '@slipway/compose';
import type { PlatformName, TargetConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import { kubernetes } from '@slipway/kubernetes';
import type { FindPrograms, NamedFile, OpenOptions, Platform, PlatformManifest } from '@slipway/platform';

/** Every platform. A further one is one line here. */
const platforms: { [Name in PlatformName]: PlatformManifest<Name> } = {
  compose,
  kubernetes,
};

/** Opens the platform that the configuration names. @throws UserError when it names none, or when a program is missing. */
export function openPlatform(
  target: TargetConfig | null,
  options: OpenOptions,
  find: FindPrograms,
): Promise<Platform> {
  if (target) return open(target, options, find);
  const names = Object.keys(platforms).map((name) => `"${name}"`);
  throw new UserError('the configuration has no platform to deploy to', {
    hint: `Add one of the sections ${names.join(' and ')}.`,
  });
}

/** What the section of the platform names in the repository, each with its whole key. */
export function targetFiles<Name extends PlatformName>({ name, config }: TargetConfig<Name>): NamedFile[] {
  return platforms[name].files(config).map((file) => ({ ...file, key: `${name}.${file.key}` }));
}

function open<Name extends PlatformName>(
  { name, config }: TargetConfig<Name>,
  options: OpenOptions,
  find: FindPrograms,
): Promise<Platform> {
  return platforms[name].open(config, options, find);
}
