import { describe, expect, test } from '@jest/globals';
import type { PodTemplate, Snapshot } from '../../../packages/kubernetes/src/snapshot/snapshot.ts';
import {
  eventLines,
  evidenceLines,
  formatFinding,
} from '../../../packages/kubernetes/src/verdict/explain.ts';
import { findImageMismatches } from '../../../packages/kubernetes/src/verdict/image-mismatches.ts';
import { judge } from '../../../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../../../packages/kubernetes/src/verdict/model.ts';
import {
  describeExitCode,
  plainMessage,
} from '../../../packages/kubernetes/src/verdict/signatures/wording.ts';
import {
  defaultStabilityWindowMs,
  findDisturbance,
  isSettled,
} from '../../../packages/kubernetes/src/verdict/stability.ts';
import { snapshotOf } from './recorded/judging.ts';
import { digest, exited, type Made, made, waits } from './recorded/made.ts';
import { type Raw, recorded, watchedIn } from './recorded/recordings.ts';

const watched = watchedIn(made());

const seen = (of: Made | Raw): Snapshot => snapshotOf(of.items ? of : made(of), 60);

describe('what was rolled out before', () => {
  const since = (lastTransitionTime: string): Snapshot =>
    seen({
      pods: [0, 1].map(() => ({
        status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] },
      })),
    });
  test('is held no more when it has been ready for longer than the hold and what clocks may differ by', () => {
    expect(isSettled(since('2026-11-24T09:59:40Z'), watched, 10_000)).toBe(true);
    expect(isSettled(since('2026-11-24T09:59:40Z'), watched, 30_000)).toBe(false);
    expect(isSettled(since('2026-11-24T10:00:55Z'), watched, 3000)).toBe(false);
  });
  test('is held when nobody says since when it is ready', () => {
    expect(isSettled(seen({}), watched, 0)).toBe(false);
  });
});

describe('during the hold', () => {
  const calm = seen({});
  const kill = {
    reason: 'Killing',
    type: 'Normal',
    message: 'Container web failed liveness probe, will be restarted',
  };
  test.each<[string, Made, string, RegExp]>([
    [
      'a restart',
      {
        pods: [
          {},
          { container: { restartCount: 1, lastState: { terminated: { exitCode: 1, reason: 'Error' } } } },
        ],
      },
      'crash-loop',
      /container web of web-new-2 was ready, then exited with code 1/,
    ],
    ['a crash', { pods: [exited(1, 139), {}] }, 'crash-loop', /SIGSEGV/],
    ['no memory left', { pods: [exited(1, 137, 'OOMKilled'), {}] }, 'out-of-memory', /out of memory/],
    [
      'a kill by a probe, before its restart',
      { pods: [{}, {}], events: [kill] },
      'liveness-kills',
      /was killed by its liveness probe/,
    ],
    [
      'readiness lost',
      { pods: [{}, { unready: true }] },
      'readiness-never',
      /pod web-new-2 was ready, then became unready/,
    ],
    ['an undo by somebody else', { annotated: false }, 'superseded', /somebody else/],
  ])('%s is reported', (_, of, signature, words) => {
    expect(findDisturbance(calm, seen(of), watched)).toMatchObject({
      signature,
      severity: 'terminal',
      what: expect.stringMatching(words),
    });
  });

  test('the recorded false success: ready, and then killed by its probe', () => {
    const list = recorded('good-later');
    const before = seen(list);
    const after = structuredClone(list);
    const [pod] = after.items.filter(({ kind }: Raw) => kind === 'Pod');
    pod.status.containerStatuses[0].restartCount = 1;
    pod.status.containerStatuses[0].lastState = { terminated: { exitCode: 0, reason: 'Completed' } };
    expect(findDisturbance(before, seen(after), watchedIn(list))?.what).toMatch(/exited with code 0/);
    expect(findDisturbance(before, before, watchedIn(list))).toBeNull();
  });

  test.each<[string, Made]>([
    ['nothing', {}],
    ['a pod more', { replicas: 3, pods: [{}, {}, { unready: true }] }],
    ['a pod less', { replicas: 1, pods: [{}] }],
    [
      'a pod that is being replaced',
      {
        pods: [
          {},
          {
            unready: true,
            metadata: {
              name: 'web-new-2',
              uid: 'web-new-2',
              deletionTimestamp: 'x',
              labels: {},
              ownerReferences: [{ uid: 'web-new' }],
            },
          },
        ],
      },
    ],
    ['pods of the old version', { old: 1 }],
  ])('%s is calm', (_, of) => {
    expect(findDisturbance(calm, seen(of), watched)).toBeNull();
  });

  test('a Deployment that was deleted', () => {
    expect(findDisturbance(calm, { ...calm, workload: null }, watched)).toMatchObject({
      signature: 'workload-gone',
    });
  });

  test('lasts until a liveness probe would have killed', () => {
    const hold = (liveness: Raw, minReady = 0): number => {
      const { workload } = seen({ template: { container: liveness ? { livenessProbe: liveness } : {} } });
      return defaultStabilityWindowMs(workload?.template as PodTemplate, minReady);
    };
    expect(hold(null)).toBe(10_000);
    expect(hold(null, 30)).toBe(30_000);
    expect(hold({ initialDelaySeconds: 5, periodSeconds: 10, failureThreshold: 3 })).toBe(37_000);
    expect(hold({})).toBe(32_000);
    expect(hold({ periodSeconds: 60, failureThreshold: 5 })).toBe(120_000);
  });
});

