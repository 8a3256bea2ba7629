import type { ReleasedService, ReleaseEntry, ReleaseRun } from './release-entry.ts';
import type { TargetState } from './target-state.ts';

/** What identifies a release before anything is known of its images. */
interface ReleaseIdentity {
  id: string;
  version: string;
  commit: string;
  run: ReleaseRun;
}

/** What happened, or is about to happen, to the release of the run that holds the lease. */
export type ReleaseEvent =
  | {
      kind: 'begin';
      release: ReleaseIdentity;
      /** Whether its commit or version is older than that of the proven release. */
      isOlder: boolean;
      allowDowngrade: boolean;
      /**
       * The unfinished release, by its sequence, when what it replaced cannot be restored: this one is rolled out over it.
       * Until then that one remains unfinished.
       */
      replaces?: number | undefined;
    }
  | {
      /** Before the first migration is applied: a run that is killed in the middle has still said what they mean. */
      kind: 'migrating';
      id: string;
      database: ReleaseEntry['database'];
    }
  | { kind: 'migrated'; id: string; database: ReleaseEntry['database']; contracts?: string[] | undefined }
  | {
      /** Before the first service is changed, and again by a run that continues. */
      kind: 'rolling';
      id: string;
      services: Record<string, ReleasedService>;
      /** What was observed to run that no release of Slipway made; null where nothing did. */
      preexisting: Readonly<Record<string, ReleasedService | null>>;
      database: ReleaseEntry['database'];
      contracts?: string[] | undefined;
    }
  | {
      kind: 'serving';
      id: string;
      /** The health checks that its services have passed, each as a fingerprint. */
      health?: ReleaseEntry['health'];
    }
  | {
      kind: 'proven';
      id: string;
      /** What its smoke test proved: a rollback to it has that proven again. */
      smoke?: ReleaseEntry['smoke'];
    }
  | {
      /** The release ends before it changed a service. The migrations that it applied stay. */
      kind: 'give-up';
      id: string;
      /** As with `restore`. */
      run?: string | null;
      database?: ReleaseEntry['database'];
      contracts?: string[] | undefined;
    }
  | {
      kind: 'restore';
      /** The release that stops to serve: the one that changes services, else the proven one. One that was only begun fails. */
      sequence: number;
      /** The release that serves again, by its sequence; null restores what the release found. */
      to: number | null;
      /**
       * The run of a person who takes it back; null for what settles an unfinished release, and outside a workflow run,
       * where nothing says which later one is the same.
       */
      run: string | null;
    }
  | {
      /** While a release is restored, before a backup takes the place of the database. Whether it has is asked of the server. */
      kind: 'swapping';
      sequence: number;
      /** What the old database is called then. */
      old: string;
    }
  | {
      /** While a release is restored: the migrations of all that came after what serves again are not in the database any more. */
      kind: 'reverted';
      sequence: number;
    }
  | {
      /** While a proven release is restored to another one: all of it serves, as before or again. */
      kind: 'call-off';
      sequence: number;
    }
  | { kind: 'restored'; sequence: number };

/** What the protocol says to an event. Only with `changed` is there something to write. */
export type Decision =
  | { kind: 'changed'; state: TargetState; release: ReleaseEntry }
  /** The state says so already: a repeated event, or a run that continues. */
  | { kind: 'unchanged'; release: ReleaseEntry }
  /** The same release serves and is proven: nothing is left to do. */
  | { kind: 'proven-already'; release: ReleaseEntry }
  /** Another release is unfinished: it is settled first. */
  | { kind: 'unsettled'; release: ReleaseEntry }
  | { kind: 'refused'; reason: Refusal };

type Refusal =
  /** A newer release than this one is proven. */
  | { kind: 'older'; proven: ReleaseEntry }
  /** The target does not have this release in the phase that the event needs. */
  | { kind: 'out-of-order'; release: ReleaseEntry | null };
