import {
  applyEvent,
  chooseRollback,
  claimReleases,
  freeLease,
  renewLease,
  takeLease,
} from '../../../packages/release/src/index.ts';

/** What the checker explores: the functions of the protocol, and what every client of it promises. */
export interface Subject {
  applyEvent: typeof applyEvent;
  chooseRollback: typeof chooseRollback;
  takeLease: typeof takeLease;
  claimReleases: typeof claimReleases;
  renewLease: typeof renewLease;
  freeLease: typeof freeLease;
  rules: ClientRules;
}

/** How the actions use the protocol. A mutant breaks one of these rules. */
export interface ClientRules {
  /** A write replaces the value that was read, and no other. */
  comparesAndSwaps: boolean;
  /** A state with a higher fencing number than that of the lease is not changed any more. */
  checksFence: boolean;
  /** A new holder writes its fencing number into the state before anything else. */
  writesFence: boolean;
  /** A holder whose lease may have expired starts no act before it has renewed it. */
  fencesItself: boolean;
  /** A phase is written before the act that it names. */
  writesAhead: boolean;
  /** `proven` is written after the watch, and not before it. */
  watchesFirst: boolean;
  /** A rescue names the release that it may change. */
  namesOwnRelease: boolean;
  /** What may not run on the schema is not restored. */
  respectsSchema: boolean;
  /** The name that the old database gets is written before a backup takes its place. */
  marksSwap: boolean;
  /** `reverted` is written after the migrations were taken back. */
  revertsFirst: boolean;
  /** A rollback is called off only when nothing of the release was replaced. */
  seesWhole: boolean;
  /** `restored` is written after the services serve again. */
  restoresFirst: boolean;
}

/** The protocol as it ships. */
export const shipped: Subject = {
  applyEvent,
  chooseRollback,
  takeLease,
  claimReleases,
  renewLease,
  freeLease,
  rules: {
    comparesAndSwaps: true,
    checksFence: true,
    writesFence: true,
    fencesItself: true,
    writesAhead: true,
    watchesFirst: true,
    namesOwnRelease: true,
    respectsSchema: true,
    marksSwap: true,
    revertsFirst: true,
    seesWhole: true,
    restoresFirst: true,
  },
};

/** The protocol with one of its cures taken out. */
export interface Mutant {
  /** The fault, in words that complete "what happens when". */
  name: string;
  subject: Subject;
  /** The scenario that shows it. */
  scenario: string;
}
