import { directHttp, parseImage } from '@slipway/kernel';
import type { RolloutResult, Stamp } from '@slipway/platform';
import type { ReleaseRecord } from '@slipway/release';
import { desiredImages } from '../../../actions/rollout/src/images.ts';
import { stampBeginning } from '../../../actions/rollout/src/record-state.ts';
import type { ClusterFixture, NamespaceFixture } from './fixture.ts';

/** What the rollout action does before it changes anything: what runs and what is to run, on the cluster. */
export async function begin(namespace: NamespaceFixture, image: string, id: string): Promise<Stamp> {
  const record = { id, app: 'web', environment: 'test', version: id, commit: 'c0ffee' } as ReleaseRecord;
  const images = desiredImages(['web'], record, `web=${image}`);
  const { platform } = namespace;
  const log = { annotate: () => undefined };
  return stampBeginning({ platform, record, services: ['web'], images, log, now: new Date() });
}

/** What it does when all has gone well. */
export function settle(namespace: NamespaceFixture, stamp: Stamp): Promise<void> {
  return namespace.platform.stamp({ ...stamp, state: 'verified', at: new Date().toISOString() });
}

/** Does what the rollout action does with a platform: state first, then the rollout. */
export async function release(
  namespace: NamespaceFixture,
  image: string,
  id: string,
): Promise<RolloutResult> {
  await begin(namespace, image, id);
  const desired = { name: 'web', image: parseImage(image), release: id };
  return namespace.platform.roll(desired, { purpose: 'deploy' });
}

/** Brings back what a stamp says that ran before, as the rollback action does. */
export async function putBack(namespace: NamespaceFixture, stamp: Stamp): Promise<RolloutResult> {
  const before = stamp.previous.web;
  if (!before) throw new Error('the stamp does not say what ran before');
  return namespace.platform.roll({ name: 'web', ...before }, { purpose: 'restore' });
}

export interface Seen {
  requests: number;
  failed: number;
  versions: Set<string>;
}

/** One request every 100 ms from outside, until stopped. */
export async function watchService(
  cluster: ClusterFixture,
  namespace: NamespaceFixture,
): Promise<() => Promise<Seen>> {
  const port = await namespace.kubectl([
    'get',
    'service',
    'web',
    '--output=jsonpath={.spec.ports[0].nodePort}',
  ]);
  const url = `http://${cluster.nodeAddress}:${port}/`;
  const seen: Seen = { requests: 0, failed: 0, versions: new Set() };
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = directHttp.send({ url, timeoutMs: 5000 }).then((reply) => {
      seen.requests += 1;
      if (reply.ok && reply.status === 200) seen.versions.add(reply.body.data.trim());
      else seen.failed += 1;
    });
    pending.add(one.finally(() => pending.delete(one)));
  }, 100);
  return async () => {
    clearInterval(timer);
    await Promise.all(pending);
    return seen;
  };
}
