import { Fault, UserError } from '@slipway/kernel';
import {
  chooseRollback,
  comesBack,
  describeDestination,
  type ReleaseEntry,
  type RestoreTarget,
  releaseName,
} from '@slipway/release';
import { isOlderRelease } from './age.ts';
import { callOffRestore } from './call-off.ts';
import { checkImages } from './check-images.ts';
import type { TargetContext } from './context.ts';
import { findRestoreProblem } from './rehearse-restore.ts';
import { requireOwnTarget } from './require-own-target.ts';
import { restoreServices } from './restore-services.ts';
import type { OpenTarget } from './with-transaction.ts';

/** How a release began. */
export type ReleaseBeginning =
  /** It is the unfinished release of the target now. */
  | { kind: 'begun'; release: ReleaseEntry; settled: string | null }
  /** It serves and is proven already. */
  | { kind: 'proven'; release: ReleaseEntry };

/**
 * Begins the release of the record, or continues it. A release that an earlier run left unfinished is settled first: what
 * it replaced is restored.
 * @param options.token Asks GitHub which of two commits came first; empty asks nothing.
 * @throws UserError when a newer release is proven, when another environment has the same replicas, or when what this run itself replaced cannot be restored.
 */
export async function beginOnTarget(
  context: TargetContext,
  target: OpenTarget,
  { allowDowngrade, token }: { allowDowngrade: boolean; token: string },
): Promise<ReleaseBeginning> {
  const { transaction } = target;
  await requireOwnTarget(context, target.platform);
  const { id, version, commit } = context.record;
  const { actor, url, ...run } = context.run;
  const release = { id, version, commit, run: { id: run.id, attempt: run.attempt, actor, url } };
  let settled: string | null = null;
  let replaces: number | undefined;
  let failure: UserError | undefined;
  for (;;) {
    const isOlder = await isOlderRelease(context, transaction.state, token);
    const decision = await transaction.send({ kind: 'begin', release, isOlder, allowDowngrade, replaces });
    switch (decision.kind) {
      case 'proven-already':
        // It is what could not be restored.
        if (failure) throw failure;
        return { kind: 'proven', release: decision.release };
      case 'unsettled':
        ({ settled, replaces, failure } = await settle(context, target, decision.release));
        break;
      default:
        return { kind: 'begun', release: decision.release, settled };
    }
  }
}

interface Settlement {
  /** One sentence about what was done. */
  settled: string;
  /** The unfinished release that cannot be rolled back, or before which nothing was proven, by its sequence. */
  replaces?: number;
  /** Why it could not be rolled back although that was tried. */
  failure?: UserError;
}

async function settle(
  context: TargetContext,
  target: OpenTarget,
  unfinished: ReleaseEntry,
): Promise<Settlement> {
  const { platform, transaction } = target;
  const { id, sequence } = unfinished;
  const version = releaseName(unfinished);
  const choice = chooseRollback(transaction.state, 'unfinished');
  context.log.info(
    `release ${version} (${id}) was left unfinished ("${unfinished.phase}"): settling it first`,
  );
  if (choice.kind === 'give-up') {
    await transaction.send({ kind: 'give-up', id });
    return {
      settled: `${version}, which an earlier run left before it changed a service, is marked as failed.`,
    };
  }
  if (choice.kind === 'nothing')
    throw new Fault(`cannot settle the unfinished release ${id}: ${choice.reason}`);
  if (choice.contracted)
    return {
      settled: `${version} was left unfinished and cannot be rolled back: ${releaseName(choice.contracted)} contracted the database schema. This release replaces it.`,
      replaces: sequence,
    };
  if (!comesBack(choice))
    return {
      settled: `${version} was left unfinished, and nothing was proven before it that could serve again. This release replaces it.`,
      replaces: sequence,
    };
  checkImages(context, choice);
  const problem = await findRestoreProblem(context, platform, choice);
  if (problem && (await isCalledOff(target, choice)))
    return { settled: describeCalledOff(choice, problem.why) };
  if (problem)
    return {
      settled: `${version} was left unfinished, and ${describeDestination(choice)} cannot be restored: ${problem.why}. This release replaces it.`,
      replaces: sequence,
    };
  await transaction.send({ kind: 'restore', sequence, to: choice.to?.sequence ?? null, run: null });
  const { services, left, details } = await restoreServices(context, target, choice);
  const failed = services.filter(({ state }) => state === 'failed');
  if (failed.length > 0) {
    const reasons = failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    if (await isCalledOff(target, choice, services)) return { settled: describeCalledOff(choice, reasons) };
    const why = `${version} was left unfinished, and ${describeDestination(choice)} could not be restored: ${reasons}`;
    const failure = new UserError(why, {
      hint: 'Fix the cause and re-run this job: it continues where it stopped. Another version replaces both.',
      details,
    });
    // A run that continued would bring back what was just found bad.
    if (id === context.record.id) throw failure;
    for (const line of details) context.log.warn(line);
    context.log.annotate({ level: 'warning', title: 'The previous version was not restored', message: why });
    return { settled: `${why}. This release replaces it.`, replaces: sequence, failure };
  }
  await transaction.send({ kind: 'restored', sequence });
  return {
    settled: [
      `${version}, which an earlier run left unfinished, was rolled back first: ${describeDestination(choice)} serves again`,
      ...left,
    ]
      .map((sentence) => `${sentence}.`)
      .join(' '),
  };
}

/** Whether somebody's rollback of a proven release has replaced nothing, and ends with that. */
async function isCalledOff(
  target: OpenTarget,
  choice: RestoreTarget,
  services?: Parameters<typeof callOffRestore>[2],
): Promise<boolean> {
  const mayServe = choice.from.asked === true && choice.migrated.length === 0;
  return mayServe && callOffRestore(target, choice, services);
}

function describeCalledOff(choice: RestoreTarget, why: string): string {
  return `A rollback to ${describeDestination(choice)} was left unfinished and cannot be completed: ${why}. It had changed nothing: ${releaseName(choice.from)} still serves and is proven.`;
}
