import { directHttp, parseImage } from '@slipway/kernel';
import type { RolloutResult } from '@slipway/platform';
import {
  applyEvent,
  emptyState,
  type ReleaseEntry,
  type ReleaseEvent,
  type ReleaseRecord,
  type TargetState,
} from '@slipway/release';
import { desiredImages } from '../../../actions/rollout/src/images.ts';
import { startRolling } from '../../../actions/rollout/src/start-rolling.ts';
import type { ClusterFixture, NamespaceFixture } from './fixture.ts';

/** The state of each namespace. These tests are about what happens on the cluster; the lease has its own. */
const states = new Map<string, TargetState>();

function send({ name }: NamespaceFixture, event: ReleaseEvent): ReleaseEntry {
  const state = states.get(name) ?? emptyState('web', 'test');
  const decision = applyEvent(state, event, new Date());
  if (decision.kind === 'refused') throw new Error(`${event.kind} is refused: ${decision.reason.kind}`);
  states.set(name, decision.kind === 'changed' ? decision.state : state);
  return decision.release;
}

/** What the rollout action does before it changes anything: what runs and what is to run, on the cluster. */
export async function begin(namespace: NamespaceFixture, image: string, id: string): Promise<ReleaseEntry> {
  const record = { id, app: 'web', environment: 'test', version: id, commit: 'c0ffee' } as ReleaseRecord;
  const images = desiredImages(['web'], record, `web=${image}`);
  const run = { id, attempt: '1', actor: 'sam', url: '' };
  const identity = { id, version: id, commit: 'c0ffee', run };
  const began = send(namespace, { kind: 'begin', release: identity, isOlder: false, allowDowngrade: true });
  const transaction = {
    get state() {
      return states.get(namespace.name) ?? emptyState('web', 'test');
    },
    send: async (event: ReleaseEvent) => ({ release: send(namespace, event) }),
  };
  const log = { annotate: () => undefined };
  const { platform } = namespace;
  try {
    return await startRolling({ platform, transaction }, { record, release: began, images, log });
  } catch (error) {
    send(namespace, { kind: 'give-up', id, run: null });
    throw error;
  }
}

/** What it does when all has gone well. */
export function settle(namespace: NamespaceFixture, { id }: ReleaseEntry): void {
  send(namespace, { kind: 'serving', id });
  send(namespace, { kind: 'proven', id });
}

/** These tests hold no lease: nobody else rolls out into their namespaces. */
export const assertHeld = async (): Promise<void> => undefined;

/** Does what a release does with a platform: state first, then the rollout, then the proof or the rollback. */
export async function release(
  namespace: NamespaceFixture,
  image: string,
  id: string,
): Promise<RolloutResult> {
  const began = await begin(namespace, image, id);
  const desired = { name: 'web', image: parseImage(image), release: id };
  const options = {
    purpose: 'deploy',
    previous: began.previous.web ?? null,
    others: [],
    assertHeld,
    later: [],
  } as const;
  const rolled = await namespace.platform.roll(desired, options);
  if (rolled.ok) settle(namespace, began);
  else giveUp(namespace, began);
  return rolled;
}

function giveUp(namespace: NamespaceFixture, { sequence, previousSequence }: ReleaseEntry): void {
  send(namespace, { kind: 'restore', sequence, to: previousSequence, run: null });
  send(namespace, { kind: 'restored', sequence });
}

/** Brings back what a release replaced, as the rollback action does. */
export async function putBack(namespace: NamespaceFixture, began: ReleaseEntry): Promise<RolloutResult> {
  const before = began.previous.web;
  if (!before) throw new Error('the release does not say what ran before');
  return namespace.platform.roll(
    { name: 'web', ...before },
    { purpose: 'restore', to: null, assertHeld, later: [] },
  );
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
