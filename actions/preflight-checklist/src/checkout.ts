import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Exec } from '@slipway/kernel';
import { type Finding, failed, passed, unknown } from './checklist.ts';

const checkOut = 'Check out the commit of the run before this step: uses: actions/checkout.';

export interface CheckoutQuestion {
  workspace: string;
  /** GITHUB_SHA: a commit, or an annotated tag that points to one. */
  sha: string;
  exec: Exec;
}

/** Whether the workspace is a checkout of the commit that the run is for. */
export async function judgeCheckout(question: CheckoutQuestion): Promise<Finding> {
  const { workspace, sha } = question;
  if (sha === '')
    return unknown(
      'GITHUB_SHA is not set, so the commit of the run is unknown',
      'Run this step in a workflow.',
    );
  if (!existsSync(path.join(workspace, '.git')))
    return failed('the workspace is not a git checkout', checkOut);
  const head = await resolve(question, 'HEAD');
  if (head === undefined) return failed('git cannot read the checkout in the workspace', checkOut);
  const commit = (await resolve(question, `${sha}^{commit}`)) ?? sha;
  if (head === commit) return passed(`the workspace is at ${short(head)}, the commit of the run`);
  return failed(`the workspace is at ${short(head)}, but the run is for ${short(commit)}`, checkOut);
}

/** The commit that a revision names, or undefined. In containers, another user usually owns the checkout. */
async function resolve({ workspace, exec }: CheckoutQuestion, revision: string): Promise<string | undefined> {
  const { ok, stdout } = await exec({
    argv: [
      'git',
      '-c',
      `safe.directory=${workspace}`,
      '-C',
      workspace,
      'rev-parse',
      '--verify',
      '--quiet',
      revision,
    ],
    timeoutMs: 10_000,
  });
  return ok ? stdout.data.trim() : undefined;
}

/** The commit that a run is for: an annotated tag is resolved when the checkout has it. */
export async function commitOf(question: CheckoutQuestion): Promise<string> {
  if (question.sha === '' || !existsSync(path.join(question.workspace, '.git'))) return question.sha;
  return (await resolve(question, `${question.sha}^{commit}`).catch(() => undefined)) ?? question.sha;
}

export function short(sha: string): string {
  return sha.slice(0, 7);
}
