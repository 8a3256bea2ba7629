import { type ContextOf, flag } from '@slipway/runner';
import * as z from 'zod';

const modes = ['rollback', 'rehearse', 'status'] as const;

export const own = {
  mode: z.enum(modes).default('rollback'),
  to: z.string().default('unfinished'),
  force: flag.prefault('false'),
  'confirm-restore': z.string().default(''),
  'restore-from': z.string().default(''),
  'take-over': flag.prefault('false'),
  'github-token': z.string().default(''),
};
export const uses = ['target', 'programs', 'services', 'rollback'] as const;
export type RollbackContext = ContextOf<typeof own, typeof uses>;
