import { expect, test } from '@jest/globals';
import { Redactor } from '@slipway/kernel';
import * as fc from 'fast-check';
import { decodeRecord, encodeRecord, redactFreeText } from '../../../packages/release/src/index.ts';
import { good, refused, rolledBack } from '../../support/records.ts';

const redactedBy = (secrets: readonly string[]) => {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return (text: string): string => redactor.redact(text);
};

test('free text loses its secrets; what identifies the release stays, although a secret is the same', () => {
  const redact = redactedBy([
    'docsense',
    'prod',
    '2.0.0',
    'backend',
    'healthy',
    'passed',
    'services',
    'octocat',
  ]);
  const { phases, ...identity } = redactFreeText(rolledBack, redact);
  const { phases: before, ...same } = rolledBack;
  expect(identity).toEqual(same);
  expect(phases.map(({ name, outcome, startedAt }) => [name, outcome, startedAt])).toEqual(
    before.map(({ name, outcome, startedAt }) => [name, outcome, startedAt]),
  );
  const smoke = phases.find(({ name }) => name === 'smoke-test');
  expect(smoke?.summary).toBe('10 of 10 connections answered *** and 4 of 4 checks ***.');
  expect(smoke?.evidence).toMatchObject({
    consensus: { expected: '2.0.0', answers: { '***': 10 } },
    checks: [{ state: 'passed', detail: '200, $.status is ***' }, {}, {}, {}],
  });
  expect(phases.at(-1)?.evidence).toMatchObject({
    kind: 'services',
    services: [{ name: 'frontend', state: 'restored' }, { name: 'backend' }],
  });
});

test('whatever the secrets are, the record can be read and names what it named', () => {
  const words = [good, refused, rolledBack].flatMap((one) => JSON.stringify(one).split(/[^\w.-]+/));
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...words)), (secrets) => {
      for (const one of [good, refused, rolledBack]) {
        const read = decodeRecord(encodeRecord(redactFreeText(one, redactedBy(secrets))));
        expect({ ...read, phases: [] }).toEqual({ ...one, phases: [] });
        expect(read.phases.map(({ evidence }) => evidence?.kind)).toEqual(
          one.phases.map(({ evidence }) => evidence?.kind),
        );
      }
    }),
  );
});
