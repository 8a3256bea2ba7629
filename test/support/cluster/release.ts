import { freshHttp } from '@slipway/kernel';
import type { RolledOut, RolloutFailure, Stamp } from '@slipway/platform';
import type { Ground, Plot } from './ground.ts';

/** Does what the rollout action does with a platform: state first, then the rollout. */
export async function release(plot: Plot, image: string, id: string): Promise<RolledOut | RolloutFailure> {
  const [repository = '', digest = ''] = image.split('@');
  const running = (await plot.platform.observe(['web'])).get('web')?.replicas[0];
  const previous = running ? { image: repository, digest: running.digest, release: running.release } : null;
  const stamp: Stamp = {
    schema: 1,
    app: 'web',
    environment: 'test',
    release: id,
    version: id,
    commit: 'c0ffee',
    state: 'started',
    at: new Date().toISOString(),
    services: { web: { image: repository, digest, release: id } },
    previous: { web: previous },
    database: 'none',
  };
  await plot.platform.stamp(stamp);
  return plot.platform.roll({ name: 'web', image, digest, release: id });
}

export interface Seen {
  requests: number;
  failed: number;
  versions: Set<string>;
}

/** One request every 100 ms from outside, until stopped. */
export async function watchService(ground: Ground, plot: Plot): Promise<() => Promise<Seen>> {
  const port = await plot.kubectl(['get', 'service', 'web', '--output=jsonpath={.spec.ports[0].nodePort}']);
  const url = `http://${ground.nodeAddress}:${port}/`;
  const seen: Seen = { requests: 0, failed: 0, versions: new Set() };
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = freshHttp({ url, timeout: 5000 }).then((reply) => {
      seen.requests += 1;
      if (reply.ok && reply.status === 200) seen.versions.add(reply.body.trim());
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
