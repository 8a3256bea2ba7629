import { type BundleResult, runBundle } from '../../test/support/action.ts';
import { type Gate, openGate } from './gate.ts';
import { type Boundary, boundaryName, type Moment, type Reference } from './plan.ts';
import { environment, environmentOf, type RunStep, type Step } from './release.ts';
import type { Site } from './site.ts';

/** Runs steps that nobody disturbs. */
export function undisturbed(site: Site): RunStep {
  const { shim } = site;
  return (step, run) => runStep(site, step, run, { PATH: `${shim.dir}:${process.env.PATH}` });
}

function runStep(
  { stage }: Site,
  { name, action, inputs }: Step,
  { prepared, attempt }: Parameters<RunStep>[1],
  env: Record<string, string>,
): Promise<BundleResult> {
  const job = name === 'rescue' ? name : 'release';
  return runBundle(action, {
    inputs: { config: stage.config, environment, ...inputs },
    env: { ...environmentOf(stage, prepared, { attempt, job }), ...env },
    workspace: prepared.workspace,
  });
}

/** Counts the changes of each step. */
class Changes {
  readonly seen: Boundary[] = [];
  step = '';

  add(kind: string): Boundary {
    const { step } = this;
    const nth = this.seen.filter((one) => one.step === step && one.kind === kind).length + 1;
    const one = { step, kind, nth };
    this.seen.push(one);
    return one;
  }
}

/** Runs a job through a gate that lets everything pass. @returns what it changed and how long its steps took. */
export async function recordJob<T>(
  site: Site,
  job: (runStep: RunStep) => Promise<T>,
): Promise<{ reference: Reference; finished: T }> {
  const changes = new Changes();
  const steps: { step: string; ms: number }[] = [];
  const gate = await openGate(site.shim, (call) => {
    changes.add(site.change(call));
    return { kind: 'go' };
  });
  try {
    const finished = await job(async (step, run) => {
      changes.step = step.name;
      const start = performance.now();
      const result = await runStep(site, step, run, gate.env);
      steps.push({ step: step.name, ms: performance.now() - start });
      return result;
    });
    return { reference: { boundaries: changes.seen, steps }, finished };
  } finally {
    await gate.close();
  }
}

/** What is known of a kill. */
export interface Kill {
  /** Whether the run was killed at all: it may have finished before. */
  met: boolean;
  /** The step in which it was killed. */
  step: string;
  /** The last change before it, and whether it was made. */
  boundary: string;
  when: 'before' | 'during' | 'after';
}

/**
 * Runs a job and kills it at a moment.
 * @param holdsLease Called once the step that is killed has written to the state, and so holds the lease.
 */
export async function killJob<T>(
  site: Site,
  moment: Moment,
  job: (runStep: RunStep) => Promise<T>,
  holdsLease: () => void,
): Promise<{ kill: Kill; finished: T }> {
  const changes = new Changes();
  const target = moment.kind === 'boundary' ? moment.boundary : { step: moment.step };
  const kill: Kill = { met: false, step: target.step, boundary: `${target.step}: begin`, when: 'after' };
  let timer: NodeJS.Timeout | undefined;
  let lost = false;
  const gate: Gate = await openGate(site.shim, (call) => {
    const change = changes.add(site.change(call));
    if (lost) return { kind: 'go' };
    Object.assign(kill, { boundary: boundaryName(change), when: 'after' });
    if (changes.step === target.step && change.kind.startsWith('state')) holdsLease();
    if (moment.kind !== 'boundary' || boundaryName(change) !== boundaryName(moment.boundary))
      return { kind: 'go' };
    kill.when = moment.when;
    return { kind: 'kill', when: moment.when, delayMs: moment.delayMs };
  });
  try {
    const finished = await job(async (step, run) => {
      if (lost) return null;
      changes.step = step.name;
      if (moment.kind === 'random' && step.name === moment.step && !timer) {
        Object.assign(kill, { boundary: `${step.name}: begin` });
        timer = setTimeout(() => {
          lost = true;
          void gate.kill();
        }, moment.afterMs);
      }
      const result = await runStep(site, step, run, gate.env);
      lost ||= result.signal === 'SIGKILL';
      Object.assign(kill, { step: step.name });
      return lost ? null : result;
    });
    kill.met = lost;
    return { kill, finished };
  } finally {
    clearTimeout(timer);
    await gate.kill();
    await gate.close();
  }
}
