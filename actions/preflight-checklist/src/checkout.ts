import { type ActionContext, commitOf, type judgeVersionCommit, short } from '@slipway/runner';
import { type Finding, failed, passed, unknown } from './checklist.ts';

const checkOut = 'Check out the commit of the run before this step: uses: actions/checkout.';

export interface CheckoutQuestion {
  /** The commit that is checked out; empty when the workspace is not a git checkout. */
  head: string;
  /** The commit that the run is for. */
  sha: string;
  version: Awaited<ReturnType<typeof judgeVersionCommit>>;
}

/** Whether the workspace is a checkout of the commit of the version, or of the commit that the run is for. */
export function judgeCheckout({ head, sha, version }: CheckoutQuestion): Finding {
  if (sha === '')
    return unknown(
      'GITHUB_SHA is not set, so the commit of the run is unknown',
      'Run this step in a workflow.',
    );
  if (head === '') return failed('the workspace is not a checkout that git can read', checkOut);
  if (version.state !== 'bound')
    return (version.state === 'mismatch' ? failed : unknown)(version.problem, version.remedy);
  if (version.tag) return passed(`the workspace is at ${short(head)}, the commit of the tag ${version.tag}`);
  if (head === sha) return passed(`the workspace is at ${short(head)}, the commit of the run`);
  return failed(`the workspace is at ${short(head)}, but the run is for ${short(sha)}`, checkOut);
}

/** The commit that a run is for: an annotated tag is followed when the checkout has it. */
export async function commitOfRun(
  context: Pick<ActionContext<unknown, never>, 'run' | 'workspace' | 'exec'>,
): Promise<string> {
  const { sha } = context.run;
  return sha === '' ? '' : ((await commitOf(context, sha)) ?? sha);
}
