import {
  type Decision,
  emptyState,
  encodeState,
  type LeaseHolder,
  provenRelease,
  type ReleasedService,
  type ReleaseEvent,
  type TargetState,
  unfinishedRelease,
  unprovenContractMigrations,
} from '../../../packages/release/src/index.ts';
import { Interned, remembered } from './interned.ts';
import { absent, type Scenario, type Version } from './scenario.ts';
import type { Subject } from './subject.ts';

const changingPhases: ReadonlySet<string> = new Set(['rolling', 'serving', 'restoring']);

/** All times of the model. What a runner takes for the time is in none of them. */
export const now = new Date('2026-11-24T00:00:00.000Z');

/** A rollback that was chosen: what each service is to serve. */
export interface Plan {
  from: number;
  to: number | null;
  versions: readonly Version[];
}

export type Choice =
  | { kind: 'nothing' }
  | { kind: 'refused' }
  | { kind: 'give-up'; id: string; from: number }
  | { kind: 'contracted'; sequence: number; plan: number; event: ReleaseEvent; to: number | null }
  /** The release that a rollback should have replaced serves again. */
  | { kind: 'put-back'; plan: number }
  | { kind: 'restore'; plan: number; event: ReleaseEvent };

/** The release that a rescue may change, and whether a step failed after it was proven. */
type Only = { id: string; hasFailed: boolean };

/** Who asks what to restore; null: nobody whom a later run could repeat. */
export interface Asker {
  only?: Only;
  run: string | null;
}

interface Beginning {
  /** The unfinished release that cannot be rolled back. */
  replaces?: number | undefined;
  attempt?: number | undefined;
}

const nobody: Asker = { run: null };

export type Applied = { kind: Decision['kind']; state: number };

/** The functions of the protocol over numbered states, each computed once. */
export class ProtocolCalls {
  readonly states = new Interned<TargetState>();
  readonly plans = new Interned<Plan>();
  readonly #subject: Subject;
  readonly #scenario: Scenario;

  constructor(subject: Subject, scenario: Scenario) {
    this.#subject = subject;
    this.#scenario = scenario;
  }

