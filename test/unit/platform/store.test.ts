import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { documentKey, packText, storeName, unpackText } from '../../../packages/platform/src/index.ts';

describe('a text on a target', () => {
  test('is read as it was saved', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unpackText('it', packText('it', text))).toBe(text);
      }),
    );
  });

  test('is refused before it is saved when it is too large', () => {
    expect(() => packText('the state of shop', 'x'.repeat(9 * 1024 * 1024))).toThrow(
      'cannot save the state of shop on the target: it is too large',
    );
  });

  test('is not unpacked when it would fill the memory', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64');
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => unpackText('the state of shop', bomb)).toThrow('cannot read the state of shop');
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['no base64', '{"schema":1}'],
    ['cut off', packText('it', 'a text').slice(0, 20)],
  ])('is refused when it is damaged: %s', (_what, packed) => {
    expect(() => unpackText('the state of shop', packed)).toThrow(
      'cannot read the state of shop on the target: its content is damaged',
    );
  });
});

describe('the name of what a target keeps', () => {
  test('is valid on both platforms, also as a label, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 80 }), { minLength: 1, maxLength: 3 }), (parts) => {
        expect(storeName(parts)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('shows what it is for', () => {
    expect(storeName(['shop', 'production'])).toMatch(/^slipway-shop-production-[0-9a-f]{12}$/);
  });

  test.each<[string, string[], string[]]>([
    ['a separator inside a part', ['a-b', 'c'], ['a', 'b-c']],
    ['characters that no name may have', ['a_b', 'c'], ['a-b', 'c']],
    ['capital letters', ['Shop', 'c'], ['shop', 'c']],
    ['a long name', ['x'.repeat(60), 'staging'], ['x'.repeat(60), 'production']],
  ])('differs for different parts: %s', (_what, one, other) => {
    expect(storeName(one)).not.toBe(storeName(other));
  });

  test('differs for the documents of two releases', () => {
    expect(documentKey('1.0.0-1', 'log')).not.toBe(documentKey('1.0.0-2', 'log'));
    expect(documentKey('1.0.0-1', 'log')).not.toBe(documentKey('1.0.0-1', 'manifests'));
  });
});