describe('identity', () => {
  test('every new pod runs the digest', () => {
    expect(findImageMismatches(seen({}), watched, { web: digest })).toEqual([]);
  });

  test.each<[string, Made, Record<string, string>, RegExp]>([
    [
      'another image',
      { pods: [{}, { container: { imageID: `docker-pullable://registry/web@sha256:${'b'.repeat(64)}` } }] },
      { web: digest },
      /^container web of web-new-2 runs registry\/web@sha256:b+ instead of sha256:a+$/,
    ],
    [
      'an image without a digest',
      { pods: [{ container: { imageID: `docker://${digest}` } }] },
      { web: digest },
      /instead of/,
    ],
    [
      'a node that does not report its image',
      { pods: [{ container: { imageID: '' } }] },
      { web: digest },
      /does not report/,
    ],
    ['a container that is not there', {}, { api: digest }, /has no container api/],
    ['no pod', { pods: [], old: 2 }, { web: digest }, /the release has no pod/],
    ['an empty digest', {}, { web: '' }, /instead of/],
  ])('%s is reported', (_, of, images, words) => {
    expect(findImageMismatches(seen(of), watched, images)[0]).toMatch(words);
  });
});

describe('what is reported of a failure', () => {
  test('a sentence, and the other findings without repetition', () => {
    const { judgement } = judge(
      seen({ pods: [waits('InvalidImageName'), exited(2, 1)] }),
      watched,
      emptyMemory,
    );
    if (judgement.state !== 'failed') throw new Error(judgement.state);
    expect(formatFinding(judgement.findings[0], 'web')).toMatch(
      /^web: container web of web-new-1 has an invalid image name/,
    );
    expect(evidenceLines([...judgement.findings.slice(1), ...judgement.findings.slice(1)])).toEqual([
      'container web of web-new-2 exited twice (last exit code 1)',
    ]);
  });

  test('events without noise, folded, the newest first', () => {
    const lines = (name: string): string[] => {
      const list = recorded(name);
      return eventLines(seen(list), '2026-11-23T00:00:00Z');
    };
    expect(lines('image-notfound-later')).toEqual([
      'Failed web-668bbc476d-h259g/web: manifest for 127.0.0.1:5055/web:nope not found: manifest unknown (x2)',
    ]);
    expect(lines('quota-later')).toEqual([
      expect.stringMatching(/^FailedCreate web-598c8b9f59: pods .*exceeded quota.*\(x13\)$/),
    ]);
    expect(lines('good-first').filter((line) => !line.startsWith('Unhealthy'))).toEqual([]);
    expect(eventLines(seen(recorded('quota-later')), '2026-11-24T00:00:00Z')).toEqual([]);
  });

  test('the words of the cluster without what passed them on', () => {
    expect(
      plainMessage(
        'rpc error: code = Unknown desc = Error response from daemon: unauthorized: authentication required',
      ),
    ).toBe('unauthorized: authentication required');
    expect(
      plainMessage(
        `failed to start container "${'a'.repeat(64)}": Error response from daemon: OCI runtime create failed: no such file: unknown`,
      ),
    ).toBe('no such file');
    expect(
      plainMessage("toomanyrequests: You have reached your pull rate limit as 'someone': dckr_jti_x-1_y."),
    ).not.toMatch(/someone|dckr_jti/);
    expect(plainMessage('x'.repeat(900))).toHaveLength(300);
  });

  test.each([
    [137, 'code 137 (SIGKILL)'],
    [139, 'code 139 (SIGSEGV)'],
    [143, 'code 143 (SIGTERM)'],
    [127, 'code 127 (the command is not found)'],
    [126, 'code 126 (the command cannot be executed)'],
    [3, 'code 3'],
    [null, 'an unknown code'],
  ])('exit code %s', (code, words) => {
    expect(describeExitCode(code)).toBe(words);
  });
});
