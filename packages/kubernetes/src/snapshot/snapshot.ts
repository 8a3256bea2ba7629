/**
 * What the cluster says at one moment about one workload, as plain values. Everything that decides is computed from
 * this alone. Fields that the cluster leaves out are null or empty here, never assumed.
 */
export interface Snapshot {
  /** When the answer came, ISO 8601. */
  at: string;
  /** null when the object is not there. */
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
  /** Replicas that the object asks for; of a DaemonSet the nodes it should run on; of a Job its completions. */
  wanted: number;
  updated: number;
  ready: number;
  available: number;
  total: number;
  maxSurge: string | null;
  maxUnavailable: string | null;
  minReadySeconds: number;
  /** Of a StatefulSet: pods with a lower ordinal keep the old revision. 0 for all others. */
  partition: number;
  /** The controller replaces no pod by itself (update strategy `OnDelete`). */
  onDelete: boolean;
  conditions: readonly Condition[];
  /** Release that the pod template carries; null when Slipway did not write it. */
  release: string | null;
  /** Revision that is being rolled out: of a Deployment its number, of StatefulSets and DaemonSets the ControllerRevision hash. */
  revision: string | null;
  /** Of a Job. */
  succeeded: number;
  failed: number;
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
  /** Names of the variables, each with where its value comes from: a literal is kept as its SHA-256, never as text. */
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
  /** uid of the ReplicaSet, StatefulSet, DaemonSet or Job that made it. */
  owner: string | null;
  release: string | null;
  /** `controller-revision-hash` or `pod-template-hash`. */
  revisionHash: string | null;
  node: string | null;
  phase: string;
  /** `Evicted`, `NodeLost`, … of the pod itself. */
  reason: string;
  deleting: boolean;
  /** When it should be gone at the latest, its grace included, ISO 8601; null when it is not being deleted. */
  goneBy: string | null;
  /** What must be taken off before it can go. */
  finalizers: readonly string[];
  createdAt: string;
  ready: boolean;
  /** Since when it is, by the clock of the cluster, ISO 8601; null when it is not or nobody says. */
  readySince: string | null;
  conditions: readonly Condition[];
  containers: readonly ContainerState[];
  initContainers: readonly ContainerState[];
}

export interface ContainerState {
  name: string;
  /** Reference in the pod's specification. */
  image: string;
  /** What the node says it runs, e.g. `docker-pullable://repo@sha256:…`; empty until it runs. */
  imageId: string;
  ready: boolean;
  restarts: number;
  state: 'waiting' | 'running' | 'terminated' | 'unknown';
  reason: string;
  message: string;
  exitCode: number | null;
  signal: number | null;
  /** How it ended the time before; null when it never did. */
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
  /** Last time it was seen, ISO 8601; empty when the cluster does not say. */
  at: string;
  /** Container it is about, when it is about one. */
  container: string | null;
}
