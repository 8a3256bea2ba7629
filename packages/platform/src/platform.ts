import type { Duration, ImageReference, Outcome, OutsideText } from '@slipway/kernel';
import type { Neighbour, ReplicaScope } from './neighbour.ts';
import type { StateStore } from './state-store.ts';

/** What a service is to run: one image by digest, in one release. */
export interface DesiredService {
  name: string;
  /** By digest; without one only to restore an image that never had one (built in place). */
  image: ImageReference;
  /** Release that the replicas are labelled with; null restores replicas that Slipway did not create. */
  release: string | null;
}

/** What a service runs now, as the target itself says. */
export interface RunningService {
  name: string;
  /** Empty when nothing runs. */
  replicas: readonly RunningReplica[];
  /** What would run; null when the service is not there at all. Without replicas it is scaled to zero, or they are not created. */
  declared: ReleasedService | null;
  /** Workloads of it without replicas, as `Deployment/web`. What an autoscaler may have scaled to zero is none of them. */
  withoutReplicas: readonly string[];
  /** Why requests do not reach the replicas, as a clause; null when they do, or where the target does not show it. */
  unreached: string | null;
}

export interface RunningReplica {
  id: string;
  name: string;
  /** The image that really runs: by its repository digest, or as it was named when the target knows none. */
  image: ImageReference;
  /** Release it was created by; null when Slipway did not create it. */
  release: string | null;
  healthy: boolean;
}

/** An image, and the release that its replicas are labelled with; null when Slipway did not create them. */
export interface ReleasedService {
  image: ImageReference;
  release: string | null;
}

/** What a target saves of a release before anything of it is changed. */
export interface SavedRelease {
  /** Its id. */
  release: string;
  /** What it runs, per service, in rollout order. */
  services: Readonly<Record<string, ReleasedService>>;
  /** What each service is restored to; null for one that was not there. */
  previous: Readonly<Record<string, ReleasedService | null>>;
}

/** A replica that was seen running what a rollout asked for. */
export interface ObservedReplica {
  id: string;
  /** Repository digest of the image that runs, as the target reports it; null when the target knows none. */
  digest: string | null;
}

/** A service that runs what was asked for, with the proof. */
interface RolloutSuccess {
  ok: true;
  outcome: Extract<Outcome, 'passed' | 'skipped'>;
  /** Every replica of the service, as observed at the end of the rollout. */
  replicas: readonly ObservedReplica[];
  /** In a rollback: the ends of the logs of the replicas that were removed. */
  log?: readonly (string | OutsideText)[];
  /** In a rollback: sentences about what could not go back, and stays as the newer release left it. */
  left?: readonly string[];
  ms: Duration;
}

/** A service that could not be rolled out. The old replicas still serve, or were put back into service. */
export interface RolloutFailure {
  ok: false;
  outcome: Extract<Outcome, 'failed' | 'inconclusive'>;
  /** One sentence: what, where, why. */
  reason: string;
  hint: string;
  /** Last log lines and probe answers of the failing replica. */
  details: readonly (string | OutsideText)[];
  /**
   * Measured after the failure: how many old replicas still serve, of how many; null when that cannot be seen, and `why` says
   * so in a clause. `seen` says what was observed of them, as in "2/2 `ready`".
   */
  oldServing: { serving: number | null; of: number; seen?: string; why?: string };
  /** Sentences about what could not be put back, and stays as the failed release left it. */
  left?: readonly string[];
  ms: Duration;
}

export type RolloutResult = RolloutSuccess | RolloutFailure;

/** Asks the service itself, from outside, whether it is healthy. Nobody waits for the answer once the signal aborts. */
export type Prove = (signal?: AbortSignal) => Promise<{ ok: true } | { ok: false; detail: string }>;

/** What a restore of a service would find on the target. */
export interface RestoreSource {
  /** Whether the target holds the image itself, so that it starts without a registry; null when the target does not say. */
  hasImage: boolean | null;
  /** What would be applied with the image, in words. */
  configuration: string;
  /** Whether that is what the release was started with, and not the files of the checkout. */
  isSaved: boolean;
  /** What a restore would leave as it is, a sentence without a full stop for each. */
  left: readonly string[];
  /** What the target would refuse now, a clause for each: the restore would not be complete. */
  refused: readonly string[];
}

/** What is left of a service that was removed. */
export interface RemovedService {
  /** Sentences about what stays, since it must not be cut off. */
  left: readonly string[];
  /** The ends of the logs of the replicas that were removed. */
  log: readonly (string | OutsideText)[];
}