  /** The state after the history of the scenario. */
  initial(): number {
    const proven = this.#scenario.history.flatMap((version) => [
      this.beginning(version, false),
      this.migrated(version, []),
      this.rolling(version, [], []),
      { kind: 'serving', id: idOf(version) } as const,
      { kind: 'proven', id: idOf(version) } as const,
    ]);
    let state = emptyState('shop', 'production');
    for (const event of proven) {
      const decision = this.#subject.applyEvent(state, event, now);
      if (decision.kind === 'changed') state = decision.state;
    }
    return this.#number(state);
  }

  apply = remembered(
    (state: number, event: ReleaseEvent) => `${state} ${JSON.stringify(event)}`,
    (state: number, event: ReleaseEvent): Applied => {
      const decision = this.#subject.applyEvent(this.states.value(state), event, now);
      if (decision.kind !== 'changed') return { kind: decision.kind, state };
      return { kind: 'changed', state: this.#number(decision.state) };
    },
  );

  /** The state that a new holder of the lease writes first; null when it must not. */
  claim = remembered(
    (state: number, { run, attempt }: LeaseHolder) => `${state} ${run} ${attempt}`,
    (state: number, holder: LeaseHolder): number | null => {
      const claim = this.#subject.claimReleases(this.states.value(state), holder);
      return claim.kind === 'claimed' ? this.#number(claim.state) : null;
    },
  );

  choose = remembered(
    (state: number, to: string, { only, run }: Asker = nobody) =>
      `${state} ${to} ${only?.id} ${only?.hasFailed} ${run}`,
    (state: number, to: string, asker: Asker = nobody): Choice => {
      try {
        return this.#choice(state, to, asker);
      } catch {
        return { kind: 'refused' };
      }
    },
  );

  #choice(state: number, to: string, { only, run }: Asker): Choice {
    const chosen = this.#subject.chooseRollback(this.states.value(state), to, only, run);
    if (chosen.kind === 'nothing') return { kind: 'nothing' };
    if (chosen.kind === 'give-up') return { kind: 'give-up', id: chosen.from.id, from: chosen.from.sequence };
    const versions = this.#scenario.services.map((name) => versionOf(chosen.services[name]));
    const plan: Plan = { from: chosen.from.sequence, to: chosen.to?.sequence ?? null, versions };
    const event: ReleaseEvent = { kind: 'restore', sequence: plan.from, to: plan.to, run };
    const found = { plan: this.plans.id(JSON.stringify(plan), plan), event };
    if (plan.from === plan.to) return { kind: 'put-back', plan: found.plan };
    if (!chosen.contracted || !this.#subject.rules.respectsSchema) return { kind: 'restore', ...found };
    return { kind: 'contracted', sequence: plan.from, to: plan.to, ...found };
  }

  /** What the state says that the services serve; null while a release changes them. */
  expected = remembered(String, (state: number): readonly Version[] | null => {
    const value = this.states.value(state);
    const changing = value.releases.find(({ phase }) => changingPhases.has(phase));
    if (changing && changing.phase !== 'serving') return null;
    const serving = changing ?? provenRelease(value);
    const found = this.#scenario.preexisting ? 0 : absent;
    return this.#scenario.services.map((name) => (serving ? versionOf(serving.services[name]) : found));
  });

  /** The version of the release that serves and is proven; null where none does. */
  proven = remembered(String, (state: number): Version | null => {
    const proven = provenRelease(this.states.value(state));
    return proven ? numberOf(proven.version) : null;
  });

  unfinished = remembered(String, (state: number): Version | null => {
    const unfinished = unfinishedRelease(this.states.value(state));
    return unfinished ? numberOf(unfinished.version) : null;
  });

  beginning(version: Version, isOlder: boolean, { replaces, attempt = 1 }: Beginning = {}): ReleaseEvent {
    const run = { id: String(version), attempt: String(attempt), actor: 'somebody', url: '' };
    const release = { id: idOf(version), version: `${version}.0.0`, commit: 'c', run };
    return { kind: 'begin', release, isOlder, allowDowngrade: false, replaces };
  }

  migrating(version: Version): ReleaseEvent {
    return { kind: 'migrating', id: idOf(version), database: this.#scenario.classes[version] ?? 'none' };
  }

  migrated(version: Version, schema: readonly Version[]): ReleaseEvent {
    return { kind: 'migrated', id: idOf(version), ...this.#schemaOf(version, schema) };
  }

  /** @param serves What is observed on the target. */
  rolling(
    version: Version,
    serves: readonly Version[],
    schema: readonly Version[],
    state?: number,
  ): ReleaseEvent {
    const { services } = this.#scenario;
    const observed = services.map((name, index) => [name, serves[index] === 0 ? serviceOf(name, 0) : null]);
    return {
      kind: 'rolling',
      id: idOf(version),
      services: Object.fromEntries(services.map((name) => [name, serviceOf(name, version)])),
      preexisting: Object.fromEntries(observed),
      ...this.#schemaOf(version, schema, state),
    };
  }

  /** The class of a release: `contract` also for a contract migration that no release is proven to run on. */
  #schemaOf(version: Version, schema: readonly Version[], state?: number) {
    const contracts = schema.map((one) => `contract-${one}`);
    const releases = state === undefined ? [] : this.states.value(state).releases;
    const isUnproven = unprovenContractMigrations(contracts, releases).versions.length > 0;
    const own = this.#scenario.classes[version] ?? 'none';
    return { database: isUnproven ? ('contract' as const) : own, contracts };
  }

  #number(state: TargetState): number {
    return this.states.id(encodeState(state, ''), state);
  }
}

export function idOf(version: Version): string {
  return `${version}.0.0-${version}`;
}

export function numberOf(version: string): Version {
  return Number.parseInt(version, 10);
}

function serviceOf(name: string, version: Version): ReleasedService {
  const image = { repository: `r/${name}`, tag: null, digest: `sha256:${version}` };
  return { image, release: version === 0 ? null : idOf(version) };
}

function versionOf(service: ReleasedService | null | undefined): Version {
  return service ? Number(service.image.digest?.slice('sha256:'.length)) : absent;
}
