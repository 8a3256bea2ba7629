import type { PreflightConfig } from '@slipway/config';
import { Cancelled } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import { type ContextOf, defineAction, judgeVersionCommit } from '@slipway/runner';
import * as z from 'zod';
import { deferred, type Finding, verdict } from './checklist.ts';
import { commitOfRun, judgeCheckout } from './checkout.ts';
import { judgeConfiguration, judgeFiles, type ReadSections, readSections } from './configuration.ts';
import { gitHubItems } from './github-items.ts';
import { judgeDatabase, judgePlatform, judgeProof, judgeVersion } from './infrastructure.ts';
import { judgeRollbackPlan, manualItems } from './manual-items.ts';
import { judgeRollbackPath } from './rollback-path.ts';
import { runCheck } from './run-check.ts';
import { type Stage, stages } from './stage.ts';
import { judgeTime, releaseMinutes } from './time-limit.ts';
import { judgeVariables } from './variables.ts';

const own = {
  stage: z.enum(stages).default('all'),
  'release-minutes': z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number of minutes')
    .transform(Number)
    .prefault('150'),
  'github-token': z.string().default(''),
};
const uses = ['preflight'] as const;
type Context = ContextOf<typeof own, typeof uses>;

/**
 * Checks everything that must be true before a release changes anything, and reports all problems at once. It changes
 * nothing itself, so that a dry run is the same as a run.
 */
export const preflightChecklist = defineAction({
  name: 'preflight-checklist',
  phase: ({ stage }) => (stage === 'after-approval' ? 'probe' : 'preflight-checklist'),
  inputs: own,
  uses,
  async main(context) {
    context.redactor.add(context.inputs['github-token']);
    const { stage, 'release-minutes': otherMinutes } = context.inputs;
    const sections = readSections(context);
    const minutes = releaseMinutes(sections, otherMinutes);
    context.output({ app: context.config.app, 'timeout-minutes': String(minutes ?? '') });
    const found = await checklist(context, sections, stage);
    if (context.signal.aborted) throw new Cancelled('the checklist');
    const items = found.map((item) => withoutSecrets(item, context));
    for (const item of items) context.log.info(line(item));
    return {
      ...verdict(items, stage),
      evidence: { kind: 'checklist', items },
      outputs: { checklist: JSON.stringify(items) },
    };
  },
});

/** All checks run concurrently; the list is in the order in which people read it. */
async function checklist(context: Context, sections: ReadSections, stage: Stage): Promise<ChecklistItem[]> {
  const { config, environment, env, inputs, record, run, workspace } = context;
  const { preflight } = config;
  const sha = commitOfRun(context);
  const token = inputs['github-token'];
  const groups = await Promise.all([
    runCheck('configuration', 'Configuration', () => judgeConfiguration(sections, inputs.config, stage)),
    runCheck('files', 'Files that the configuration names', () => judgeFiles(sections, workspace)),
    runCheck('version', 'Version', () => judgeVersion(record.version)),
    runCheck('proof', 'Proof after the rollout', () => judgeProof(sections)),
    stage === 'all'
      ? []
      : runCheck('time', 'Time for the release', () =>
          judgeTime(sections, inputs['release-minutes'], run.isHosted),
        ),
    runCheck('checkout', 'Checkout', async () =>
      judgeCheckout({
        head: run.head,
        sha: await sha,
        version: await judgeVersionCommit(context, inputs),
      }),
    ),
    judgeVariables(preflight, env, environment, stage),
    probes(context, sections, stage),
    sha.then((commit) => gitHubItems(context, { token, commit: run.head || commit, stage })),
    // What the commit says of itself, and what people confirm by approving it, is the same after the approval.
    stage === 'after-approval' ? [] : ofTheApprovers(preflight, workspace),
  ]);
  return groups.flat();
}

/** The checks that reach production, which take the secrets of the environment. */
function probes(context: Context, sections: ReadSections, stage: Stage): Promise<ChecklistItem[]> {
  const probe = (judge: () => Promise<Finding>) => (): Promise<Finding> | Finding =>
    stage === 'before-approval' ? deferred('checked after the approval, with the secrets') : judge();
  return Promise.all([
    runCheck(
      'database',
      'Database',
      probe(() => judgeDatabase(sections, context)),
    ),
    runCheck(
      'platform',
      'Platform',
      probe(() => judgePlatform(sections, context)),
    ),
    runCheck(
      'rollback-path',
      'Rollback path',
      probe(() => judgeRollbackPath(sections, context)),
    ),
  ]);
}

async function ofTheApprovers(preflight: PreflightConfig, workspace: string): Promise<ChecklistItem[]> {
  const plan = preflight['rollback-plan'];
  return [
    await runCheck('rollback-plan', 'Rollback plan', () => judgeRollbackPlan(plan, workspace)),
    ...manualItems(preflight.manual),
  ];
}

/** Messages of a database or an engine may quote what they were given. */
function withoutSecrets(item: ChecklistItem, { redactor }: Context): ChecklistItem {
  const { remedy, ...rest } = item;
  return {
    ...rest,
    title: redactor.redact(item.title),
    evidence: redactor.redact(item.evidence),
    ...(remedy === undefined ? {} : { remedy: redactor.redact(remedy) }),
  };
}

const marks: Record<ChecklistItem['state'], string> = {
  passed: '✓',
  failed: '✗',
  unknown: '?',
  waived: '~',
  manual: '☐',
  skipped: '-',
  deferred: '…',
};

function line({ state, title, evidence }: ChecklistItem): string {
  return `${marks[state]} ${title}: ${evidence}`;
}
