import { describe, expect, test } from '@jest/globals';
import { type Signature, signatures } from '../../../packages/kubernetes/src/verdict/finding.ts';
import { judge, judgeDeadline } from '../../../packages/kubernetes/src/verdict/judge.ts';
import { emptyMemory } from '../../../packages/kubernetes/src/verdict/model.ts';
import { classifyPull } from '../../../packages/kubernetes/src/verdict/signatures/image.ts';
import { every2, judgeAt, snapshotOf } from './recorded/judging.ts';
import { made } from './recorded/made.ts';
import { watchedIn } from './recorded/recordings.ts';
import { clusterRows } from './recorded/rows-of-clusters.ts';
import { containerRows } from './recorded/rows-of-containers.ts';

const rows = [...containerRows, ...clusterRows];

test.each(rows)('%s', (_, of, signature, second, words) => {
  const { judgement } = judgeAt(of, every2(200));
  if (judgement.state === 'complete') throw new Error('complete');
  expect(judgement.state).toBe(second === null ? 'progressing' : 'failed');
  expect(judgement.findings[0]).toMatchObject({ signature, what: expect.stringMatching(words) });
  expect(judgement.findings[0]?.remedy).toMatch(/^[A-Z].*\.$/);
  expect(JSON.stringify(judgement)).not.toMatch(/shopuser|dckr_/);
  if (second !== null)
    expect(judgeAt(of, every2(Math.max(0, second - 2))).judgement.state).toBe(
      second === 0 ? 'failed' : 'progressing',
    );
});

test('an object that is gone is a failure, and every signature was shown', () => {
  const nothing = { kind: 'List', items: [] };
  const watched = watchedIn(made());
  const { judgement } = judge(snapshotOf(nothing, 0), watched, emptyMemory);
  expect(judgement).toMatchObject({ state: 'failed', findings: [{ signature: 'workload-gone' }] });
  expect(judgeDeadline(snapshotOf(nothing, 9), watched, emptyMemory)[0].signature).toBe('workload-gone');
  const shown = new Set(rows.map(([, , signature]) => signature));
  const elsewhere = ['workload-gone', 'init-failing'];
  expect(signatures.filter((one) => !shown.has(one) && !elsewhere.includes(one))).toEqual([]);
});

describe('texts of failed pulls', () => {
  test.each<[string, Signature]>([
    ['reading manifest nope in registry.example.com/web: manifest unknown', 'image-missing'],
    ['name unknown: repository name not known to registry', 'image-missing'],
    [
      'initializing source docker://registry.example.com/web:2: reading manifest 2: requested access to the resource is denied',
      'image-denied',
    ],
    ["pull access denied for web, repository does not exist or may require 'docker login'", 'image-denied'],
    ['unexpected status: 401 Unauthorized', 'image-denied'],
    ['toomanyrequests: You have reached your unauthenticated pull rate limit', 'image-limited'],
    [
      'failed to fetch anonymous token: dial tcp: lookup auth.example.com on 10.0.0.10:53: no such host',
      'image-unreachable',
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'image-unreachable'],
    ['net/http: TLS handshake timeout', 'image-unreachable'],
    ['no image found in image index for architecture arm64, variant "v8", OS linux', 'wrong-architecture'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'wrong-architecture'],
    ['received unexpected HTTP status: 502 Bad Gateway', 'image-unreachable'],
    ['', 'image-unreachable'],
  ])('%s', (text, signature) => {
    expect(classifyPull(text, 'registry.example.com/web:2')).toBe(signature);
  });

  test('the name of an image decides nothing', () => {
    const image = 'registry.example.com/denied/403-not-found:429';
    expect(classifyPull(`Head "https://x/403": dial tcp ${image}: connection refused`, image)).toBe(
      'image-unreachable',
    );
  });
});
