import { describeError, UserError } from '@slipway/kernel';
import { hasPassed, type ReleaseEntry, releaseName } from '@slipway/release';
import { describeSmokeFailure, planSmoke, runSmoke, type SmokePlan } from '@slipway/signals';
import type { RollbackContext } from './context.ts';

type SmokeContext = Pick<RollbackContext, 'readConfig' | 'http' | 'clock' | 'signal' | 'log'>;

/**
 * Has a release that serves again prove what it proved when it was released: those of the smoke checks that it passed then.
 * A newer check proves nothing about it.
 * @returns what it fails, or why that cannot be found out, as part of a sentence; null when nothing speaks against it.
 * @throws Cancelled
 */
export async function smokeProblem(context: SmokeContext, release: ReleaseEntry): Promise<string | null> {
  let plan: SmokePlan | null;
  try {
    plan = planFor(context, release);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `its smoke checks cannot be made: ${describeError(error)}`;
  }
  if (plan === null) return null;
  const found = plan;
  const result = await context.log.group('Smoke test', () => runSmoke(context, found));
  const failure = describeSmokeFailure(plan, result);
  return failure === null ? null : `it fails its smoke test: ${failure}`;
}

/** null: there is nothing that it has ever proven so. */
function planFor({ readConfig, log }: SmokeContext, release: ReleaseEntry): SmokePlan | null {
  const { smoke } = readConfig(['smoke']);
  const hadChecks = (release.smoke?.checks.length ?? 0) > 0;
  if (!smoke) {
    if (hadChecks) warnOfNone(log, release);
    return null;
  }
  const provesVersion = (release.smoke?.version ?? true) && release.version !== '';
  const plan = planSmoke({ ...smoke, ...(provesVersion ? {} : { version: undefined }) }, release.version);
  const checks = plan.checks.filter(({ name }) => hasPassed(release, name));
  const newer = plan.checks.filter((one) => !checks.includes(one)).map(({ name }) => name);
  if (newer.length > 0)
    log.info(`not checked, because ${releaseName(release)} was proven without it: ${newer.join(', ')}`);
  if (hadChecks && checks.length === 0) warnOfNone(log, release);
  return checks.length > 0 || plan.version !== null ? { ...plan, checks } : null;
}

function warnOfNone(log: SmokeContext['log'], release: ReleaseEntry): void {
  log.annotate({
    level: 'warning',
    title: 'Smoke checks were not made',
    message: `None of the checks that ${releaseName(release)} passed when it was proven is in the configuration of this checkout.`,
  });
}
