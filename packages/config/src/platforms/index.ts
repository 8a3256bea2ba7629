import { UserError } from '@slipway/kernel';
import type * as z from 'zod';
import { type Chosen, chosen } from '../chosen.ts';
import { composeSchema } from './compose.ts';
import { kubernetesSchema } from './kubernetes.ts';

/** The platforms that Slipway deploys to, by their key in the file. A further one is one line here. */
export const platforms = {
  compose: () => composeSchema().optional(),
  kubernetes: () => kubernetesSchema().optional(),
};

type Sections = { [Name in keyof typeof platforms]: z.output<ReturnType<(typeof platforms)[Name]>> };

/** Where a configuration deploys to: one platform, tagged with its name. */
export type TargetConfig<Name extends PlatformName = PlatformName> = Chosen<Sections, Name>;
export type PlatformName = keyof Sections;

export const platformNames = Object.keys(platforms) as PlatformName[];

/** The platform of a configuration; null when it has none. @throws UserError when it has several. */
export function targetOf(sections: Partial<Sections>): TargetConfig | null {
  const named = Object.fromEntries(platformNames.map((name) => [name, sections[name]]));
  const [target, ...others] = chosen(named as Sections);
  if (!target || others.length === 0) return target ?? null;
  const names = [target, ...others].map(({ name }) => `"${name}"`).join(' and ');
  throw new UserError(`the configuration has ${others.length + 1} platforms: ${names}`, {
    hint: 'Keep one. When environments differ in their platform, write each under "environments" instead.',
  });
}
