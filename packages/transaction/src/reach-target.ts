import { UserError } from '@slipway/kernel';
import type { FindPrograms, Platform } from '@slipway/platform';
import { openPlatform } from '@slipway/targets';
import type { TargetContext } from './context.ts';
import { TargetUnreachable } from './target-errors.ts';

/**
 * Opens the target of the configuration and waits for its first answer: one that is away is reported at once.
 * @returns `evidence`: what the target says of itself.
 * @throws TargetUnreachable; UserError for a configuration or a program that is missing.
 */
export async function reachTarget(
  context: Omit<TargetContext, 'record' | 'run'>,
  find: FindPrograms,
): Promise<{ platform: Platform; evidence: string }> {
  const platform = await openPlatform(context.config.target, context, find);
  try {
    const { evidence } = await platform.check([], 'restore');
    return { platform, evidence };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, hint, details, cause } = error;
    throw new TargetUnreachable(message, { ...(hint ? { hint } : {}), details, cause });
  }
}
