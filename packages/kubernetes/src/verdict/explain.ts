import type { EventState, Snapshot } from '../snapshot/snapshot.ts';
import type { Finding } from './finding.ts';
import { plainMessage } from './signatures/wording.ts';

/** Findings that are shown in addition to the deciding one. */
const maxEvidence = 6;

/** What was found, in one sentence; it begins with `workload` where it is one of several. */
export function formatFinding(finding: Finding, workload?: string): string {
  const text = finding.what.replace(/[.\s]+$/, '');
  return workload === undefined ? text : `${workload}: ${text}`;
}

/** The other findings, a line each, without repetition. */
export function evidenceLines(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => formatFinding(finding)))].slice(0, maxEvidence);
}

/** Reasons of the usual course of events, or of the cluster rather than of the release. */
const noise = new Set([
  'Pulling',
  'Pulled',
  'Created',
  'Started',
  'Scheduled',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'SuccessfulAttachVolume',
  'ScalingReplicaSet',
  'MissingClusterDNS',
  'SandboxChanged',
  'BackOff',
  'LeaderElection',
  'FailedToUpdateEndpoint',
]);
/** Texts that repeat a reason without its cause, and the requested stop of a container. */
const empty =
  /^(?:Error: (?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)|Stopping container .*)$/;

/**
 * Events since the apply that explain something, the newest first, one line for each text: `Failed web-1/web: … (x3)`.
 * `since`: when the cluster was inspected before the apply, ISO 8601.
 */
export function eventLines({ events, pods }: Snapshot, since: string): string[] {
  const leaving = new Set(pods.filter(({ deleting }) => deleting).map(({ uid }) => uid));
  const relevant = events
    .filter(({ reason, message }) => !noise.has(reason) && !empty.test(message))
    // Failing probes of pods that are being stopped mean nothing.
    .filter(({ reason, uid }) => reason !== 'Unhealthy' || !leaving.has(uid))
    .filter(({ at }) => at === '' || at >= since.slice(0, 19))
    .toSorted((a, b) => b.at.localeCompare(a.at));
  const counts = new Map<string, { event: EventState; count: number }>();
  for (const event of relevant) {
    const key = `${event.reason} ${sameForAll(event.message)}`;
    const known = counts.get(key);
    counts.set(key, { event: known?.event ?? event, count: (known?.count ?? 0) + event.count });
  }
  return [...counts.values()].map(({ event, count }) => {
    const where = event.container ? `${event.name}/${event.container}` : event.name;
    const often = count > 1 ? ` (x${count})` : '';
    return `${event.reason} ${where}: ${plainMessage(event.message)}${often}`;
  });
}

/** The text without what differs from pod to pod. */
function sameForAll(message: string): string {
  return plainMessage(message)
    .replace(/"[\w.-]+-[a-z0-9]{5}"/g, '""')
    .replace(/\b\d+\.\d+\.\d+\.\d+(?::\d+)?/g, '');
}
