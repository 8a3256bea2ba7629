import { expect, test } from '@jest/globals';
import { packText } from '@slipway/platform';
import { dockerChange, kubectlChange } from '../../../bench/kills/changes.ts';
import {
  allBoundaries,
  boundaryName,
  planCase,
  type Reference,
  type Story,
} from '../../../bench/kills/plan.ts';

const reference = (...kinds: string[]): Reference => ({
  boundaries: kinds.map((kind) => ({ step: 'rollout', kind, nth: 1 })),
  steps: [
    { step: 'migrate', ms: 500 },
    { step: 'rollout', ms: 3000 },
  ],
});

const references: Record<Story, Reference> = {
  good: reference('up backend', 'up frontend', 'stop'),
  smoke: reference('up backend', 'up frontend', 'stop'),
  watch: reference('up backend', 'stop'),
  rollback: reference('restore'),
};

test('a case is the same whenever it is planned, and another seed has others', () => {
  const cases = (seed: number) =>
    Array.from({ length: 40 }, (_, number) => planCase(seed, number, references));
  expect(cases(1)).toEqual(cases(1));
  expect(cases(1)).not.toEqual(cases(2));
});

test('every boundary is killed at, each by a story that has it, and random moments are within their step', () => {
  const cases = Array.from({ length: 60 }, (_, number) => planCase(5, number, references));
  const killed = new Set<string>();
  for (const { story, moment } of cases) {
    if (moment.kind === 'random') {
      const { ms = 0 } = references[story].steps.find(({ step }) => step === moment.step) ?? {};
      expect(moment.afterMs).toBeLessThanOrEqual(ms);
    } else {
      expect(references[story].boundaries).toContainEqual(moment.boundary);
      killed.add(boundaryName(moment.boundary));
    }
  }
  expect([...killed].sort()).toEqual(allBoundaries(references).map(boundaryName).sort());
  expect(new Set(cases.map(({ actor }) => actor)).size).toBe(3);
});

const state = JSON.stringify({ releases: [{ phase: 'rolling' }, { phase: 'proven' }] });
const lease = (holder: unknown): string => JSON.stringify({ fence: 3, holder });

test.each([
  [`volume create --label dev.slipway.text.0=${packText('it', state)} slipway-x-state-12`, 'state rolling'],
  [
    `volume create --label dev.slipway.text.0=${packText('it', lease(null))} slipway-x-lease-3`,
    'lease freed',
  ],
  [`volume create --label dev.slipway.text.0=${packText('it', 'a: b')} slipway-x-document-ab-1`, 'document'],
  ['compose --ansi never up --detach --scale api=2 backend', 'compose up backend'],
  ['cp /tmp/a ab12:/etc/nginx/upstreams/backend.conf', 'cp backend.conf'],
  ['exec ab12 nginx -s reload', 'exec nginx -s reload'],
  ['stop ab12', 'stop'],
])('docker %#: %s', (line, change) => {
  expect(dockerChange({ argv: line.split(' '), input: '' })).toBe(change);
});

test.each([
  [
    { kind: 'ConfigMap', metadata: { name: 'x' }, binaryData: { 'text.gz': packText('it', state) } },
    'state rolling',
  ],
  [{ kind: 'Lease', metadata: { name: 'x', annotations: { 'slipway.dev/lease': lease({}) } } }, 'lease held'],
  [{ kind: 'List', items: [{ kind: 'Deployment', metadata: { name: 'web' } }] }, 'replace Deployment web'],
  [
    { kind: 'ConfigMap', metadata: { name: 'x-document-a' }, binaryData: { 'text.gz': 'x' } },
    'replace document',
  ],
])('kubectl %#: %j', (object, change) => {
  const argv = ['--namespace=production', 'replace', '--filename=-'];
  expect(kubectlChange({ argv, input: JSON.stringify(object) })).toBe(change);
});
