import type { PlatformName } from '../../demo/stage.ts';
import { type Played, playCase } from './case.ts';
import { makeJob, provenVersion } from './job.ts';
import {
  allBoundaries,
  type Boundary,
  boundaryName,
  type Case,
  planCase,
  type Reference,
  type References,
  type Story,
} from './plan.ts';
import { releaseJob } from './release.ts';
import { recordJob, undisturbed } from './run.ts';
import { openSite, type Site } from './site.ts';

/** What is killed, and how often. */
export interface KillsOptions {
  platform: PlatformName;
  seed: number;
  stories: readonly Story[];
  /** Number of the first case of the seed that is played: a run can continue where another one ended. */
  from: number;
  /** Kills, from that case on. */
  sample: number;
  /** Plays this case alone. */
  only: number | undefined;
  /** Rollbacks that are timed. */
  timed: number;
  /** Aborts after the case that is played at that moment; what was played counts. */
  signal: AbortSignal;
}

export interface KillsResult {
  options: KillsOptions;
  played: Played[];
  boundaries: Boundary[];
  /** Milliseconds from a verdict to the old version serving, proven; and the same by the platform's own means. */
  back: { ours: number[]; theirs: number[] };
  seconds: number;
}

/** Kills runs on a separate platform, which is removed afterwards. */
export async function kills(options: KillsOptions, say: (line: string) => void): Promise<KillsResult> {
  const start = performance.now();
  const site = await openSite(options.platform, say);
  try {
    const first = await site.versions.prepare();
    const finished = await releaseJob(first, 1, undisturbed(site));
    if (finished.state !== 'proven')
      throw new Error(`the first release was ${finished.state}: ${finished.why}`);
    const back: KillsResult['back'] = { ours: [], theirs: [] };
    const references = await recordStories(site, options.stories, back.ours, say);
    const played: Played[] = [];
    const { seed, only, from, sample } = options;
    const numbers = only === undefined ? Array.from({ length: sample }, (_, at) => from + at) : [only];
    for (const number of numbers) {
      if (options.signal.aborted) break;
      const one = await playCase(site, planCase(seed, number, references));
      played.push(one);
      say(describe(one));
    }
    if (!options.signal.aborted) await timeBack(site, options.timed, back);
    const seconds = (performance.now() - start) / 1000;
    return { options, played, boundaries: allBoundaries(references), back, seconds };
  } finally {
    await site.stop();
  }
}

/** Plays each story once without a kill: where it can be killed is what it did. */
async function recordStories(
  site: Site,
  stories: readonly Story[],
  backMs: number[],
  say: (line: string) => void,
): Promise<References> {
  const recorded: [Story, Reference][] = [];
  for (const story of stories) {
    const job = await makeJob(site, story);
    const { reference, finished } = await recordJob(site, (runStep) => job.run(1, runStep));
    if (finished.state !== job.goal) throw new Error(`${story} was ${finished.state}: ${finished.why}`);
    if (finished.backMs > 0) backMs.push(finished.backMs);
    await site.versions.discard(job.prepared);
    site.owesTags = story === 'rollback' || (site.owesTags && story !== 'good');
    say(`${story}: ${reference.boundaries.length} changes, ${secondsOf(reference)} s`);
    recorded.push([story, reference]);
  }
  return Object.fromEntries(recorded);
}

function secondsOf({ steps }: Reference): string {
  return (steps.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1);
}

/** Times rollbacks that nobody disturbs, ours first: the platform's own leave nothing that Slipway knows. */
async function timeBack(site: Site, count: number, { ours, theirs }: KillsResult['back']): Promise<void> {
  while (ours.length < count) {
    const job = await makeJob(site, 'smoke');
    ours.push((await job.run(1, undisturbed(site))).backMs);
  }
  if (count === 0) return;
  const old = await provenVersion(site);
  const { version } = await site.versions.prepare();
  for (let trial = 0; trial < count; trial++) {
    await site.undo(version);
    const start = performance.now();
    await site.undo(old);
    theirs.push(performance.now() - start);
  }
}

function momentOf({ moment }: Case): string {
  if (moment.kind === 'boundary') return `${moment.when} ${boundaryName(moment.boundary)}`;
  return `${moment.step} after ${Math.round(moment.afterMs)} ms`;
}

function describe({ planned, kill, phase, violations, seconds }: Played): string {
  const { number, story, actor, waiting } = planned;
  const moment = kill.met ? `${kill.when} ${kill.boundary}, ${phase}` : `not met (${momentOf(planned)})`;
  const line = `${number} ${story}: ${moment}; ${actor}${waiting ? ', one waits' : ''}: ${seconds.toFixed(0)} s`;
  return violations.length === 0 ? line : [line, ...violations.map((one) => `  VIOLATION ${one}`)].join('\n');
}
