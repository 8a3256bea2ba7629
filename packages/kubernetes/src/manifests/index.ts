export { autoscaled } from './autoscaled.ts';
export { blockers, canBeWatched } from './blockers.ts';
export { type Compared, type DiffLine, describeDiff, diffObject } from './diff.ts';
export { rendered, stampTemplate, withoutReplicas } from './edit.ts';
export { type ImageMatch, type ServiceImage, setImages } from './images.ts';
export { type LintFinding, type LintOptions, lint, lintRules } from './lint.ts';
export { type LoadManifests, loadManifests } from './load.ts';
export { type LiveNames, missingReferences } from './missing.ts';
export {
  isClusterWide,
  isNamespace,
  type KubernetesObject,
  type ManifestDocument,
  placeOf,
  titleOf,
} from './object.ts';
export { applyOrder } from './order.ts';
export { type ForeignOwner, foreignOwner } from './ownership.ts';
export { podFromTemplate } from './pod.ts';
export { quotaRoom } from './quota.ts';
export { type PodReference, type PodReferences, podReferences } from './references.ts';
export type { ParseReference } from './repository.ts';
export { storedForm } from './strip.ts';
export { type SurgeNeeds, surgeNeeds } from './surge.ts';
export { containersOf, isWorkload, releaseOf, workloadKinds } from './workload.ts';
