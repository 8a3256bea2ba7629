import type { DesiredService, Purpose, ReleasedService, RollOptions } from '@slipway/platform';
import type { KubernetesObject } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { PodTemplate, Snapshot } from '../snapshot/snapshot.ts';
import type { KubernetesTarget } from '../target.ts';
import type { Traffic } from '../traffic/traffic.ts';

/** What is to be applied for one service, and what restores it after a failure. */
export interface ServiceRollout {
  desired: DesiredService;
  purpose: Purpose;
  assertHeld: RollOptions['assertHeld'];
  objects: ReleaseObjects;
  /** What a deploy that fails goes back to; null when nothing ran before, and in a restore. */
  previous: ReleasedService | null;
  /** What the other services of the release go back to. */
  others: readonly ReleasedService[];
  /** Services of the release that are rolled out after this one. */
  later: readonly string[];
  /** Objects of the release that runs now; null when none were saved. */
  previousObjects: (release: string | null) => Promise<ReleaseObjects | null>;
}

/** A workload as it was immediately before it was changed. */
export interface WorkloadBaseline {
  snapshot: Snapshot;
  /** Release that its pods carried; null when Slipway did not make it, or when it did not exist. */
  release: string | null;
  /** Pods that served. */
  serving: number;
  /** Those of them that another release had made. */
  old: number;
  /** What the pods that served were made from; null when the workload did not exist. */
  template: PodTemplate | null;
}

/** The rollout of one workload. */
export interface WorkloadRollout {
  target: KubernetesTarget;
  service: ServiceRollout;
  traffic: Traffic;
  workload: KubernetesObject;
  /** Release that its pods will carry; null for a workload of no service, whose pods carry none. */
  release: string | null;
  baseline: WorkloadBaseline;
}

/** Whether fields are taken over from other managers. A restored release takes back whatever it owned. */
export function takesOverFields(
  { config }: Pick<KubernetesTarget, 'config'>,
  { purpose }: Pick<ServiceRollout, 'purpose'>,
): boolean {
  return purpose === 'restore' || config['force-conflicts'];
}
