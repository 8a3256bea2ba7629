import type { ContextOf } from '@slipway/runner';
import * as z from 'zod';

export const own = {
  promote: z.enum(['false', 'true', 'proven']).default('false'),
  registry: z.string().default(''),
  username: z.string().default(''),
  password: z.string().default(''),
  'github-token': z.string().default(''),
};
export const uses = ['services', 'programs'] as const;
export type BuildPushContext = ContextOf<typeof own, typeof uses>;
