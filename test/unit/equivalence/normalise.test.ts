import { expect, test } from '@jest/globals';
import { outputFacts, recordFacts, stable } from '../../../bench/equivalence/normalise.ts';

test('what another run has different is replaced by its kind', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  expect(stable(`127.0.0.1:5000/backend@${digest}`)).toBe('<host>/backend@<digest>');
  expect(stable('2026-11-29T10:00:00.123Z in /tmp/slipway-bundle-x1/report.html')).toBe('<time> in <path>');
  expect(stable('buildpush4711 of service_12_1')).toBe('buildpush<n> of service_<n>');
  expect(stable('1.0.0-7-20261129T174555612Z.7d3a3748fddc.dump.zst')).toBe('1.0.0-7-<backup>.dump.zst');
});

test('lists are known by the names of their items, and by how many they are', () => {
  const record = {
    phases: [{ name: 'rollout', details: ['a line'], evidence: { services: [{ name: 'web' }] } }],
  };
  expect(recordFacts(JSON.stringify(record))).toEqual({
    'phases.length': '1',
    'phases.0(rollout).name': 'rollout',
    'phases.0(rollout).evidence.services.length': '1',
    'phases.0(rollout).evidence.services.0(web).name': 'web',
  });
});

test('an output that is JSON is compared by its leaves, one for people by its presence, one that counts by its kind', () => {
  const checklist = JSON.stringify([{ id: 'checks', state: 'failed', evidence: 'test is red' }]);
  expect(outputFacts({ outcome: 'refused', summary: 'Not yet.', checklist, requests: '431' })).toEqual({
    outcome: 'refused',
    summary: 'set',
    'checklist.length': '1',
    'checklist.0(checks).id': 'checks',
    'checklist.0(checks).state': 'failed',
    'checklist.0(checks).evidence': '<text>',
    requests: '<number>',
  });
});
