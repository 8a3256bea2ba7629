import { type ActionContext, flag, inputSchema } from '@slipway/runner';
import * as z from 'zod';

export const own = { to: z.string().default('unfinished'), force: flag.prefault('false') };
export const inputs = inputSchema(own);
export type RollbackContext = ActionContext<
  z.output<typeof inputs>,
  'compose' | 'kubernetes' | 'programs' | 'services'
>;
