import { UserError } from '@slipway/kernel';
import { type RestoreTarget, releaseName, type TargetState } from '@slipway/release';
import { onlyRelease } from './choice.ts';
import type { RollbackContext } from './context.ts';
import { refuseUnlisted } from './contract-migrations.ts';
import { explainContracted } from './refusal.ts';

/** The name of what is restored when Slipway did not make it. */
const unknownVersion = 'the previous version';

/**
 * @returns a sentence when the database cannot be asked; null otherwise.
 * @throws UserError when what comes back may not run on the schema.
 */
export async function refuseSchema(
  context: RollbackContext,
  { contracted, proof, to }: RestoreTarget,
  { releases }: TargetState,
): Promise<string | null> {
  if (context.inputs.force) return null;
  const version = to ? releaseName(to) : unknownVersion;
  if (contracted) {
    const { message, hint } = explainContracted(contracted, releases, version);
    throw new UserError(message, { hint });
  }
  // In the run of a release, its own entry lists everything that it applied.
  if (proof === null || onlyRelease(context) !== undefined) return null;
  return refuseUnlisted(context, proof, version);
}
