import { defineAction } from '@slipway/runner';
import { buildImages } from './build-images.ts';
import { own, uses } from './context.ts';
import { planPromotion, promote } from './promote.ts';

/** Builds and pushes the images of a release; with `promote`, makes them `latest` once the release is proven. */
export const buildPush = defineAction({
  name: 'build-push',
  phase: (inputs) => (inputs.promote ? 'promote' : 'build-push'),
  inputs: own,
  usesSources: ({ promote }) => !promote,
  uses,
  main(context) {
    // The runner knows only the secrets that come through the environment.
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    if (!context.inputs.promote) return buildImages(context);
    return context.dryRun ? planPromotion(context) : promote(context);
  },
});
