import { definePlatform } from '@slipway/platform';
import { kubernetesPlatform } from './driver.ts';

/** Kubernetes, one namespace of one cluster. */
export const kubernetes = definePlatform({
  name: 'kubernetes',
  programs: ['kubectl'],
  files: ({ manifests }) => manifests.map((path) => ({ key: 'manifests', path, kind: 'either' })),
  open: (config, options) => kubernetesPlatform(options, config),
});
