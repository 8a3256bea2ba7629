import { type ActionContext, flag, inputSchema } from '@slipway/runner';
import * as z from 'zod';

export const own = { to: z.string().default('unfinished'), force: flag.prefault('false') };
export const inputs = inputSchema(own);
export const uses = ['target', 'programs', 'services'] as const;
export type Uses = (typeof uses)[number];
export type RollbackContext = ActionContext<z.output<typeof inputs>, Uses>;
