import { violated } from './invariants.ts';
import { initialState, openModel } from './model.ts';
import { hasFinished, keyOf, type ModelState, none } from './model-state.ts';
import type { Scenario } from './scenario.ts';
import { Settlement } from './settlement.ts';
import { steps } from './steps.ts';
import type { Subject } from './subject.ts';

/** What an exploration found. */
export interface Exploration {
  /** States that can be reached. */
  states: number;
  /** Those in which everybody has ended, as the target sees them. */
  ends: number;
  /** null when every state holds the invariants. */
  violation: Violation | null;
}

interface Violation {
  what: string;
  /** The steps that lead there; no shorter sequence does. */
  trace: string[];
}

/**
 * Visits every state that can be reached, the nearest first, until no new state appears or one violates an invariant.
 * From every end, a later release, the rescues and the re-runs of the scenario must settle the target.
 */
export function explore(subject: Subject, scenario: Scenario): Exploration {
  const model = openModel(subject, scenario);
  const first = initialState(model);
  const visited = new Map([[keyOf(first), 0]]);
  const origins: { from: number; label: string }[] = [{ from: none, label: '' }];
  const settlement = new Settlement(scenario);
  let frontier: [number, ModelState][] = [[0, first]];
  const found = (what: string, at: number, rest: readonly string[]): Exploration => ({
    states: visited.size,
    ends: settlement.ends,
    violation: { what, trace: [...traceTo(origins, at), ...rest] },
  });
  while (frontier.length > 0) {
    const next: [number, ModelState][] = [];
    for (const [at, now] of frontier) {
      const possible = steps(model, now);
      if (now.actors.every((actor) => hasFinished(actor))) {
        const problem = settlement.problem(model, now);
        if (problem) return found(problem.what, at, problem.trace);
      }
      for (const step of possible) {
        const key = keyOf(step.next);
        if (visited.has(key)) continue;
        const what = step.violation ?? violated(model, step.next);
        if (what) return found(what, at, [step.label]);
        visited.set(key, origins.length);
        next.push([origins.length, step.next]);
        origins.push({ from: at, label: step.label });
      }
    }
    frontier = next;
  }
  return { states: visited.size, ends: settlement.ends, violation: null };
}

function traceTo(origins: readonly { from: number; label: string }[], at: number): string[] {
  const trace: string[] = [];
  for (let origin = origins[at]; origin && origin.from !== none; origin = origins[origin.from])
    trace.unshift(origin.label);
  return trace;
}
