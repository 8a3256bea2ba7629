import type { ReleaseEntry } from '../../../packages/release/src/index.ts';

/** A version: a number, so that their order is known. 0 is what ran before Slipway. */
export type Version = number;
/** What the model has of a service in place of a version. */
export const absent = 8;
export const mixed = 9;

export interface ActorSpec {
  role: 'release' | 'rescue' | 're-run' | 'rollback';
  /** The release that it works for; a negative number, which names its run, for a rollback by a person. */
  version: Version;
  /** Where a person rolls back to; `previous` unless it is named. */
  to?: string;
  /** A rescue of a release that a later step found bad, although it was proven without it. */
  hasFailed?: boolean;
  /** The attempt of its run; 2 for a re-run and 1 for all others, unless it is named. */
  attempt?: number;
  /** Starts when the actor with this index has ended. */
  after?: number;
}

/** Actors of one release, or of one rollback by a person, are steps, jobs and attempts of one run. */
export function runOf({ version }: Pick<ActorSpec, 'version'>): string {
  return String(version);
}

/** The attempt of its run that an actor is part of. */
export function attemptOf({ role, attempt }: ActorSpec): number {
  return attempt ?? (role === 're-run' ? 2 : 1);
}

/** Who acts on the target, what can happen to them, and how often in one run. */
export interface Scenario {
  name: string;
  actors: readonly ActorSpec[];
  /** Versions that were proven one after the other before the actors start. */
  history: readonly Version[];
  services: readonly string[];
  /** What ran before the first release: version 0, or nothing. */
  preexisting: boolean;
  /** The class of the migrations of each version; `none` unless it is listed. */
  classes: Readonly<Partial<Record<Version, ReleaseEntry['database']>>>;
  /** How a rollback past a contract migration takes it back. */
  takesBack?: 'down' | 'restore';
  /** How many kills, lost replies, repeated deliveries and expiries may happen in one run, all together. */
  faults: number;
  /** How many times an act or a watch may fail. */
  failures: number;
}
