import { brotliCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Redactor, UserError } from '@slipway/kernel';
import { Masks } from '@slipway/local-runner';
import * as fc from 'fast-check';
import { fromGroups, groupOf, numberOf, toGroups } from '../../../packages/release/src/consonants.ts';
import {
  beginRelease,
  decodeRecord,
  encodeRecord,
  type ReleaseRecord,
} from '../../../packages/release/src/index.ts';
import { largeRecord } from '../../support/large-record.ts';
import { good, refused, rolledBack } from '../../support/records.ts';

const of = { id: '2.0.0-7', app: 'shop', environment: 'production', version: '2.0.0', commit: 'c0ffee' };
const record = beginRelease(of);

describe('bytes as groups of consonants', () => {
  test('are read as they were written', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const groups = toGroups(bytes);
        for (const group of groups) expect(group).toMatch(/^[BCDFGHJKLMNPQRSTVWXYZ]{3}$/);
        expect(fromGroups(groups)).toEqual(bytes);
      }),
    ));

  test('every number of 13 bits has a group', () => {
    for (let value = 0; value < 2 ** 13; value++) expect(numberOf(groupOf(value))).toBe(value);
    expect(numberOf('ZZZ')).toBeNull();
    expect(fromGroups(['BBB', 'abc'])).toBeNull();
    expect(fromGroups([])).toBeNull();
  });
});

describe('an encoded record', () => {
  test.each(Object.entries({ record, good, refused, rolledBack }))(
    'is read as it was written: %s',
    (_, one) => {
      const text = encodeRecord(one);
      expect(text).toMatch(/^[A-Z]{3}(?:\.[A-Z]{3})+$/);
      expect(decodeRecord(text)).toEqual(one);
    },
  );

  test('of 50 services and 500 migrations, with all that was observed, takes less than 32 KiB', () => {
    const large = largeRecord(50, 500);
    const text = encodeRecord(large);
    const read = decodeRecord(text);
    expect(JSON.stringify(large).length).toBeGreaterThan(200 * 1024);
    expect(text.length).toBeLessThan(32 * 1024);
    expect({ ...read, phases: [], omitted: [] }).toEqual({ ...large, phases: [], omitted: [] });
    expect(read.phases.map(({ name, outcome, summary }) => [name, outcome, summary])).toEqual(
      large.phases.map(({ name, outcome, summary }) => [name, outcome, summary]),
    );
    expect(read.omitted?.[0]).toBe('all but 30 points of each metric');
  });

  test('loses evidence first, and never a name or a digest', () => {
    const huge = largeRecord(150, 500);
    const text = encodeRecord(huge);
    const read = decodeRecord(text);
    expect(read.services).toEqual(huge.services);
    expect(read.database).toEqual(huge.database);
    expect(read.omitted).toContain('the evidence of db-migrate');
    expect(text.length).toBeLessThan(60 * 1024);
  });

  test('that cannot be made small enough is refused', () =>
    expect(() => encodeRecord(largeRecord(600, 10))).toThrow(
      'cannot pass the release record on: the names and digests of 600 services alone take more than 61440 bytes',
    ));
});

