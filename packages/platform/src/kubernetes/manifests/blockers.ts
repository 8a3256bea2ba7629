import { field } from './fields.ts';
import { type ManifestDocument, placeOf, titleOf } from './object.ts';

interface Blocker {
  kinds: readonly string[];
  path: readonly string[];
  blocks: (value: unknown) => boolean;
  why: (value: unknown) => string;
}

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
  const { object, kind } = manifest;
  return known
    .filter(({ kinds, path, blocks }) => kinds.includes(kind) && blocks(field(object, ...path)))
    .map(({ path, why }) => `${placeOf(manifest, path)}: ${titleOf(object)} ${why(field(object, ...path))}`);
}
