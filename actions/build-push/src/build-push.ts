import { type ContextOf, defineAction, flag } from '@slipway/runner';
import * as z from 'zod';
import { buildImages } from './build-images.ts';
import { planPromotion, promote } from './promote.ts';

const own = {
  promote: flag.prefault('false'),
  registry: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
};

const uses = ['services', 'programs'] as const;
export type BuildPushContext = ContextOf<typeof own, typeof uses>;

/** Builds and pushes the images of a release; with `promote`, makes them `latest` once the release is proven. */
export const buildPush = defineAction({
  name: 'build-push',
  phase: (inputs) => (inputs.promote ? 'promote' : 'build-push'),
  inputs: own,
  uses,
  main(context) {
    // What the user typed; the runner knows only secrets that come by the environment.
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    if (!context.inputs.promote) return buildImages(context);
    return context.dryRun ? planPromotion(context) : promote(context);
  },
});
