import { formatDuration, formatImage, UserError } from '@slipway/kernel';
import type { Platform, Stamp } from '@slipway/platform';
import { defineAction, type Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { own, type RollbackContext, uses } from './context.ts';
import { refuseUnstamped } from './contract-migrations.ts';
import { explainContracted } from './refusal.ts';
import { restoreServices } from './restore.ts';
import { chooseTarget, type RollbackTarget } from './target.ts';

type Restore = Extract<RollbackTarget, { kind: 'restore' }>;

/**
 * Restores what ran before: broken services first, to the digests that were stamped before anything was changed,
 * each proven like in a rollout. It needs nothing but the target, and does nothing when there is nothing to do. An expanded
 * database schema stays: the previous version runs on it.
 */
export const rollback = defineAction({
  name: 'rollback',
  inputs: own,
  uses,
  async main(context) {
    const platform = await openPlatform(context.config.target, context, programFinder(context));
    const stamps = await platform.stamps(context.config.app, context.environment);
    context.output({ app: context.config.app });
    const only = releaseOf(context);
    const target = chooseTarget(stamps, context.inputs.to, only);
    if (target.kind === 'nothing') {
      context.output({ changed: 'false', verified: String(target.verified) });
      return { outcome: 'skipped', summary: `Nothing to roll back: ${target.reason}.` };
    }
    if (!context.inputs.force) refuseContracted(target, stamps);
    // In the run of a release, its own stamp lists everything that it applied.
    const doubt = only === undefined ? await askDatabase(context, target) : null;
    await platform.check(Object.keys(target.services), 'restore');
    const result = context.dryRun ? plan(context, target) : await restore(context, platform, target);
    return doubt === null ? result : { ...result, summary: `${result.summary} ${doubt}` };
  },
});

/** The only release that may be put back; undefined when any may. */
function releaseOf({ inputs, record, ownRelease }: RollbackContext): string | undefined {
  if (inputs.to === 'own') return ownRelease();
  return inputs.release === '' ? undefined : record.id;
}

/** The name of what is restored when no stamp has its version. */
const unknownVersion = 'the previous version';

function askDatabase(context: RollbackContext, { proof, version }: Restore): Promise<string | null> {
  if (proof === null || context.inputs.force) return Promise.resolve(null);
  return refuseUnstamped(context, proof, version ?? unknownVersion);
}

function refuseContracted({ contracted, version }: Restore, stamps: readonly Stamp[]): void {
  if (!contracted) return;
  const { message, hint } = explainContracted(contracted, stamps, version ?? unknownVersion);
  throw new UserError(message, { hint });
}

function countServices({ services }: Restore): string {
  const count = Object.keys(services).length;
  return count === 1 ? '1 service' : `${count} services`;
}

function plan(context: RollbackContext, target: Restore): Result {
  for (const [name, service] of Object.entries(target.services).reverse()) {
    context.log.info(
      `${name}: ${service ? `restore ${formatImage(service.image)}` : 'remove: it did not exist before'}`,
    );
  }
  const summary = `Dry run: ${countServices(target)} would be rolled back to ${target.version ?? 'what ran before'}; nothing was changed.`;
  return { outcome: 'skipped', summary };
}

async function restore(context: RollbackContext, platform: Platform, target: Restore): Promise<Result> {
  const { services: restored, details } = await restoreServices(context, platform, target);
  const failed = restored.filter(({ state }) => state === 'failed');
  const changed = restored.some(({ state }) => state === 'restored');
  context.output({ changed: String(changed), restored: target.version ?? '' });
  const evidence = { kind: 'services' as const, services: restored };
  const what = target.version ?? 'what ran before';
  if (failed.length > 0) {
    const why = failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    return {
      outcome: 'failed',
      summary: `The rollback of ${target.from.version} to ${what} did not succeed: ${why}`,
      details,
      hint: 'Manual intervention required: page someone. Fix the cause and re-run this job; it continues where it stopped.',
      evidence,
    };
  }
  await platform.stamp(restoredStamp(target, context.clock.now()));
  const took = formatDuration(restored.reduce((sum, { ms }) => sum + ms, 0));
  const each = restored.map(({ name, running }) => `${name} ${running}/${running}`).join(', ');
  const summary = changed
    ? `${target.from.version} was rolled back in ${took}: ${what} serves again and is verified (${each}).`
    : `${what} was still serving everywhere and is verified (${each}); ${target.from.version} was abandoned.`;
  return { outcome: 'passed', summary, details, evidence };
}

/** The stamp of a finished rollback: what it restored is the verified release again. */
function restoredStamp(target: Restore, now: Date): Stamp {
  return { ...target.from, state: 'restored', previous: target.services, at: now.toISOString() };
}
