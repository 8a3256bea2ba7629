import { Cancelled } from '@slipway/kernel';
import type { ChecklistItem } from '@slipway/release';
import { type ContextOf, defineAction, judgeVersionCommit } from '@slipway/runner';
import * as z from 'zod';
import { verdict } from './checklist.ts';
import { commitOfRun, judgeCheckout } from './checkout.ts';
import { judgeConfiguration, judgeFiles, readSections } from './configuration.ts';
import { gitHubItems } from './github-items.ts';
import { judgeDatabase, judgePlatform, judgeProof, judgeVersion } from './infrastructure.ts';
import { judgeRollbackPlan, manualItems } from './manual-items.ts';
import { runCheck } from './run-check.ts';
import { judgeVariables } from './variables.ts';

const own = { 'github-token': z.string().default('') };
const uses = ['preflight'] as const;
type Context = ContextOf<typeof own, typeof uses>;

/**
 * Checks everything that must be true before a release changes anything, and reports all problems at once. It changes
 * nothing itself, so that a dry run is the same as a run.
 */
export const preflightChecklist = defineAction({
  name: 'preflight-checklist',
  inputs: own,
  uses,
  async main(context) {
    context.redactor.add(context.inputs['github-token']);
    const found = await checklist(context);
    if (context.signal.aborted) throw new Cancelled('the checklist');
    const items = found.map((item) => withoutSecrets(item, context));
    for (const item of items) context.log.info(line(item));
    return {
      ...verdict(items),
      evidence: { kind: 'checklist', items },
      outputs: { checklist: JSON.stringify(items) },
    };
  },
});

/** All checks run concurrently; the list is in the order in which people read it. */
async function checklist(context: Context): Promise<ChecklistItem[]> {
  const { config, environment, env, inputs, record, run, workspace } = context;
  const { preflight } = config;
  const sections = readSections(context);
  const sha = commitOfRun(context);
  const groups = await Promise.all([
    runCheck('configuration', 'Configuration', () => judgeConfiguration(sections, inputs.config)),
    runCheck('files', 'Files that the configuration names', () => judgeFiles(sections.config, workspace)),
    runCheck('version', 'Version', () => judgeVersion(record.version)),
    runCheck('proof', 'Proof after the rollout', () => judgeProof(sections)),
    runCheck('checkout', 'Checkout', async () =>
      judgeCheckout({
        head: run.head,
        sha: await sha,
        version: await judgeVersionCommit(context, inputs),
      }),
    ),
    judgeVariables(preflight, env, environment),
    runCheck('database', 'Database', () => judgeDatabase(sections, context)),
    runCheck('platform', 'Platform', () => judgePlatform(sections, context)),
    sha.then((commit) => gitHubItems(context, inputs['github-token'], run.head || commit)),
    runCheck('rollback-plan', 'Rollback plan', () =>
      judgeRollbackPlan(preflight['rollback-plan'], workspace),
    ),
    manualItems(preflight.manual),
  ]);
  return groups.flat();
}

/** Messages of a database or an engine may quote what they were given. */
function withoutSecrets(item: ChecklistItem, { redactor }: Context): ChecklistItem {
  const { remedy, ...rest } = item;
  return {
    ...rest,
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
};

function line({ state, title, evidence }: ChecklistItem): string {
  return `${marks[state]} ${title}: ${evidence}`;
}
