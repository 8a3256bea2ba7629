import { describe, expect, test } from '@jest/globals';
import { withRelease } from '../../../packages/kubernetes/src/manifests/index.ts';
import { isRunningJob } from '../../../packages/kubernetes/src/rollout/previous-job.ts';
import { timeBudgetMs } from '../../../packages/kubernetes/src/rollout/time-budget.ts';
import { readWorkload } from '../../../packages/kubernetes/src/snapshot/read-workload.ts';

const container = { name: 'migrate', image: 'registry.example.com/web' };

function job(of: { metadata?: object; spec?: object; status?: object } = {}) {
  return readWorkload({
    kind: 'Job',
    metadata: { name: 'migrate', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', ...of.metadata },
    spec: { template: { spec: { containers: [container] } }, ...of.spec },
    status: { active: 1, startTime: '2026-01-01T00:00:05Z', ...of.status },
  });
}

describe('a Job', () => {
  test('runs from its creation until the cluster says that it is over', () => {
    expect(isRunningJob(job())).toBe(true);
    expect(isRunningJob(job({ status: {} }))).toBe(true);
    expect(job().startedAt).toBe('2026-01-01T00:00:05Z');
    const after = (type: string) => job({ status: { conditions: [{ type, status: 'True' }] } });
    expect(isRunningJob(after('Complete'))).toBe(false);
    expect(isRunningJob(after('Failed'))).toBe(false);
    expect(isRunningJob(after('FailureTarget'))).toBe(true);
  });

  test('that is suspended or deleted is cut off by nobody', () => {
    expect(
      isRunningJob(job({ spec: { suspend: true, template: { spec: { containers: [container] } } } })),
    ).toBe(false);
    expect(isRunningJob(job({ metadata: { name: 'm', uid: 'u', deletionTimestamp: 'now' } }))).toBe(false);
  });

  test('may run as long as its own deadline says', () => {
    const options = {
      workload: { kind: 'Job' },
      startTimeoutMs: 60_000,
      stabilityWindowMs: undefined,
      purpose: 'deploy',
    } as const;
    const limited = (activeDeadlineSeconds: number) =>
      job({ spec: { activeDeadlineSeconds, template: { spec: { containers: [container] } } } });
    expect(timeBudgetMs(options, job())).toBe(60_000);
    expect(timeBudgetMs(options, limited(600))).toBe(610_000);
    expect(timeBudgetMs(options, limited(5))).toBe(60_000);
  });

  test('of another release is the same when only the release differs', () => {
    const manifest = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate', annotations: { 'slipway.dev/release': 'r2', team: 'shop' } },
      spec: { template: { metadata: { annotations: { 'slipway.dev/release': 'r2' } }, spec: { a: 1 } } },
    };
    expect(withRelease(manifest, 'r1')).toEqual({
      ...manifest,
      metadata: { name: 'migrate', annotations: { 'slipway.dev/release': 'r1', team: 'shop' } },
      spec: { template: { metadata: { annotations: { 'slipway.dev/release': 'r1' } }, spec: { a: 1 } } },
    });
  });
});
