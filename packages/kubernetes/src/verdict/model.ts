import type { FailFast, Finding } from './finding.ts';

/** What this rollout is about, recorded after the apply, so that pods of other rollouts are never judged. */
export interface WatchedWorkload {
  /** uid of the workload. */
  uid: string;
  /** `metadata.generation` that the apply returned. */
  generation: number;
  /** Release that the new pods carry; null when what is restored was not made by Slipway. */
  release: string | null;
  /** uid of the ReplicaSet that the apply made, once it is known; null for kinds without one. */
  replicaSet: string | null;
  failFast: FailFast;
  /** ISO 8601. Earlier events belong to other rollouts. */
  appliedAt: string;
  /** Old pods that served before the apply. */
  oldBefore: number;
}

/** What earlier snapshots showed. A cause is retained, since the reasons that the cluster gives alternate. */
export interface Memory {
  /** By signature, pod or object, and container. */
  readonly seen: Readonly<Record<string, RememberedSymptom>>;
}

/** One symptom of one pod or object. Times are ISO 8601. */
interface RememberedSymptom {
  /** First seen, since it has been present without a long break. */
  since: string;
  /** Last seen. */
  last: string;
  /** Snapshots that showed it. */
  times: number;
  /** Predicate that names the cause. */
  predicate: string;
  finding: Finding;
}

/** The memory before the first snapshot. */
export const emptyMemory: Memory = { seen: {} };

/** The verdict on one snapshot. */
export type Judgement =
  | { state: 'complete'; line: string; ready: number; oldServing: number }
  | { state: 'progressing'; line: string; findings: readonly Finding[]; oldServing: number }
  | {
      state: 'failed';
      line: string;
      /** The deciding one first, then the most specific evidence. */
      findings: readonly [Finding, ...Finding[]];
      oldServing: number;
    };

export interface JudgeResult {
  judgement: Judgement;
  memory: Memory;
}
