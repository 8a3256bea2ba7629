import type { RunResult } from '@slipway/local-runner';
import type { ProbeReport } from './prober.ts';
import type { PlatformName } from './stage.ts';
import { services, type TargetState } from './target-state.ts';

interface StepReport {
  id: string;
  conclusion: string;
  outputs: Record<string, string>;
  seconds: number;
  startedAt: number;
  endedAt: number;
}

/** How a story went: the run as the workflow reports it, the target as it was observed before and after. */
export interface RunReport {
  platform: PlatformName;
  conclusion: RunResult['conclusion'];
  before: TargetState;
  after: TargetState;
  probe: ProbeReport;
  /** `latest` is the tag of the same digests as before. */
  latestUnmoved: boolean;
  /** `latest` is the tag of the digests of the new version, and those differ from the old ones. */
  latestIsNew: boolean;
  step(id: string): StepReport | undefined;
  job(id: string): string | undefined;
  /** The one error annotation of a step. */
  errorOf(step: string): string;
  sameContainers(service: string): boolean;
  secondsBetween(finished: string, started: string): number;
  /** The step of the rollback that a person started when the run was over. */
  onDemand: StepReport | undefined;
}

export interface Facts {
  platform: PlatformName;
  result: RunResult;
  /** The run of rollback.yml after it; null when nobody started one. */
  onDemand: RunResult | null;
  errors: Readonly<Record<string, string>>;
  before: TargetState;
  after: TargetState;
  newDigests: Record<string, string | null>;
  probe: ProbeReport;
}

export function reportRun(facts: Facts): RunReport {
  const { result, before, after, probe } = facts;
  const find = (id: string): StepReport | undefined => findStep(result, id);
  return {
    platform: facts.platform,
    conclusion: result.conclusion,
    before,
    after,
    probe,
    latestUnmoved: services.every(
      (name) => before.latest[name] !== null && before.latest[name] === after.latest[name],
    ),
    latestIsNew: services.every(
      (name) =>
        after.latest[name] !== null &&
        after.latest[name] === facts.newDigests[name] &&
        after.latest[name] !== before.latest[name],
    ),
    step: find,
    job: (id) =>
      Object.entries(result.jobs).find(([name]) => name === id || name.endsWith(`.${id}`))?.[1].result,
    errorOf: (step) => facts.errors[step] ?? '',
    sameContainers: (service) => before.containers[service]?.join() === after.containers[service]?.join(),
    secondsBetween: (finished, started) =>
      ((find(started)?.startedAt ?? Infinity) - (find(finished)?.endedAt ?? 0)) / 1000,
    onDemand: facts.onDemand ? findStep(facts.onDemand, 'rollback') : undefined,
  };
}

function findStep({ jobs }: RunResult, id: string): StepReport | undefined {
  const step = Object.values(jobs)
    .flatMap((job) => job.steps)
    .find((one) => one.id === id);
  if (!step) return undefined;
  const [startedAt, endedAt] = [Number(step.startedAt), Number(step.endedAt)];
  const { conclusion, outputs } = step;
  return { id, conclusion, outputs, startedAt, endedAt, seconds: (endedAt - startedAt) / 1000 };
}
