import { describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import { desiredImages } from '../../../actions/rollout/src/images.ts';
import { appendPhase, beginRelease, mergeRecords, type Phase } from '../../../packages/release/src/index.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const record = beginRelease({
  id: '2.0.0-7',
  app: 'docsense',
  environment: 'production',
  version: '2.0.0',
  commit: 'c',
});
const phase = (name: string, outcome: Phase['outcome'], at = '2026-11-24T00:00:00.000Z'): Phase => ({
  name,
  outcome,
  startedAt: at,
  endedAt: at,
  summary: 's',
});

describe('the release record', () => {
  test.each<[string, [string, Phase['outcome']][], string]>([
    [
      'nothing yet',
      [
        ['preflight-checklist', 'passed'],
        ['rollout', 'passed'],
      ],
      'in-progress',
    ],
    [
      'promoted',
      [
        ['rollout', 'passed'],
        ['promote', 'passed'],
      ],
      'verified',
    ],
    ['a skipped promotion proves nothing', [['promote', 'skipped']], 'in-progress'],
    ['failed', [['watch-metrics', 'failed']], 'failed'],
    ['inconclusive is not good', [['watch-metrics', 'inconclusive']], 'failed'],
    [
      'rolled back',
      [
        ['watch-metrics', 'failed'],
        ['rollback', 'passed'],
      ],
      'rolled-back',
    ],
    [
      'the rollback failed',
      [
        ['watch-metrics', 'failed'],
        ['rollback', 'failed'],
      ],
      'failed',
    ],
    ['refused', [['preflight-checklist', 'refused']], 'refused'],
  ])('verdict: %s', (_, phases, verdict) => {
    expect(
      phases.reduce((all, [name, outcome]) => appendPhase(all, phase(name, outcome)), record).verdict,
    ).toBe(verdict);
  });

  test('records of parallel jobs become one, phases by time', () => {
    const checked = appendPhase(record, phase('preflight-checklist', 'passed', '2026-11-24T00:00:02.000Z'));
    const built = appendPhase(
      { ...record, services: { backend: { image: 'r/b', digest, previous: null } } },
      phase('build-push', 'passed', '2026-11-24T00:00:01.000Z'),
    );
    const merged = mergeRecords(checked, built);
    expect(merged.phases.map(({ name }) => name)).toEqual(['build-push', 'preflight-checklist']);
    expect(merged.services.backend?.digest).toBe(digest);
    expect(() => mergeRecords(record, { ...record, id: 'other' })).toThrow(
      'two releases, of 2.0.0-7 and other',
    );
    const elsewhere = { ...record, environment: 'staging' };
    expect(() => mergeRecords(record, elsewhere)).toThrow(
      'of environment production and environment staging',
    );
  });
});

describe('image references', () => {
  test.each<[string, string, string | null, string | null]>([
    ['nginx', 'nginx', null, null],
    ['nginx:1.27', 'nginx', '1.27', null],
    ['127.0.0.1:5000/docsense-backend', '127.0.0.1:5000/docsense-backend', null, null],
    ['localhost:5000/a/b:2.0', 'localhost:5000/a/b', '2.0', null],
    [`registry.example.com/x:1@${digest}`, 'registry.example.com/x', '1', digest],
    [`[::1]:5000/x@${digest}`, '[::1]:5000/x', null, digest],
  ])('%s', (reference, repository, tag, wanted) => {
    expect(parseImage(reference)).toEqual({ repository, tag, digest: wanted });
  });

  test.each(['', 'registry.example.com/UPPER', 'a b', 'x@sha256:12', 'x:', 'https://registry.example.com/x'])(
    'refuses "%s"',
    (reference) => {
      expect(() => parseImage(reference)).toThrow('not an image reference');
    },
  );
});

describe('the images to roll out', () => {
  const services = ['backend', 'frontend'];
  const built = {
    ...record,
    services: Object.fromEntries(
      services.map((name) => [name, { image: `r/${name}`, digest, previous: null }]),
    ),
  };

  test('come from the record, in the order of the configuration', () => {
    expect([...desiredImages(services, built, '').keys()]).toEqual(services);
  });

  test('come from the input when it names them', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    expect(desiredImages(services, built, `backend=r/x@${other}\n`).get('backend')).toEqual({
      repository: 'r/x',
      tag: null,
      digest: other,
    });
  });

  test.each<[string, string]>([
    ['', 'no digest is known for backend, frontend'],
    ['backend=r/x:1.0', 'expected an image by digest'],
    [`api=r/x@${digest}`, 'does not start with a service'],
    [`backend=r/x@${digest}`, 'no digest is known for frontend'],
  ])('refused without a digest: "%s"', (input, words) => {
    expect(() => desiredImages(services, record, input)).toThrow(words);
  });
});