/** Values as people have them among their secrets, of four characters or more. */
const plausible = fc.oneof(
  fc.string({ minLength: 4, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
  fc.base64String({ minLength: 4, maxLength: 64 }),
  fc.stringMatching(/^[A-Z0-9]{4,20}$/),
  fc.stringMatching(/^[BCDFGHJKLMNPQRSTVWXYZ]{4,8}$/),
  fc.stringMatching(/^\d{4,8}$/),
  fc.ipV4(),
  fc.uuid(),
  fc.constantFrom('shopco', 'prod', '2.0.0', 'shop', 'SMTP', 'AKIA', '....', '\n\n\n\n', '{\n  "a": "b"\n}'),
);

/** Every form in which GitHub's runner and Slipway's redactor know these secrets. */
const masksOf = (secrets: readonly string[]) => {
  const [masks, redactor] = [new Masks(), new Redactor()];
  for (const secret of secrets) {
    masks.add(secret);
    redactor.add(secret, 'it');
  }
  return { masks, redactor };
};

describe('a mask', () => {
  const texts = [record, good, rolledBack, largeRecord(50, 500)].map((one) => encodeRecord(one));

  test('of four characters or more matches no record, although nobody knew it when it was encoded', () =>
    fc.assert(
      fc.property(fc.array(plausible, { minLength: 1, maxLength: 4 }), (secrets) => {
        const { masks, redactor } = masksOf(secrets);
        for (const text of texts) {
          expect(masks.touches(text)).toBe(false);
          expect(redactor.find(text)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    ));

  test('that is known is avoided by another salt, however short it is', () => {
    const first = encodeRecord(record);
    const word = first.slice(20, 23);
    const text = encodeRecord(record, (found) => (found.includes(word) ? 'SHORT' : undefined));
    expect(first).toContain(word);
    expect(text).not.toContain(word);
    expect(decodeRecord(text)).toEqual(record);
  });

  test('that occurs under every salt is refused, and named', () => {
    const tried = new Set<string>();
    const found = (text: string): string => {
      tried.add(text);
      return 'DOT';
    };
    expect(() => encodeRecord(record, found)).toThrow(
      'cannot pass the release record on: DOT occurs in each of its 32 encodings, and GitHub would drop it',
    );
    expect(tried.size).toBe(32);
  });
});

describe('a record from elsewhere is refused', () => {
  const body = (bytes: Uint8Array): string => ['SLW', groupOf(2), groupOf(0), ...toGroups(bytes)].join('.');
  const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024));

  test.each<[string, string, string | RegExp]>([
    ['as JSON, as it was once', JSON.stringify({ ...record, schema: 1 }), 'is JSON, as older releases'],
    ['of a newer Slipway', `SLW.${groupOf(3)}.BBB.BBB`, 'has version 3; this action reads version 2'],
    ['as another text', 'not a record', 'is not a release record, or a part of it is missing'],
    ['as an empty text', '', 'is not a release record'],
    ['masked in part', encodeRecord(record).replace(/.{8}$/, '***'), 'is not a release record'],
    ['cut', encodeRecord(record).slice(0, -4), 'is not a release record'],
    [
      'with a group too few',
      encodeRecord(good).replace(/^((?:.{4}){9}).{4}/, '$1'),
      'is not a release record',
    ],
    ['that unpacks to 64 MiB', body(Buffer.concat([Buffer.alloc(4), bomb])), 'is not a release record'],
    ['of any length', `SLW.${groupOf(2)}.${'BBB.'.repeat(1_000_000)}BBB`, 'is not a release record'],
    ['with a version that is none', encodeRecord({ ...record, version: '2.0 / x' }), /record: version: /],
    ['with an id that is a path', encodeRecord({ ...record, id: '../x' }), /record: id: /],
    ['with an app that is an option', encodeRecord({ ...record, app: '--rm' }), /record: app: /],
    [
      'with an image that is an option',
      encodeRecord({ ...record, services: { web: { image: '--privileged', digest: null, previous: null } } }),
      /record: services\.web\.image: /,
    ],
    [
      'with an unknown field',
      encodeRecord({ ...record, secret: 'x' } as ReleaseRecord),
      'is not a release record: ',
    ],
  ])('%s', (_, text, words) => {
    expect(() => decodeRecord(text)).toThrow(words);
    expect(() => decodeRecord(text)).toThrow(UserError);
  });

  test('whatever it is, with an error of ours', () => {
    const [begin = '', ...groups] = encodeRecord(good).split('.');
    const damaged = fc
      .tuple(fc.nat(groups.length - 1), fc.nat(8191))
      .map(([at, value]) => [begin, ...groups.with(at, groupOf(value))].join('.'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), damaged), (text) => {
        try {
          expect(decodeRecord(text)).toEqual(good);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
