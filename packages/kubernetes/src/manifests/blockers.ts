import { field } from './fields.ts';
import { type KubernetesObject, type ManifestDocument, placeOf, titleOf } from './object.ts';

interface Blocker {
  kinds: readonly string[];
  path: readonly string[];
  blocks: (value: unknown) => boolean;
  why: (value: unknown) => string;
}

/** Seconds that a finished Job must stay, to be seen by a poll that may lose the API server for a while. */
const shortestLife = 60;

/** Settings with which a rollout never ends, or ends at once without having rolled anything. */
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
    why: () => 'has paused: true, so it would take the new version and never roll it out; remove the line',
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
    blocks: (value) => typeof value === 'number' && value < shortestLife,
    why: (value) =>
      `has ttlSecondsAfterFinished: ${value}, so it may be gone before anybody sees how it ended; set ${shortestLife} or more`,
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

/** Why the object could not be rolled out at all, as `file:line: …`; errors whatever the lint is set to. */
export function blockers(manifest: ManifestDocument): string[] {
  const { object } = manifest;
  return blocking(object).map(
    ({ path, why }) => `${placeOf(manifest, path)}: ${titleOf(object)} ${why(field(object, ...path))}`,
  );
}

/** Whether an apply of the object makes pods that a rollout could wait for. */
export function canBeWatched(object: KubernetesObject): boolean {
  return blocking(object).length === 0;
}

function blocking(object: KubernetesObject): Blocker[] {
  return known.filter(
    ({ kinds, path, blocks }) => kinds.includes(object.kind) && blocks(field(object, ...path)),
  );
}
