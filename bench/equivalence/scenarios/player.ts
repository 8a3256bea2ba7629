import { startProber } from '../../../demo/prober.ts';
import type { Stage } from '../../../demo/stage.ts';
import type { TargetState } from '../../../demo/target-state.ts';
import { type BundleResult, runBundle } from '../../../test/support/action.ts';
import { stepEnvironment } from '../../../test/support/images.ts';
import type { RecordedRun } from '../../../test/support/recorded-runs.ts';

/** Requests a second that users send while a bundle runs. */
const rate = 10;

/** One run of a bundle in a scenario. */
export interface Step {
  inputs?: Record<string, string>;
  /** GITHUB_RUN_ID, which ends the id of the release. Default: 1. */
  runId?: string;
  env?: Record<string, string>;
  /** Sends a signal once the bundle has printed this. */
  stop?: { at: string; signal: NodeJS.Signals };
}

/** Runs bundles of one build on a stage, and records what each came to. */
export interface Player {
  stage: Stage;
  /** Lines for the input `images` of rollout, by version. */
  images: Readonly<Record<string, string>>;
  run(action: string, step?: Step): Promise<BundleResult>;
}

/** What is done with the bundles, one run after the other. It begins and ends with 1.0.0 in service. */
export type Scenario = (player: Player) => Promise<void>;

/** The bundles that are tried, and how their inputs are named. */
export interface Build {
  dist: string;
  /** Translates the inputs of today into those of the build. */
  inputs(inputs: Record<string, string>): Record<string, string>;
}

export function makePlayer(
  build: Build,
  { stage, images }: Pick<Player, 'stage' | 'images'>,
  title: string,
  record: (run: RecordedRun) => void,
): Player {
  let step = 0;
  return {
    stage,
    images,
    async run(action, given = {}) {
      step += 1;
      const inputs = { config: stage.config, environment: 'demo', ...given.inputs };
      const before = await stage.observe();
      const prober = startProber(stage.api, rate);
      const result = await start(build, stage, action, { ...given, inputs });
      const { kinds } = await prober.stop();
      const target = describeTarget(before, await stage.observe(), Object.keys(kinds));
      const { code, signal, errors, outputs } = result;
      record({ test: title, step, action, inputs, code, signal, errors: errors.length, outputs, target });
      return result;
    },
  };
}

function start(
  build: Build,
  stage: Stage,
  action: string,
  { inputs = {}, runId = '1', env, stop }: Step,
): Promise<BundleResult> {
  let printed = '';
  return runBundle(action, {
    dist: build.dist,
    inputs: build.inputs(inputs),
    workspace: stage.repository.dir,
    env: {
      ...stepEnvironment(stage),
      GITHUB_REPOSITORY: stage.repository.name,
      GITHUB_RUN_ID: runId,
      GITHUB_SHA: 'c0ffee',
      ...env,
    },
    started(child) {
      if (!stop) return;
      child.stdout?.on('data', (chunk: Buffer) => {
        const before = printed.includes(stop.at);
        printed += chunk.toString();
        // Once: a second SIGINT ends an action where it is.
        if (!before && printed.includes(stop.at)) child.kill(stop.signal);
      });
    },
  });
}

/** What a run did to the target, in words that two targets share: digests and the ids of replicas differ. */
function describeTarget(
  before: TargetState,
  after: TargetState,
  failures: readonly string[],
): Record<string, string> {
  // A busy machine answers late; what a rollout must not do is refuse, cut off or answer with an error.
  const lost = failures.some((kind) => !/^no answer within|timed out/.test(kind));
  const replicas = Object.entries(after.containers).map(([service, ids]) => {
    const same = ids.filter((id) => before.containers[service]?.includes(id)).length;
    return [`replicas of ${service}`, `${ids.length}, ${same} of them from before`] as const;
  });
  const latest = Object.entries(after.latest).map(
    ([service, digest]) =>
      [`latest of ${service}`, digest === before.latest[service] ? 'as before' : 'moved'] as const,
  );
  return {
    serving: Object.keys(after.serving).sort().join(', '),
    'schema version': String(after.schemaVersion),
    'requests of users': lost ? 'some failed' : 'none failed',
    ...Object.fromEntries([...replicas, ...latest]),
  };
}
