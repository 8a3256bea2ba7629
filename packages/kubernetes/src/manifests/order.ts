import type { ManifestDocument } from './object.ts';

/**
 * Kinds in the order in which they are applied; unlisted kinds come at `null`. Rules that protect pods (budgets, network
 * policies) come before the pods, and what sends traffic to them or scales them comes after: an Ingress must not route
 * to pods that do not exist, an autoscaler must not scale them, and a webhook must not block the pods that serve it.
 */
const phases: readonly (readonly string[] | null)[] = [
  ['Namespace'],
  ['CustomResourceDefinition'],
  ['PriorityClass', 'StorageClass', 'IngressClass', 'RuntimeClass', 'GatewayClass', 'VolumeSnapshotClass'],
  ['ServiceAccount'],
  ['Role', 'ClusterRole'],
  ['RoleBinding', 'ClusterRoleBinding'],
  ['ResourceQuota', 'LimitRange'],
  ['PersistentVolume', 'PersistentVolumeClaim'],
  ['Secret'],
  ['ConfigMap'],
  ['Service'],
  null,
  ['NetworkPolicy', 'PodDisruptionBudget'],
  ['Job'],
  ['Pod', 'ReplicaSet', 'ReplicationController', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'],
  ['Ingress', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'IngressRoute', 'VirtualService', 'Route'],
  ['APIService', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  ['HorizontalPodAutoscaler', 'ScaledObject', 'VerticalPodAutoscaler'],
];

const phaseOf = new Map(
  phases.flatMap((kinds, phase) => (kinds ?? []).map((kind) => [kind, phase] as const)),
);
const others = phases.indexOf(null);

/** The documents in an order that works when they are applied one after the other; stable within a phase. */
export function applyOrder(documents: readonly ManifestDocument[]): ManifestDocument[] {
  const phase = ({ kind }: ManifestDocument): number => phaseOf.get(kind) ?? others;
  return [...documents].sort((a, b) => phase(a) - phase(b));
}
