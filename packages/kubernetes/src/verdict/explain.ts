import type { EventState, Snapshot } from '../snapshot/snapshot.ts';
import type { Finding } from './finding.ts';
import { plainWords } from './signatures/wording.ts';

/** Findings that are shown beside the deciding one. */
const mostEvidence = 6;

/** What was found, in one sentence; `workload` in front when it is told among others. */
export function sentence(finding: Finding, workload?: string): string {
  const text = finding.what.replace(/[.\s]+$/, '');
  return workload === undefined ? text : `${workload}: ${text}`;
}

/** The other findings, a line each, without repetition. */
export function evidenceLines(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => sentence(finding)))].slice(0, mostEvidence);
}

/** Reasons that tell of the usual course, or of the cluster rather than of the release. */
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
/** Texts that repeat a reason without its cause, and the stop of a container that was asked for. */
const empty =
  /^(?:Error: (?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)|Stopping container .*)$/;

/**
 * Events since the apply that say something, the newest first, one line for each text: `Failed web-1/web: … (x3)`.
 * `since`: when the cluster was looked at before the apply, ISO 8601.
 */
export function eventLines({ events, pods }: Snapshot, since: string): string[] {
  const leaving = new Set(pods.filter(({ deleting }) => deleting).map(({ uid }) => uid));
  const told = events
    .filter(({ reason, message }) => !noise.has(reason) && !empty.test(message))
    // What probes say of pods that are being stopped means nothing.
    .filter(({ reason, uid }) => reason !== 'Unhealthy' || !leaving.has(uid))
    .filter(({ at }) => at === '' || at >= since.slice(0, 19))
    .toSorted((a, b) => b.at.localeCompare(a.at));
  const counts = new Map<string, { event: EventState; count: number }>();
  for (const event of told) {
    const key = `${event.reason} ${sameForAll(event.message)}`;
    const known = counts.get(key);
    counts.set(key, { event: known?.event ?? event, count: (known?.count ?? 0) + event.count });
  }
  return [...counts.values()].map(({ event, count }) => {
    const where = event.container ? `${event.name}/${event.container}` : event.name;
    const often = count > 1 ? ` (x${count})` : '';
    return `${event.reason} ${where}: ${plainWords(event.message)}${often}`;
  });
}

/** The text without what differs from pod to pod. */
function sameForAll(message: string): string {
  return plainWords(message)
    .replace(/"[\w.-]+-[a-z0-9]{5}"/g, '""')
    .replace(/\b\d+\.\d+\.\d+\.\d+(?::\d+)?/g, '');
}
