import type { DesiredService } from '../platform.ts';
import type { Before } from './before.ts';
import type { ReleaseObjects } from './kept/kept-documents.ts';
import type { KubernetesObject } from './manifests/index.ts';
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

/** One workload on its way. */
export interface Rolling {
  target: KubernetesTarget;
  service: ServiceObjects;
  workload: KubernetesObject;
  /** Release that its pods will carry; null for a workload of no service, whose pods carry none. */
  release: string | null;
  before: Before;
}
