import { beforeEach, expect, test } from '@jest/globals';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { deployment, job } from '../support/cluster/manifests.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release } from '../support/cluster/release.ts';

let cluster: ClusterFixture;
let namespace: NamespaceFixture;

/** Jobs run for longer than this namespace waits. */
const makeNamespace = namespaceEach(
  (given) => {
    ({ cluster, namespace } = given);
  },
  { service: { 'start-timeout': 4000 } },
);

let waiting: NamespaceFixture;
beforeEach(async () => {
  waiting = await makeNamespace({ on: namespace });
});

function write(to: NamespaceFixture, seconds: number): void {
  const image = `${cluster.registry}/web`;
  to.write({
    'web.yaml': deployment(image, { replicas: 1 }),
    'job.yaml': job(image, ['sleep', String(seconds)]),
  });
}

const jobUid = (): Promise<string> =>
  namespace.kubectl(['get', 'job', 'prepare', '--output=jsonpath={.metadata.uid}']);

/** A release that does not wait for its Job, which runs on. */
async function leaveRunning(seconds: number): Promise<string> {
  write(namespace, seconds);
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'failed' });
  return jobUid();
}

test('a Job that still runs is not replaced: the release is refused, and the same one continues it', async () => {
  const uid = await leaveRunning(40);
  write(namespace, 0);
  await expect(release(namespace, cluster.images.one, 'r2')).rejects.toThrow(
    /^Job prepare must be replaced, but the one of release r1 still runs, since 20[-\d]+T[:\d]+Z$/,
  );
  expect(await jobUid()).toBe(uid);
  expect(await namespace.kubectl(['get', 'deployments', '--output=name'])).toBe('');
  write(waiting, 40);
  expect(await release(waiting, cluster.images.one, 'r1-again')).toMatchObject({ outcome: 'passed' });
  expect(waiting.lines.join('\n')).toContain('continuing Job prepare, which release r1 started');
  expect(await jobUid()).toBe(uid);
}, 180_000);

test('a Job that ends in time is waited for, and then replaced', async () => {
  const uid = await leaveRunning(10);
  write(waiting, 0);
  expect(await release(waiting, cluster.images.two, 'r2')).toMatchObject({ outcome: 'passed' });
  expect(waiting.lines.join('\n')).toContain('waiting for Job prepare: the one of release r1 still runs');
  expect(await jobUid()).not.toBe(uid);
}, 180_000);

test('a first release is removed without cutting its Job off', async () => {
  const uid = await leaveRunning(600);
  expect(await namespace.platform.remove('web', 'r1', [])).toMatchObject({
    left: ['Job prepare still runs, and is not cut off'],
  });
  expect(await jobUid()).toBe(uid);
}, 120_000);
