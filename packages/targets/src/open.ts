import { composePlatform } from '@slipway/compose';
import { UserError } from '@slipway/kernel';
import { kubernetesPlatform } from '@slipway/kubernetes';
import type { Platform, PlatformOptions } from '@slipway/platform';

/** The platform that the configuration names. @throws UserError when it names none, or both. */
export function openPlatform(options: PlatformOptions): Platform {
  const { config, programs } = options;
  const { compose, kubernetes } = config;
  if (compose && kubernetes) {
    throw new UserError('the configuration names two platforms, "compose" and "kubernetes"', {
      hint: 'Keep the one that is meant; an environment may override the other with null under "environments".',
    });
  }
  if (kubernetes && 'kubectl' in programs) return kubernetesPlatform({ ...options, programs }, kubernetes);
  if (compose && 'compose' in programs) return composePlatform({ ...options, programs }, compose);
  throw new UserError('the configuration names no platform to roll out on', {
    hint: 'Add "compose: {files: [docker-compose.prod.yml]}" or "kubernetes: {namespace: production, manifests: [k8s/]}".',
  });
}
