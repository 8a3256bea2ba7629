import { defineAction } from '@slipway/runner';
import { buildImages } from './build-images.ts';
import { own, uses } from './context.ts';
import { planPromotion, promote } from './promote.ts';
import { tagProven } from './tag-proven.ts';

const phases = { false: 'build-push', true: 'promote', proven: 'move-tags' } as const;

/**
 * Builds and pushes the images of a release; with `promote`, makes them `latest` once the release is proven, or makes
 * `latest` what the target has as proven.
 */
export const buildPush = defineAction({
  name: 'build-push',
  phase: ({ promote }) => phases[promote],
  inputs: own,
  usesSources: ({ promote }) => promote === 'false',
  uses,
  main(context) {
    // The runner knows only the secrets that come through the environment.
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    if (context.inputs.promote === 'false') return buildImages(context);
    if (context.inputs.promote === 'proven') return tagProven(context);
    return context.dryRun ? planPromotion(context) : promote(context);
  },
});
