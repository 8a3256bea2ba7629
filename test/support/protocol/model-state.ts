import type { Version } from './scenario.ts';

/** Where an actor is in its program. Those in `acts` are in the middle of an act on the target. */
const positions = [
  'take',
  'fence',
  'begin',
  'settle',
  'migrating',
  'migrate',
  'migrate:act',
  'migrate:applied',
  'migrated',
  'rolling',
  'roll',
  'roll:act',
  'serving',
  'watch',
  'proven',
  'back',
  'swapping',
  'revert',
  'revert:act',
  'reverted',
  'restore',
  'restore:act',
  'restored',
  'called-off',
  'free',
  'ended',
] as const;

export type Position = (typeof positions)[number];

const codes = new Map<Position, number>(positions.map((position, index) => [position, index]));
export const acts: ReadonlySet<Position> = new Set([
  'migrate:act',
  'migrate:applied',
  'roll:act',
  'revert:act',
  'restore:act',
]);

/** No value. */
export const none = -1;

export interface ActorState {
  readonly position: Position;
  /** What it has decided to write, from what it read; `none` when somebody else has written since, or it has yet to read. */
  readonly pending: number;
  readonly pendingFence: number;
  /** A write without a reply, which may still arrive. */
  readonly late: number;
  readonly lateFence: number;
  readonly lateRegister: 'state' | 'lease';
  readonly fence: number;
  /** The rollback that it carries out. */
  readonly plan: number;
  /** The service that it works on. */
  readonly service: number;
  /** Where its next step of the workflow begins, once it has the lease. */
  readonly resume: Position;
  readonly started: boolean;
  /** Its lease may have expired. */
  readonly suspect: boolean;
  readonly settling: boolean;
}

/** The target, and everybody who works on it. */
export interface ModelState {
  readonly state: number;
  readonly stateFence: number;
  /** The index of the actor that wrote the lease; `none` when it is free. */
  readonly holder: number;
  readonly leaseFence: number;
  readonly expired: boolean;
  /** What each service serves. */
  readonly serves: readonly Version[];
  /** Versions whose contract migrations were applied. */
  readonly schema: readonly Version[];
  /** The release, by its sequence, in whose rollback a backup replaced the database; negative: twice; 0: none. */
  readonly swapped: number;
  /** Which release each run of a person has taken back; see `takenBack`. */
  readonly takenBack: readonly number[];
  /** The latest attempt that has written the state. */
  readonly attempt: number;
  /** Versions whose watch passed. */
  readonly watched: readonly Version[];
  readonly faults: number;
  readonly failures: number;
  readonly actors: readonly ActorState[];
}

export const idle: ActorState = {
  position: 'take',
  pending: none,
  pendingFence: 0,
  late: none,
  lateFence: 0,
  lateRegister: 'state',
  fence: 0,
  plan: none,
  service: 0,
  resume: 'begin',
  started: false,
  suspect: false,
  settling: false,
};

export function hasFinished({ position }: ActorState): boolean {
  return position === 'ended';
}

/** The register that an actor reads and writes at its position. */
export function registerOf({ position }: ActorState): 'state' | 'lease' {
  return position === 'take' || position === 'free' ? 'lease' : 'state';
}

/** Names a state. Of fencing numbers only their order counts. */
export function keyOf(now: ModelState): string {
  const rank = ranks(now);
  const flags = (now.expired ? 1 : 0) + 2 * now.faults + 32 * now.failures;
  const key = [now.state, rank(now.stateFence), now.holder + 1, rank(now.leaseFence), flags];
  key.push(...now.serves, bits(now.schema), bits(now.watched), now.swapped + 64, now.attempt);
  key.push(now.takenBack.length, ...now.takenBack);
  for (const actor of now.actors) {
    const status = (actor.started ? 1 : 0) + (actor.suspect ? 2 : 0) + (actor.settling ? 4 : 0);
    key.push(codes.get(actor.position) ?? 0, codes.get(actor.resume) ?? 0, status, actor.service);
    key.push(actor.pending + 1, rank(actor.pendingFence), actor.plan + 1, rank(actor.fence));
    key.push(
      actor.late + 1,
      rank(actor.lateFence),
      actor.late !== none && actor.lateRegister === 'lease' ? 1 : 0,
    );
  }
  return String.fromCharCode(...key);
}

function bits(versions: readonly Version[]): number {
  return versions.reduce((sum, version) => sum | (1 << version), 0);
}

function ranks({ stateFence, leaseFence, actors }: ModelState): (fence: number) => number {
  const fences = [0, stateFence, leaseFence];
  for (const { fence, pendingFence, lateFence } of actors) fences.push(fence, pendingFence, lateFence);
  const sorted = fences.toSorted((a, b) => a - b).filter((fence, index, all) => fence !== all[index - 1]);
  return (fence) => sorted.indexOf(fence);
}
