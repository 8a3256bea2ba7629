import { indented, OutsideText } from '@slipway/kernel';
import type { RolloutFailure } from '@slipway/platform';
import { logLines } from './cluster/logs.ts';
import type { Rolling } from './rolling.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import { eventLines, evidenceLines, sentence } from './verdict/explain.ts';
import type { Finding } from './verdict/finding.ts';
import { configChanges, templateDiff } from './verdict/template-diff.ts';

/** What is known of a failure: the findings of the watch, or a reason from outside (the health check). */
export type Seen =
  | { findings: readonly [Finding, ...Finding[]]; snapshot: Snapshot }
  | { reason: string; snapshot: Snapshot };

/** Lines of events that are shown. */
const mostEvents = 6;

/**
 * The failure as it is told: one sentence first, then the evidence, the last lines of the log, the events since the
 * apply, and what is different from the release that works.
 */
export async function failureOf(
  rolling: Rolling,
  seen: Seen,
): Promise<Omit<RolloutFailure, 'ok' | 'ms' | 'oldServing'>> {
  const { target, service, before } = rolling;
  const findings = 'findings' in seen ? seen.findings : [];
  const [deciding] = findings;
  const telling = findings.find(({ logs }) => logs !== null);
  const log = telling ? await logLines(target.kubectl, telling) : [];
  const events = eventLines(seen.snapshot, before.snapshot.at).slice(0, mostEvents);
  const former = await service.former(before.release).catch(() => null);
  const changes =
    before.template && seen.snapshot.workload
      ? templateDiff(
          before.template,
          seen.snapshot.workload.template,
          former ? configChanges(former.shared, service.objects.shared) : {},
        )
      : [];
  const details = [
    ...evidenceLines(findings.slice(1)),
    ...titled(`last lines of ${telling?.subjects[0]}/${telling?.container}:`, log),
    ...titled('events since the apply:', events),
    ...titled('changed since the release that works:', changes),
  ].map((line) => (typeof line === 'string' ? OutsideText.of(line, target.redactor) : line));
  return {
    outcome: 'failed',
    reason: String(
      OutsideText.of(
        deciding ? sentence(deciding, amongOthers(rolling)) : 'reason' in seen ? seen.reason : '',
        target.redactor,
      ),
    ),
    hint: deciding?.remedy ?? 'The pods are ready, but the service does not do well.',
    details,
  };
}

/** The name of a workload that is not called like the service: folded replicas do not tell whose they are. */
function amongOthers({ workload, service }: Rolling): string | undefined {
  const { name } = workload.metadata;
  return name === service.desired.name ? undefined : name;
}

function titled(title: string, lines: readonly (string | OutsideText)[]): (string | OutsideText)[] {
  return lines.length === 0 ? [] : [title, ...lines.map(indented)];
}
