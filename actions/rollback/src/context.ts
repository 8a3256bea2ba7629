import { type ContextOf, flag } from '@slipway/runner';
import * as z from 'zod';

export const own = {
  to: z.string().default('unfinished'),
  force: flag.prefault('false'),
  'take-over': flag.prefault('false'),
};
export const uses = ['target', 'programs', 'services'] as const;
export type RollbackContext = ContextOf<typeof own, typeof uses>;
