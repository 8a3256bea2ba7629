import { type Action, type ActionContext, flag, inputSchema, type Result } from '@slipway/runner';
import * as z from 'zod';
import { buildImages } from './build-images.ts';
import { planPromotion, promote } from './promote.ts';

const own = {
  promote: flag.prefault('false'),
  registry: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
};

export type BuildPushContext = ActionContext<
  z.output<ReturnType<typeof inputSchema<typeof own>>>,
  'services' | 'programs'
>;

/** Builds and pushes the images of a release; with `promote`, makes them `latest` once the release is proven. */
export const buildPush: Action<typeof own, 'services' | 'programs'> = {
  name: 'build-push',
  phase: (inputs) => (inputs.promote ? 'promote' : 'build-push'),
  inputs: inputSchema(own),
  uses: ['services', 'programs'],
  main(context: BuildPushContext): Promise<Result> {
    // What the user typed; the runner knows only secrets that come by the environment.
    if (context.inputs.password !== '') context.redactor.add(context.inputs.password);
    if (!context.inputs.promote) return buildImages(context);
    return context.dryRun ? planPromotion(context) : promote(context);
  },
};
