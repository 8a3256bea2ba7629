import { contractMigrationId, numberingGaps, readCatalog, readProjections } from '@slipway/migrations';
import type { ChecklistItem } from '@slipway/release';
import { checkStaging } from './checks.ts';
import { checkDrift } from './drift.ts';
import type { Connected, Prepared, Review, Reviewed } from './migration.ts';
import { assertRunnable } from './runnable.ts';

/**
 * Stage 2: reviews the pending files, and makes sure that nothing speaks against running them. Grammar and lint are
 * loaded only when there are any. @throws UserError with everything that speaks against it; Fault, Cancelled.
 */
export async function review(run: Connected, prepared: Prepared): Promise<Reviewed> {
  const { context, database, session } = run;
  const { drift, ...found } = prepared;
  // The server compares while the grammar is loaded; a connection answers one question at a time.
  const compared = Promise.allSettled([drift]);
  const reviewed = await reviewWork(run, prepared, compared).finally(() => compared);
  const plan = planWith(prepared.plan, reviewed);
  const projections = await readProjections(session.observer, database.verify);
  const linted = found.hasWork && database.lint.level !== 'off' ? [lintCheck(reviewed)] : [];
  const gaps = gapChecks(numberingGaps(found.folder.migrations));
  for (const { evidence } of gaps) context.log.warn(`${evidence}: was a file lost in a merge?`);
  if (found.hasWork) await assertRunnable(run, { ...found, review: reviewed });
  const staged = await checkStaging(run, { ...found, plan });
  const drifted = drift === null ? null : checkDrift(database.verify, await drift);
  if (drifted?.remedy !== undefined) context.log.warn(drifted.evidence);
  return {
    ...found,
    plan,
    review: reviewed,
    projections,
    checks: [...linted, ...gaps, ...staged, ...(drifted ? [drifted] : [])],
    driftAccepted: drifted?.state === 'waived',
  };
}

/** What is planned, with what only the lint knows of the files. Pure. */
export function planWith(plan: Prepared['plan'], { pending, contracts }: Review): Prepared['plan'] {
  const pendingContracts = pending.filter((one) => one.class === 'contract').map(contractMigrationId);
  return {
    ...plan,
    pending,
    class: contracts ? 'contract' : plan.class,
    contractMigrations: [...new Set([...plan.contractMigrations, ...pendingContracts])],
  };
}

async function reviewWork(
  { context, database, session }: Connected,
  { plan: { pending }, schemas, hasWork }: Prepared,
  compared: Promise<unknown>,
): Promise<Review> {
  if (!hasWork || (pending.length === 0 && schemas.length === 0)) return nothingToReview;
  // Connects while the grammar is loaded; whoever needs it waits for it and gets its error.
  session.worker().catch(() => undefined);
  const { readFiles } = await import('./read-files.ts');
  const known = pending.length > 0 ? compared.then(() => readCatalog(session.observer)) : undefined;
  return readFiles({ context, lint: database.lint, pending, schemas, known });
}

/** Of a run that has no file to run. */
export const nothingToReview: Review = {
  pending: [],
  scripts: new Map(),
  stepwise: new Set(),
  downs: [],
  contracts: false,
  lint: { state: 'passed', evidence: 'nothing is pending' },
};

function lintCheck({ lint }: Review): ChecklistItem {
  return { id: 'lint', title: 'Lint', ...lint };
}

/** Pure. */
export function gapChecks(gaps: readonly string[]): ChecklistItem[] {
  if (gaps.length === 0) return [];
  const evidence = `there is no migration ${gaps.join(', ')}`;
  const remedy = 'Check that no file was lost in a merge.';
  return [{ id: 'gaps', title: 'Numbering', state: 'manual', evidence, remedy }];
}
