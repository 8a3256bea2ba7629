import type { components } from '@octokit/openapi-types';
import type { PreflightConfig } from '@slipway/config';
import { short } from '@slipway/runner';
import { type Finding, failed, passed } from './checklist.ts';
import type { GitHub } from './github.ts';

type Schemas = components['schemas'];
type CheckRun = Pick<Schemas['check-run'], 'name' | 'status' | 'conclusion' | 'check_suite'>;
type Status = Pick<Schemas['simple-commit-status'], 'context' | 'state'>;
export type CheckRules = NonNullable<PreflightConfig['checks']>;

/** A check run or a commit status. `idle` decided not to run: skipped or neutral. */
export interface CommitCheck {
  name: string;
  state: 'green' | 'red' | 'pending' | 'idle';
  /** GitHub's own word for it. */
  conclusion: string;
}

/** All checks and statuses of a commit, without those of this workflow: it would wait for itself. */
export async function readChecks(github: GitHub, sha: string, runId: string): Promise<CommitCheck[]> {
  const own = await ownSuites(github, sha, runId);
  const runs = await github.list<{ check_runs: CheckRun[] }, CheckRun>(
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    { ref: sha, filter: 'latest' },
    'checks: read',
    ({ check_runs }) => check_runs,
  );
  const statuses = await github.list<{ statuses: Status[] }, Status>(
    'GET /repos/{owner}/{repo}/commits/{ref}/status',
    { ref: sha },
    'statuses: read',
    ({ statuses }) => statuses,
  );
  const others = runs.filter(({ check_suite }) => !check_suite || !own.has(check_suite.id));
  return [...others.map(fromRun), ...statuses.map(fromStatus)];
}

/**
 * Check suites of this run, and of earlier runs of the same workflow on the same commit: a failed release must not
 * block its own repetition.
 */
async function ownSuites(github: GitHub, sha: string, runId: string): Promise<Set<number | bigint>> {
  if (!/^\d+$/.test(runId)) return new Set();
  type Run = Pick<Schemas['workflow-run'], 'check_suite_id' | 'workflow_id'>;
  const needs = 'actions: read';
  const run = await github.get<Run>(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
    { run_id: runId },
    needs,
  );
  const earlier = await github.list<{ workflow_runs: Run[] }, Run>(
    'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    { workflow_id: run.workflow_id, head_sha: sha },
    needs,
    ({ workflow_runs }) => workflow_runs,
  );
  return new Set([run, ...earlier].flatMap(({ check_suite_id }) => check_suite_id ?? []));
}

function fromRun({ name, status, conclusion }: CheckRun): CommitCheck {
  if (status !== 'completed') return { name, state: 'pending', conclusion: status };
  const state =
    conclusion === 'success' ? 'green' : /^(skipped|neutral)$/.test(conclusion ?? '') ? 'idle' : 'red';
  return { name, state, conclusion: conclusion ?? 'no conclusion' };
}

function fromStatus({ context, state }: Status): CommitCheck {
  const known = { success: 'green', pending: 'pending' } as const;
  return { name: context, state: known[state as keyof typeof known] ?? 'red', conclusion: state };
}

/**
 * Required checks must exist and be green; a skipped one proves nothing. Without a list every check counts: none may be
 * red or pending, and at least one must be green. Pure.
 */
export function judgeChecks(checks: readonly CommitCheck[], rules: CheckRules, sha: string): Finding {
  const { require, ignore } = rules;
  const counted = checks.filter(({ name }) =>
    require.length > 0 ? require.includes(name) : !ignore.includes(name),
  );
  const bad = counted.filter(({ state }) => state === 'red' || state === 'pending');
  const green = counted.filter(({ state }) => state === 'green').map(({ name }) => name);
  const problems = [
    ...bad.map(({ name, state, conclusion }) => `check "${name}" is ${state} (${conclusion})`),
    ...require.flatMap((name) => missing(name, counted)),
  ];
  if (problems.length > 0) return failed(problems.join(', '), remedyFor(counted, require));
  if (green.length === 0)
    return failed(
      `no check has succeeded on ${short(sha)}`,
      'Run the tests on this commit. Checks of this workflow do not count: if it runs the tests itself, remove preflight.checks.',
    );
  const idle = counted.length - green.length;
  return passed(
    `${green.length} green on ${short(sha)}: ${list(green)}${idle > 0 ? `; ${idle} skipped` : ''}`,
  );
}

function missing(name: string, counted: readonly CommitCheck[]): string[] {
  const same = counted.filter((check) => check.name === name);
  if (same.length === 0) return [`required check "${name}" is not on the commit`];
  return same.every(({ state }) => state === 'idle')
    ? [`required check "${name}" was ${same[0]?.conclusion}`]
    : [];
}

function remedyFor(counted: readonly CommitCheck[], require: readonly string[]): string {
  if (counted.some(({ state }) => state === 'red')) return 'Release a commit whose checks are green.';
  if (counted.some(({ state }) => state === 'pending'))
    return 'Wait until the checks have finished, then re-run this job.';
  return `Make sure that ${list(require)} run on the commit, or correct preflight.checks.require.`;
}

function list(names: readonly string[]): string {
  const shown = [...new Set(names)];
  return shown.length > 8 ? `${shown.slice(0, 8).join(', ')} and ${shown.length - 8} more` : shown.join(', ');
}
