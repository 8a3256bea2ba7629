import { unsettled, violated } from './invariants.ts';
import { beginActor, type Model } from './model.ts';
import { type ModelState, none } from './model-state.ts';
import { replacedBy } from './programs.ts';
import type { ActorSpec, Scenario } from './scenario.ts';
import { steps } from './steps.ts';

/** The version of the release that comes after all others. */
const last = 7;
/** An attempt of a run after all others of it. */
const latest = 9;

/** What settles the target once everybody has ended. */
export class Settlement {
  readonly #settlers: readonly ActorSpec[];
  readonly #seen = new Set<string>();

  constructor({ actors }: Scenario) {
    const own = actors.filter(({ role }) => role === 'release');
    this.#settlers = [
      { role: 'release', version: last },
      ...own.map(({ version }) => ({ role: 're-run' as const, version, attempt: latest })),
      ...own.map(({ version }) => ({ role: 'rescue' as const, version, attempt: latest })),
      { role: 'rollback', version: -last },
    ];
  }

  /** How many ends were settled that differ for the target. */
  get ends(): number {
    return this.#seen.size;
  }

  /** What a settler that nothing disturbs does not put in order. */
  problem(model: Model, end: ModelState): { what: string; trace: string[] } | null {
    const key = [end.state, end.stateFence < end.leaseFence, end.holder, end.serves, end.schema].join(' ');
    if (this.#seen.has(key)) return null;
    this.#seen.add(key);
    for (const settler of this.#settlers) {
      const problem = settle(model, end, settler);
      if (problem) return problem;
    }
    return null;
  }
}

/** Lets one actor act alone, after every lease has expired. */
function settle(model: Model, end: ModelState, settler: ActorSpec): { what: string; trace: string[] } | null {
  const alone: Model = {
    ...model,
    scenario: { ...model.scenario, actors: [...model.scenario.actors, settler] },
  };
  let now: ModelState = {
    ...end,
    expired: end.holder !== none,
    faults: 0,
    failures: 0,
    actors: [...end.actors.map((actor) => ({ ...actor, late: none })), beginActor(settler)],
  };
  const trace: string[] = [];
  const unfinished = model.calls.unfinished(now.state);
  for (let [step] = steps(alone, now); step; [step] = steps(alone, now)) {
    trace.push(step.label);
    now = step.next;
    const what = step.violation ?? violated(alone, now);
    if (what) return { what, trace };
  }
  const { role, version } = settler;
  const choice = model.calls.choose(now.state, 'unfinished');
  // Before which nothing was proven, a release is removed by its own run alone; any other leaves it for the next release.
  const isOther = model.calls.unfinished(now.state) !== version;
  const isLeft = choice.kind === 'contracted' && !model.scenario.takesBack;
  const cannot = isLeft || (isOther && replacedBy(model, choice) !== undefined);
  const mustSettle = role === 'release' || (!cannot && (unfinished === null || unfinished === version));
  const what = mustSettle ? unsettled(alone, now, role === 'release' ? version : null) : undefined;
  return what ? { what: `${what} after a ${role} of ${version}`, trace } : null;
}
