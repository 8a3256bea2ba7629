import type { DesiredService } from '@slipway/platform';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import type { KubernetesObject } from './manifests/index.ts';
import type { PodTemplate, Snapshot } from './snapshot/snapshot.ts';
import type { KubernetesTarget } from './target.ts';

/** What is to be applied for one service, and what puts it back. */
export interface ServiceObjects {
  desired: DesiredService;
  objects: ReleaseObjects;
  /** Of the release that runs now; null when none was kept, or when it is this very one. */
  former: (release: string | null) => Promise<ReleaseObjects | null>;
  /** A restored release takes back whatever it owned; a new one asks first. */
  force: boolean;
}

/** A workload as it was just before it was changed. */
export interface Before {
  snapshot: Snapshot;
  /** Release that its pods carried; null when Slipway did not make it, or when it is not there. */
  release: string | null;
  /** Pods that served. */
  serving: number;
  /** Those of them that another release had made. */
  old: number;
  /** What the pods that served were made from; null when nothing was there. */
  template: PodTemplate | null;
}

/** One workload on its way. */
export interface Rolling {
  target: KubernetesTarget;
  service: ServiceObjects;
  workload: KubernetesObject;
  /** Release that its pods will carry; null for a workload of no service, whose pods carry none. */
  release: string | null;
  before: Before;
}
