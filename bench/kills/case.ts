import { readTarget, violations } from './invariants.ts';
import { type Job, makeJob, provenVersion } from './job.ts';
import type { Case } from './plan.ts';
import { type JobResult, type Prepared, releaseJob } from './release.ts';
import { type Kill, killJob, undisturbed } from './run.ts';
import type { Site } from './site.ts';
import type { Traffic } from './users.ts';

/** How a case went. */
export interface Played {
  planned: Case;
  kill: Kill;
  /** The phase of the release on the target once the run was dead. */
  phase: string;
  /** What does not hold at the end, one sentence each. */
  violations: string[];
  traffic: Traffic;
  seconds: number;
}

/** A lease that nobody renews has expired after this. */
const leaseSeconds = 125;
/** And another job or attempt of its run may take it after this. */
const silentSeconds = 31;

/** Plays a case on a site where a proven version serves, and leaves it so when all goes well. */
export async function playCase(site: Site, planned: Case): Promise<Played> {
  const start = performance.now();
  const { story, actor, waiting } = planned;
  const job = await makeJob(site, story);
  const second = waiting || actor === 'next' ? await site.versions.prepare() : null;
  const isBad = story === 'smoke' || story === 'watch';
  const traffic = site.users.observe(isBad ? job.prepared.version : null);
  let next: Promise<JobResult> | undefined;
  const wait = (): void => {
    if (second && waiting) next ??= untilReleased(site, second);
  };
  const { kill, finished } = await killJob(site, planned.moment, (runStep) => job.run(1, runStep), wait);
  wait();
  const proven = await provenVersion(site);
  const phase = await phaseOf(site, job);
  const problems = kill.met ? await act(site, planned, job, second) : judgeEnd(job, finished, second);
  if (second) problems.push(...judgeNext(await (next ?? releaseNext(site, planned, second))));
  const version = second?.version ?? (kill.met && actor === 'rescue' ? proven : job.after);
  noteTags(site, planned, { isLast: second === null, isAfter: version === job.after, isCut: kill.met });
  problems.push(...(await violations(site, { version, mayOweTags: site.owesTags })));
  const seen = await traffic();
  const { lost } = seen;
  if (lost.length > 0) problems.push(`${lost.length} requests were lost: ${lost.slice(0, 5).join('; ')}`);
  for (const one of [job.prepared, second]) if (one) await site.versions.discard(one);
  return {
    planned,
    kill,
    phase,
    violations: problems,
    traffic: seen,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Rescue and re-run act here. For the next release, only time passes: it waits already, or begins afterwards. */
async function act(
  site: Site,
  { actor, takesOver, waiting }: Case,
  job: Job,
  second: Prepared | null,
): Promise<string[]> {
  if (actor !== 'next') site.shim.advanceClock(silentSeconds);
  if (actor === 'rescue') {
    const why = await job.rescue(undisturbed(site));
    return why === '' ? [] : [why];
  }
  if (actor === 'rerun') return judgeEnd(job, await job.run(2, undisturbed(site)), second);
  if (waiting || !takesOver) site.shim.advanceClock(leaseSeconds);
  return [];
}

/** Whether a run that nobody killed came to the end of its story, or was overtaken by the release that waited. */
function judgeEnd({ goal }: Job, { state, step, why }: JobResult, second: Prepared | null): string[] {
  const isOvertaken = second !== null && /is proven on the target and newer/.test(why);
  if (state === goal || isOvertaken) return [];
  return [`the run finished ${state} in ${step}, and not ${goal}: ${why}`];
}

function judgeNext({ state, why }: JobResult): string[] {
  return state === 'proven' ? [] : [`the next release finished ${state}: ${why}`];
}

/** A release that waits for the lease; its job is run again when it has waited too long. */
async function untilReleased(site: Site, second: Prepared): Promise<JobResult> {
  for (let attempt = 1; ; attempt++) {
    const finished = await releaseJob(second, attempt, undisturbed(site));
    if (finished.state !== 'refused' || attempt === maxAttempts) return finished;
  }
}

/** Each waits for a minute. */
const maxAttempts = 4;

/** A release that begins after the kill. */
async function releaseNext(site: Site, { takesOver }: Case, second: Prepared): Promise<JobResult> {
  return releaseJob(second, 1, undisturbed(site), { takeOver: takesOver });
}

async function phaseOf(site: Site, { prepared }: Job): Promise<string> {
  const { releases } = await readTarget(site);
  return releases.find(({ version }) => version === prepared.version)?.phase ?? 'not begun';
}

/**
 * What a killed promotion or a rollback leaves of `latest` is put right by the next promotion, and not before: a rescue
 * leaves the tags alone.
 */
function noteTags(
  site: Site,
  { story, actor }: Case,
  { isLast, isAfter, isCut }: { isLast: boolean; isAfter: boolean; isCut: boolean },
): void {
  const isPromoted = story === 'good' && isAfter;
  const isOwed = story === 'rollback' || (isPromoted && isCut && actor === 'rescue');
  site.owesTags = isLast && (isOwed || (site.owesTags && !isPromoted));
}
