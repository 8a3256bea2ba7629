export { autoscaled, mayScaleToZero } from './autoscaled.ts';
export { blockers, canBeWatched, isScalable, isScaledByOthers } from './blockers.ts';
export type { ImageMatch, ServiceImage } from './choose-containers.ts';
export { describeDiff, diffObject } from './diff.ts';
export { formatManifest, stampTemplate, withoutReplicas } from './edit.ts';
export { field, number, text, withField } from './fields.ts';
export { matchImages, setImages } from './images.ts';
export { type LintOptions, lint, lintRules } from './lint.ts';
export { type LoadManifests, loadManifests } from './load.ts';
export { type LiveNames, missingReferences } from './missing-references.ts';
export {
  groupOf,
  isClusterWide,
  isNamespace,
  type KubernetesObject,
  kubernetesObjectSchema,
  type ManifestDocument,
  titleOf,
} from './object.ts';
export { applyOrder } from './order.ts';
export { podFromTemplate } from './pod.ts';
export { quotaRoom } from './quota.ts';
export { podReferences } from './references.ts';
export { hasConditions, hasWay, isPartOf, leadsAlike, type Way, waysOf } from './routing.ts';
export { storedForm } from './strip.ts';
export { surgeNeeds } from './surge.ts';
export { thirdPartyOwner } from './third-party-owner.ts';
export {
  isService,
  isTraffic,
  movesPort,
  podLabelsOf,
  portsOf,
  routeKinds,
  type ServicePorts,
  selectorOf,
  selectsLabels,
} from './traffic.ts';
export {
  containersOf,
  isWorkload,
  releaseOf,
  withContainerImage,
  withRelease,
  workloadKinds,
} from './workload.ts';
