import { Cancelled, describeError, UserError } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import type { Finding } from './checklist.ts';

/**
 * Runs one check and makes it an item of the list. What it throws becomes its finding, so that no check hides another:
 * a UserError is a failure, anything else is missing evidence. Only a cancellation stops the list.
 */
export async function runCheck(
  id: string,
  title: string,
  check: () => Finding | Promise<Finding>,
): Promise<ChecklistItem> {
  try {
    return { id, title, ...(await check()) };
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const hint = (error as { hint?: string } | null | undefined)?.hint;
    return {
      id,
      title,
      state: error instanceof UserError ? 'failed' : 'unknown',
      evidence: describeError(error),
      ...(hint ? { remedy: hint } : {}),
    };
  }
}
