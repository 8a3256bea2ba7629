import type { PlatformName, TargetConfig } from '@slipway/config';
import type { OpenOptions, PlatformOptions, ProgramCommand, ProgramName } from './options.ts';
import type { Platform } from './platform.ts';

/** Finds programs, or installs those that are pinned. @throws UserError that names every program that is missing. */
export type FindPrograms = <Name extends ProgramName>(
  names: readonly Name[],
) => Promise<Record<Name, ProgramCommand>>;

/** A path in the repository that the section of a platform names. */
export interface NamedFile {
  /** The key that names it, inside the section. */
  key: string;
  path: string;
  kind: 'file' | 'folder' | 'either';
}

/** A platform, as the package of it describes itself to `@slipway/targets`. */
export interface PlatformManifest<Name extends PlatformName> {
  /** Its section of slipway.yml. */
  name: Name;
  /** What the section names in the repository. */
  files(config: TargetConfig<Name>['config']): readonly NamedFile[];
  open(config: TargetConfig<Name>['config'], options: OpenOptions, find: FindPrograms): Promise<Platform>;
}

/** Describes a platform by its section, the programs that drive it, and how it is opened with them. */
export function definePlatform<Name extends PlatformName, Program extends ProgramName>(platform: {
  name: Name;
  programs: readonly Program[];
  files(config: TargetConfig<Name>['config']): readonly NamedFile[];
  open(config: TargetConfig<Name>['config'], options: PlatformOptions<Program>): Platform;
}): PlatformManifest<Name> {
  const { name, programs, files, open } = platform;
  return {
    name,
    files,
    open: async (config, options, find) => open(config, { ...options, programs: await find(programs) }),
  };
}
