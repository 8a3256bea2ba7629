import type { ManifestDocument } from './object.ts';

/**
 * Kinds in the order in which they are applied; what stands in nobody's line comes at `null`. Rules that guard pods
 * (budgets, network policies) come before the pods, what sends traffic or scales them after: an Ingress must not
 * lead to what is not there, an autoscaler not act on it, and a webhook not block the pods that answer it.
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
