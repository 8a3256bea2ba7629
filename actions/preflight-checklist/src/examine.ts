import { Cancelled, describeError, UserError } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import type { Finding } from './checklist.ts';

/**
 * Runs one check and gives it its line. What it throws becomes the line's finding, so that one check that breaks
 * hides no other: a UserError is a failure, anything else is missing evidence. Only a cancellation ends the list.
 */
export async function examine(
  id: string,
  title: string,
  look: () => Finding | Promise<Finding>,
): Promise<ChecklistItem> {
  try {
    return { id, title, ...(await look()) };
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