/** A service of an earlier release that still runs, although the new one does not have it. */
export interface LeftService {
  name: string;
  /** What of it runs, by name. */
  replicas: readonly string[];
  /** A command line that removes it, for people. */
  removal: string;
}

/** The releases that a rollback leaves. */
export interface NewerReleases {
  ids: readonly string[];
  /** When the first of them was begun, by the clock of the target: what is older was there before. */
  since: Date;
}

/** What one service would have done to it, for a dry run. */
export interface PlannedService {
  name: string;
  from: ImageReference | null;
  to: ImageReference;
  steps: readonly string[];
}

/**
 * What a rollout is for. `deploy`: a new release; anything that is wrong with it refuses it. `restore`: a rollback to
 * what ran before; nothing that is wrong with the new release or its checkout may keep it from coming back.
 */
export type Purpose = 'deploy' | 'restore';

export type RollOptions = {
  /** Asked before each change of what serves. It throws when another run holds the target, and nothing more is changed then. */
  assertHeld: () => Promise<void>;
  /** Services of the same release that are rolled after this one: what leads requests to several may wait for them. */
  later: readonly string[];
  /** Asked once the new replicas have the traffic. Default: they count as healthy when the target says so. */
  prove?: Prove;
} & (
  | {
      purpose: Extract<Purpose, 'restore'>;
      /** The release that serves again, whose shared objects are applied; null: what ran before it. */
      to: string | null;
    }
  | {
      purpose: Extract<Purpose, 'deploy'>;
      /** What the service goes back to when it fails; null when nothing was there, or nothing that was proven. */
      previous: ReleasedService | null;
      /** What the other services of the release go back to: the application as it was proven, also for a service that is new. */
      others: readonly ReleasedService[];
    }
);

/**
 * A target that runs services. Kubernetes and Compose implement it; actions know nothing else of them.
 * Every method can be called again after a crash at any point.
 */
export interface Platform {
  /** Whether services can be rolled at the same time; where not, one after the other. */
  readonly rollsInParallel: boolean;
  /** What the target keeps of the application and environment that it was opened for. */
  readonly store: StateStore;
  readonly scope: ReplicaScope;
  /** The other states in the same scope. */
  neighbours(): Promise<Neighbour[]>;
  /**
   * Proves that the target answers and, before a deploy, that the services can be rolled out.
   * @throws UserError with every reason why not.
   */
  check(services: readonly string[], purpose: Purpose): Promise<{ evidence: string }>;
  /**
   * What runs of each service.
   * @param releases Those that the target may run: what was saved for them says what belongs to a service. Without any, or when
   * nothing was saved, the checkout says it.
   */
  observe(
    services: readonly string[],
    releases?: readonly (string | null)[],
  ): Promise<Map<string, RunningService>>;
  /**
   * Saves on the target what it takes to restore a release, and what it replaces where others made that. What an earlier
   * release has started and must not be cut off is waited for.
   * @throws UserError when that does not end in time; nothing is changed then.
   */
  saveRelease(saved: SavedRelease): Promise<void>;
  /** Deletes what was saved of every release that is not named. */
  forgetReleases(keep: ReadonlySet<string>): Promise<void>;
  plan(desired: DesiredService): Promise<PlannedService>;
  /** Those of the services of an earlier release that still run. The configuration does not name them any more. */
  findLeft(release: string, services: readonly string[]): Promise<LeftService[]>;
  /**
   * Looks for what a restore of the service needs on the target, and changes nothing.
   * @param to The release that would serve again, as for a restore.
   * @throws UserError when a restore would be refused.
   */
  findRestoreSource(desired: DesiredService, to: string | null): Promise<RestoreSource>;
  /**
   * Makes the service run exactly the desired image. Old replicas serve until the new ones are ready and `prove`
   * agrees; else the old ones get the traffic back and the new ones are removed.
   */
  roll(desired: DesiredService, options: RollOptions): Promise<RolloutResult>;
  /**
   * Removes what a release created for a service that did not exist before.
   * @param restored The services that have come back: what they have, too, stays.
   */
  remove(service: string, release: string, restored: readonly DesiredService[]): Promise<RemovedService>;
  /**
   * Removes what newer releases have added to services that are restored, once all of them serve again.
   * @param services As they were restored.
   */
  removeAdded(newer: NewerReleases, services: readonly DesiredService[]): Promise<RemovedService>;
}
