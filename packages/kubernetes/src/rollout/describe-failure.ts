import { indented, OutsideText } from '@slipway/kernel';
import { logLines } from '../cluster/logs.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { eventLines, evidenceLines, formatFinding } from '../verdict/explain.ts';
import type { Finding } from '../verdict/finding.ts';
import { configChanges, templateDiff } from '../verdict/template-diff.ts';
import type { FailureReport } from './workload-result.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/** Why a workload failed: by what its pods show, or by a health check from outside. */
export type FailureCause =
  | { kind: 'findings'; findings: readonly [Finding, ...Finding[]]; snapshot: Snapshot }
  | { kind: 'health-check'; reason: string; snapshot: Snapshot };

const maxEvents = 6;

/**
 * The failure as it is reported: one sentence first, then the evidence, the last lines of the log, the events since the
 * apply, and the differences from the release that works.
 */
export async function describeFailure(rollout: WorkloadRollout, cause: FailureCause): Promise<FailureReport> {
  const { target, baseline } = rollout;
  const findings = cause.kind === 'findings' ? cause.findings : [];
  const logged = findings.find(({ logs }) => logs !== null);
  const log = logged ? await logLines(target.kubectl, logged) : [];
  const events = eventLines(cause.snapshot, baseline.snapshot.at).slice(0, maxEvents);
  const lines = [
    ...evidenceLines(findings.slice(1)),
    ...titled(`last lines of ${logged?.subjects[0]}/${logged?.container}:`, log),
    ...titled('events since the apply:', events),
    ...titled('changed since the release that works:', await changesOf(rollout, cause.snapshot)),
  ];
  const outside = (line: string): OutsideText => OutsideText.of(line, target.redactor);
  const details = lines.map((line) => (typeof line === 'string' ? outside(line) : line));
  const { reason, hint } = summaryOf(rollout, cause);
  return { outcome: 'failed', reason: String(outside(reason)), hint, details };
}

function summaryOf(rollout: WorkloadRollout, cause: FailureCause): { reason: string; hint: string } {
  if (cause.kind === 'health-check')
    return {
      reason: cause.reason,
      hint: 'The pods are ready, but the service failed its health check: check its log and the URL of the check.',
    };
  const [deciding] = cause.findings;
  return { reason: formatFinding(deciding, differentName(rollout)), hint: deciding.remedy };
}

async function changesOf({ baseline, service }: WorkloadRollout, { workload }: Snapshot): Promise<string[]> {
  if (!baseline.template || !workload) return [];
  const previous = await service.previousObjects(baseline.release).catch(() => null);
  const changes = previous ? configChanges(previous.shared, service.objects.shared) : {};
  return templateDiff(baseline.template, workload.template, changes);
}

/** The name of a workload that differs from that of its service: grouped replicas do not show their workload. */
function differentName({ workload, service }: WorkloadRollout): string | undefined {
  const { name } = workload.metadata;
  return name === service.desired.name ? undefined : name;
}

type Line = string | OutsideText;

function titled(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [title, ...lines.map(indented)];
}
