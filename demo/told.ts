import type { RunResult } from '@slipway/local-runner';
import type { ProbeReport } from './prober.ts';
import type { PlatformName } from './stage.ts';
import { services, type World } from './world.ts';

export interface ToldStep {
  id: string;
  conclusion: string;
  outputs: Record<string, string>;
  seconds: number;
  startedAt: number;
  endedAt: number;
}

/** How a story went: the run as the workflow tells it, the world as it was found before and after. */
export interface Told {
  platform: PlatformName;
  conclusion: RunResult['conclusion'];
  before: World;
  after: World;
  probe: ProbeReport;
  /** `latest` stands for what it stood for before. */
  latestUnmoved: boolean;
  /** `latest` stands for the digests of the new version, and those are not the old ones. */
  latestIsNew: boolean;
  step(id: string): ToldStep | undefined;
  job(id: string): string | undefined;
  /** The one error annotation of a step. */
  errorOf(step: string): string;
  sameContainers(service: string): boolean;
  secondsBetween(ended: string, started: string): number;
}

export interface Facts {
  platform: PlatformName;
  result: RunResult;
  errors: Readonly<Record<string, string>>;
  before: World;
  after: World;
  newDigests: Record<string, string | null>;
  probe: ProbeReport;
}

export function tell(facts: Facts): Told {
  const { result, before, after, probe } = facts;
  const steps = Object.values(result.jobs).flatMap((job) => job.steps);
  const find = (id: string): ToldStep | undefined => {
    const step = steps.find((one) => one.id === id);
    if (!step) return undefined;
    const [startedAt, endedAt] = [Number(step.startedAt), Number(step.endedAt)];
    const { conclusion, outputs } = step;
    return { id, conclusion, outputs, startedAt, endedAt, seconds: (endedAt - startedAt) / 1000 };
  };
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
    secondsBetween: (ended, started) =>
      ((find(started)?.startedAt ?? Infinity) - (find(ended)?.endedAt ?? 0)) / 1000,
  };
}
