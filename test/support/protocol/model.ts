import { idle, type ModelState, none } from './model-state.ts';
import { ProtocolCalls } from './protocol-calls.ts';
import { type ActorSpec, absent, type Scenario } from './scenario.ts';
import type { Subject } from './subject.ts';

/** What the steps of the model are computed from. */
export interface Model {
  scenario: Scenario;
  subject: Subject;
  calls: ProtocolCalls;
}

/** One thing that can happen next. */
export interface Step {
  label: string;
  next: ModelState;
  /** Why this step must not be possible. */
  violation?: string | undefined;
}

export function openModel(subject: Subject, scenario: Scenario): Model {
  return { subject, scenario, calls: new ProtocolCalls(subject, scenario) };
}

/** The target as the history of the scenario left it, before anybody acts. */
export function initialState({ scenario, calls }: Model): ModelState {
  const serving = scenario.history.at(-1) ?? (scenario.preexisting ? 0 : absent);
  return {
    state: calls.initial(),
    stateFence: 0,
    holder: none,
    leaseFence: 0,
    expired: false,
    serves: scenario.services.map(() => serving),
    schema: [],
    swapped: 0,
    takenBack: [],
    attempt: 1,
    watched: scenario.history,
    faults: scenario.faults,
    failures: scenario.failures,
    actors: scenario.actors.map(beginActor),
  };
}

/** An actor before its first step. */
export function beginActor({ role }: ActorSpec) {
  const begins = role === 'release' || role === 're-run';
  return { ...idle, resume: begins ? ('begin' as const) : ('back' as const) };
}
