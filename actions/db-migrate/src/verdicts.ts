import { Fault } from '@slipway/kernel';
import { type AssertionFile, judgeProjections, type ProjectionState } from '@slipway/migrations';
import type { ChecklistItem } from '@slipway/release';

/** What was proven, or why not. */
export interface Judgement {
  /** null: there was nothing to prove. */
  check: ChecklistItem | null;
  failure: Fault | null;
}

/** Whether the version table holds what the files say. Pure. */
export function judgeState(table: string, differences: readonly string[]): Judgement {
  if (differences.length > 0) {
    const message = `the migrations ran, but the version table does not match the files: ${differences.join('; ')}`;
    const hint = `Something else changed ${table} during the run. Compare it with the files before you continue.`;
    return { check: null, failure: new Fault(message, { hint }) };
  }
  const evidence = `${table} holds exactly the versions of the files`;
  return { check: { id: 'versions', title: 'Version table', state: 'passed', evidence }, failure: null };
}

/** Whether the users' assertions hold. Pure. @param broken One sentence for each that does not. */
export function judgeAssertions(
  version: string | null,
  files: readonly Pick<AssertionFile, 'file'>[],
  broken: readonly string[],
): Judgement {
  const check = { id: 'assertions', title: 'Assertions' };
  if (broken.length === 0) {
    const evidence = `all of ${files.map(({ file }) => file).join(', ')} hold`;
    return { check: { ...check, state: 'passed', evidence }, failure: null };
  }
  return {
    check: { ...check, state: 'failed', evidence: broken.join('; ') },
    failure: new Fault(`the schema is at ${version}, but these assertions failed:\n${broken.join('\n')}`, {
      hint: 'The migrations stay applied and nothing was rolled out: write a migration that fixes it, then release again.',
    }),
  };
}

/** Whether the projections of an event store are as good as before. Pure. */
export function projectionJudgement(
  version: string | null,
  before: ProjectionState,
  after: ProjectionState,
): Judgement {
  const worse = judgeProjections(before, after);
  const check = { id: 'projections', title: 'Projections' };
  if (worse.length > 0) {
    const evidence = worse.join('; ');
    return {
      check: { ...check, state: 'failed', evidence },
      failure: new Fault(
        `the schema is at ${version}, but the projections are worse than before: ${evidence}`,
        {
          hint: 'The migrations stay applied and nothing was rolled out: repair the projection, then release again.',
        },
      ),
    };
  }
  if (before.openFailures === null && before.positions === null) return { check: null, failure: null };
  const evidence = 'failures and checkpoints did not get worse';
  return { check: { ...check, state: 'passed', evidence }, failure: null };
}
