/**
 * What the cluster reports at one moment about one workload, as plain values. Every decision is computed from this
 * alone. Fields that the cluster leaves out are null or empty here, never assumed.
 */
export interface Snapshot {
  /** When the answer came, ISO 8601. */
  at: string;
  /** null when the object does not exist. */
  workload: WorkloadState | null;
  /** ReplicaSets that the workload owns; empty for kinds without them. */
  sets: readonly ReplicaSetState[];
  /** Every pod that belongs to the workload, of any revision. */
  pods: readonly PodState[];
  /** Events about the workload, its ReplicaSets, its pods and the claims of its pods. */
  events: readonly EventState[];
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job';

export interface WorkloadState {
  kind: WorkloadKind;
  name: string;
  namespace: string;
  uid: string;
  generation: number;
  observedGeneration: number;
  paused: boolean;
  /** Replicas that the object requests; for a DaemonSet the nodes it should run on; for a Job its completions. */
  wanted: number;
  updated: number;
  ready: number;
  available: number;
  total: number;
  maxSurge: string | null;
  maxUnavailable: string | null;
  minReadySeconds: number;
  /** For a StatefulSet: pods with a lower ordinal stay at the old revision. 0 for all others. */
  partition: number;
  /** The controller replaces no pod on its own (update strategy `OnDelete`). */
  onDelete: boolean;
  conditions: readonly Condition[];
  /** Somebody has deleted it, and it is not gone yet. */
  deleting: boolean;
  /** Release that the pod template carries; null when Slipway did not write it. */
  release: string | null;
  /** Revision that is being rolled out: for a Deployment its number, else the ControllerRevision hash. */
  revision: string | null;
  /** For a Job. */
  succeeded: number;
  failed: number;
  /** When a Job was started, by the clock of the cluster, ISO 8601; empty when the cluster does not report it. */
  startedAt: string;
  /** How long a Job may run before the cluster ends it; null when it has no limit. */
  activeDeadlineSeconds: number | null;
  template: PodTemplate;
}

export interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

export interface ReplicaSetState {
  name: string;
  uid: string;
  revision: string | null;
  release: string | null;
  wanted: number;
  ready: number;
  conditions: readonly Condition[];
  template: PodTemplate;
}

/** The part of a pod template that explains failures and differences between releases. */
export interface PodTemplate {
  containers: readonly ContainerSpec[];
  initContainers: readonly ContainerSpec[];
  serviceAccount: string | null;
  pullSecrets: readonly string[];
  terminationGraceSeconds: number;
  nodeSelector: Readonly<Record<string, string>>;
  readinessGates: readonly string[];
}

export interface ContainerSpec {
  name: string;
  image: string;
  command: readonly string[];
  /** Names of the variables, each with where its value comes from: a literal is stored as its SHA-256, never as text. */
  env: Readonly<Record<string, string>>;
  limits: Readonly<Record<string, string>>;
  requests: Readonly<Record<string, string>>;
  probes: Readonly<Partial<Record<'readiness' | 'liveness' | 'startup', Probe>>>;
}

export interface Probe {
  /** In words: `GET /health on port 8080`, `command check`, `TCP port 5432`. */
  does: string;
  initialDelaySeconds: number;
  periodSeconds: number;
  failureThreshold: number;
}

export interface PodState {
  name: string;
  uid: string;
  /** uid of the ReplicaSet, StatefulSet, DaemonSet or Job that created it. */
  owner: string | null;
  release: string | null;
  labels: Readonly<Record<string, string>>;
  /** `controller-revision-hash` or `pod-template-hash`. */
  revisionHash: string | null;
  node: string | null;
  phase: string;
  /** `Evicted`, `NodeLost`, … of the pod itself. */
  reason: string;
  deleting: boolean;
  /** When its grace period ends, ISO 8601; null when it is not being deleted. */
  goneBy: string | null;
  /** What must be removed before it can be deleted. */
  finalizers: readonly string[];
  createdAt: string;
  ready: boolean;
  /** When it became ready, by the clock of the cluster, ISO 8601; null when it is not ready or that is unknown. */
  readySince: string | null;
  conditions: readonly Condition[];
  containers: readonly ContainerState[];
  initContainers: readonly ContainerState[];
}

export interface ContainerState {
  name: string;
  /** Reference in the pod's specification. */
  image: string;
  /** What the node reports, such as `repo@sha256:…`; empty until it runs. */
  imageId: string;
  /** Repository digest in it; null when it has none. */
  digest: string | null;
  ready: boolean;
  restarts: number;
  state: 'waiting' | 'running' | 'terminated' | 'unknown';
  reason: string;
  message: string;
  exitCode: number | null;
  signal: number | null;
  /** How it exited the time before; null when it never did. */
  last: { reason: string; message: string; exitCode: number | null; signal: number | null } | null;
}

export interface EventState {
  kind: string;
  name: string;
  uid: string;
  reason: string;
  message: string;
  warning: boolean;
  count: number;
  /** When it was last seen, ISO 8601; empty when the cluster does not report it. */
  at: string;
  /** Container that it concerns; null when it concerns none. */
  container: string | null;
}
