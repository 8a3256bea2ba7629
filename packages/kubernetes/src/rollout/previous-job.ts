import { poll, UserError } from '@slipway/kernel';
import { applyObjects } from '../cluster/apply.ts';
import { inspectWorkload } from '../cluster/inspect-workload.ts';
import { retryWhileUnreachable } from '../cluster/retry.ts';
import { type KubernetesObject, withRelease } from '../manifests/index.ts';
import type { ReleaseObjects } from '../render/release-objects.ts';
import type { WorkloadState } from '../snapshot/snapshot.ts';
import { type KubernetesTarget, startTimeoutMsOf } from '../target.ts';
import { jobDeadlineMs } from './time-budget.ts';
import type { WorkloadRollout } from './workload-rollout.ts';

/** Time that the pods of a Job get to exit, in addition to their grace period. */
const deletionMarginSeconds = 20;
const intervalMs = 2000;

/** Whether the Job was started and neither completed nor failed: to delete it would cut it off. Pure. */
export function isRunningJob({ kind, paused, deleting, conditions }: WorkloadState): boolean {
  const isOver = conditions.some(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  return kind === 'Job' && !isOver && !paused && !deleting;
}

/**
 * Waits for Jobs of earlier releases that the release would replace and that still run, as long as they may run by their own
 * deadline, else for the start timeout. One that the release can continue is not waited for here.
 * @throws UserError when one still runs after that.
 */
export async function awaitPreviousJobs(
  target: KubernetesTarget,
  { services }: ReleaseObjects,
  release: string,
): Promise<void> {
  for (const [service, workloads] of Object.entries(services))
    for (const job of workloads.filter(({ kind }) => kind === 'Job')) {
      const live = await retryWhileUnreachable(target, () => readJob(target, job));
      if (!live || !isRunningJob(live) || (await continued(target, job, live, release))) continue;
      await awaitEnd(target, job, live, startTimeoutMsOf(target, service));
    }
}

/**
 * The pod template of a Job cannot be changed, so a Job of another release is removed first, and so is one of this
 * release that failed: it would never run again. One that runs is never removed: it is continued when it is the same.
 * @returns the Job to apply. @throws UserError when another one runs in its place.
 */
export async function makeRoomForJob(rollout: WorkloadRollout): Promise<KubernetesObject> {
  const { target, workload, baseline, release } = rollout;
  const previous = baseline.snapshot.workload;
  if (!previous || release === null) return workload;
  if (isRunningJob(previous)) {
    const same = await continued(target, workload, previous, release);
    if (same) {
      target.log.info(`continuing Job ${previous.name}, which release ${previous.release} started`);
      return same;
    }
    throw stillRunning(previous);
  }
  const hasFailed = previous.conditions.some(({ type, status }) => type === 'Failed' && status === 'True');
  if (baseline.release === release && !hasFailed) return workload;
  const { name } = workload.metadata;
  const seconds = previous.template.terminationGraceSeconds + deletionMarginSeconds;
  const args = ['delete', 'job', name, '--cascade=foreground', `--timeout=${seconds}s`];
  await target.kubectl.execOrThrow(`remove the previous Job ${name}`, args, undefined, seconds);
  return workload;
}

/**
 * The Job as it is applied to continue the live one: the same release, or another release with the same template. The API
 * server is asked, since it accepts no other template. null when it is another Job.
 */
async function continued(
  target: KubernetesTarget,
  job: KubernetesObject,
  live: WorkloadState,
  release: string,
): Promise<KubernetesObject | null> {
  if (live.release === release) return job;
  if (live.release === null) return null;
  const same = withRelease(job, live.release);
  try {
    await retryWhileUnreachable(target, () =>
      applyObjects(target.kubectl, [same], { dryRun: true, force: true }),
    );
    return same;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

async function awaitEnd(
  target: KubernetesTarget,
  job: KubernetesObject,
  live: WorkloadState,
  startTimeoutMs: number,
): Promise<void> {
  const { clock, signal, log } = target;
  const during = `the wait for Job ${live.name}`;
  const timeoutMs = jobDeadlineMs(live) ?? startTimeoutMs;
  log.info(`waiting for Job ${live.name}: ${runsSince(live)}`);
  const finished = await poll({ clock, signal, intervalMs, timeoutMs, during }, async () => {
    const now = await retryWhileUnreachable(target, () => readJob(target, job));
    if (!now || now.uid !== live.uid || !isRunningJob(now)) return { done: true, value: true };
    return { done: false, seen: 'running' };
  });
  if (!finished.ok) throw stillRunning(live);
}

async function readJob(
  target: KubernetesTarget,
  { metadata }: KubernetesObject,
): Promise<WorkloadState | null> {
  return (await inspectWorkload(target, { kind: 'Job', name: metadata.name })).workload;
}

function runsSince({ release, startedAt }: WorkloadState): string {
  const whose = release === null ? 'which Slipway did not create' : `of release ${release}`;
  return `the one ${whose} still runs${startedAt === '' ? '' : `, since ${startedAt}`}`;
}

function stillRunning(live: WorkloadState): UserError {
  return new UserError(`Job ${live.name} must be replaced, but ${runsSince(live)}`, {
    hint: `Wait until it has finished, or delete it if it may be cut off ("kubectl delete job ${live.name}"), and re-run this job. With spec.activeDeadlineSeconds in the manifest, a release waits that long for it.`,
  });
}
