import { field } from './fields.ts';
import { type KubernetesObject, locationOf, type ManifestDocument, titleOf } from './object.ts';

interface Blocker {
  kinds: readonly string[];
  path: readonly string[];
  blocks: (value: unknown) => boolean;
  why: (value: unknown) => string;
}

/** How long a finished Job must remain, to be seen by a poll that may lose the API server for a while. */
const minSecondsAfterFinish = 60;

/** Settings with which a rollout never finishes, or finishes at once without having replaced anything. */
const known: readonly Blocker[] = [
  {
    kinds: ['Deployment', 'StatefulSet'],
    path: ['spec', 'replicas'],
    blocks: (value) => value === 0,
    why: () => 'has replicas: 0, so no pod of the new version would run; set 1 or more',
  },
  {
    kinds: ['Deployment'],
    path: ['spec', 'paused'],
    blocks: (value) => value === true,
    why: () => 'has paused: true, so it would accept the new version and never roll it out; remove the line',
  },
  {
    kinds: ['Job'],
    path: ['spec', 'suspend'],
    blocks: (value) => value === true,
    why: () => 'has suspend: true, so it would never run; remove the line',
  },
  {
    kinds: ['Job'],
    path: ['spec', 'ttlSecondsAfterFinished'],
    blocks: (value) => typeof value === 'number' && value < minSecondsAfterFinish,
    why: (value) =>
      `has ttlSecondsAfterFinished: ${value}, so it may be deleted before its result is read; set ${minSecondsAfterFinish} or more`,
  },
  {
    kinds: ['StatefulSet', 'DaemonSet'],
    path: ['spec', 'updateStrategy', 'type'],
    blocks: (value) => value === 'OnDelete',
    why: () => 'has updateStrategy OnDelete, so its pods would stay at the old version; set RollingUpdate',
  },
  {
    kinds: ['StatefulSet'],
    path: ['spec', 'updateStrategy', 'rollingUpdate', 'partition'],
    blocks: (value) => typeof value === 'number' && value > 0,
    why: (value) => `has partition: ${value}, so pods below it would stay at the old version; set 0`,
  },
];

/** Why the object could not be rolled out at all, as `file:line: …`; errors regardless of the lint setting. */
export function blockers(manifest: ManifestDocument): string[] {
  const { object } = manifest;
  return blocking(object).map(
    ({ path, why }) => `${locationOf(manifest, path)}: ${titleOf(object)} ${why(field(object, ...path))}`,
  );
}

/** Whether an apply of the object creates pods that a rollout could wait for. */
export function canBeWatched(object: KubernetesObject): boolean {
  return blocking(object).length === 0;
}

function blocking(object: KubernetesObject): Blocker[] {
  return known.filter(
    ({ kinds, path, blocks }) => kinds.includes(object.kind) && blocks(field(object, ...path)),
  );
}

/** Whether the object has a number of replicas. Pure. */
export function isScalable({ kind }: KubernetesObject): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet';
}

/** Whether the manifest leaves the number of replicas to somebody else. Pure. */
export function isScaledByOthers(object: KubernetesObject): boolean {
  return isScalable(object) && field(object, 'spec', 'replicas') === undefined;
}
