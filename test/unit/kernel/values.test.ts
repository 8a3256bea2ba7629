import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import {
  DatabaseUrl,
  formatImage,
  parseImage,
  parseVersion,
  readImage,
  tagsOfVersion,
  withDigest,
} from '@slipway/kernel';
import pg from 'pg';

const digest = `sha256:${'a'.repeat(64)}`;

describe('a version', () => {
  test.each([
    ['v1.4.0', '1.4.0'],
    ['1.4.0-rc.1', '1.4.0-rc.1'],
    ['vanilla', 'vanilla'],
    ['2026_11_29', '2026_11_29'],
    ['api/v1.4.0', '1.4.0'],
    ['@shop/web@1.4.0', '1.4.0'],
  ])('%s is %s', (text, version) => expect(parseVersion(text)).toBe(version));

  test.each(['', '2.0 / x', '-1', '1+2', 'ü', 'a'.repeat(129)])('%j is refused', (text) =>
    expect(() => parseVersion(text)).toThrow(/^version ".*" cannot be an image tag: /),
  );
});

test.each([
  ['1.4.0', ['v1.4.0', '1.4.0'], false],
  ['v1.4.0', ['v1.4.0', '1.4.0'], false],
  ['nightly', ['nightly'], false],
  ['api/v1.4.0', ['api/v1.4.0'], true],
])('the tags of version %s are %j', (text, names, required) =>
  expect(tagsOfVersion(text)).toEqual({ names, required }),
);

describe('an image reference', () => {
  test('with upper-case letters says so, and how to write it', () => {
    const thrown = (): unknown => {
      try {
        return parseImage('Registry.example.com/Shop/web');
      } catch (error) {
        return error;
      }
    };
    expect(thrown()).toMatchObject({
      message:
        '"Registry.example.com/Shop/web" is not an image reference: the name of an image has no upper-case letters',
      hint: 'Write "registry.example.com/shop/web".',
    });
  });

  test.each([
    ['nginx', { repository: 'nginx', tag: null, digest: null }],
    ['localhost:5000/a/b:1.2', { repository: 'localhost:5000/a/b', tag: '1.2', digest: null }],
    [`r.example.com/a:1@${digest}`, { repository: 'r.example.com/a', tag: '1', digest }],
  ])('%s is taken apart and put together', (text, image) => {
    expect(parseImage(text)).toEqual(image);
    expect(formatImage(parseImage(text))).toBe(text);
  });

  test('a digest takes the place of the tag', () => {
    expect(formatImage(withDigest(parseImage('r:5000/a:1.0'), digest))).toBe(`r:5000/a@${digest}`);
    expect(() => withDigest(parseImage('a'), 'sha256:1')).toThrow('"sha256:1" is not an image digest');
  });

  test('text that is not a reference is refused, or undefined where it may be', () => {
    for (const text of ['', digest, `docker-pullable://a@${digest}`, 'a/B', 'a b']) {
      expect(readImage(text)).toBeUndefined();
      expect(() => parseImage(text)).toThrow(/ is not an image reference: /);
    }
  });
});

describe('a database URL', () => {
  const secret = 'p@ss/w#rd';
  const text = `postgresql://us%40er:${encodeURIComponent(secret)}@db.example.com:6432/shop%20one?sslmode=no-verify&options=-c%20role%3Dadmin`;

  test('is read once', () => {
    const url = DatabaseUrl.parse(text);
    expect([url.user, url.host, url.port, url.database, url.sslmode, url.hasPassword]).toEqual([
      'us@er',
      'db.example.com',
      6432,
      'shop one',
      'no-verify',
      true,
    ]);
    expect(url.reveal()).toBe(text);
    expect(url.libpqEnvironment()).toEqual({
      PGHOST: 'db.example.com',
      PGHOSTADDR: '',
      PGPORT: '6432',
      PGUSER: 'us@er',
      PGPASSWORD: secret,
      PGDATABASE: 'shop one',
      PGSSLMODE: 'require',
      PGOPTIONS: '-c role=admin',
    });
    expect(url.libpqEnvironment({ host: '/run', database: 'x' })).toMatchObject({
      PGHOST: '/run',
      PGDATABASE: 'x',
      PGUSER: 'us@er',
    });
  });

  test('another database on the same server', () => {
    const other = DatabaseUrl.parse(text).withDatabase('a b');
    expect(other.reveal()).toBe(text.replace('shop%20one', 'a%20b'));
    expect(DatabaseUrl.parse('postgres://h?user=u').withDatabase('x').reveal()).toBe('postgres://h/x?user=u');
  });

  test('is printed without its password and its parameters', () => {
    const url = DatabaseUrl.parse(text);
    for (const printed of [
      `${url}`,
      JSON.stringify({ url }),
      inspect({ url }),
      String(Object.entries(url)),
    ]) {
      expect(printed).not.toContain('p@ss');
      expect(printed).not.toContain(encodeURIComponent(secret));
    }
    expect(`${url}`).toBe('postgresql://us@er@db.example.com:6432/shop one');
  });

  test.each([
    'postgres://u:p@h/d',
    'postgresql://u:p%40@h:1/d%20e',
    'postgresql://h/d?user=u&password=p&host=other&port=7',
    'postgresql://u@%2Fvar%2Frun/d',
    'postgresql://u:p@/d',
    'postgresql:///d?host=/var/run',
    'postgresql://u@[::1]:5/d',
    'postgresql://u@h/d?options=-c%20a%3Db',
  ])('%s is what the driver reads', (url) => {
    const driver = new pg.Client({ connectionString: url });
    const read = DatabaseUrl.parse(url);
    expect([read.host ?? 'localhost', read.port, read.user, read.database]).toEqual([
      driver.host,
      driver.port,
      driver.user,
      driver.database,
    ]);
    expect(read.libpqEnvironment().PGPASSWORD).toBe(driver.password ?? '');
  });

  test.each([
    ['mysql://h/d', 'does not start with postgresql://'],
    ['', 'does not start with postgresql://'],
    ['postgresql://u:p@ss@h/d', 'is not a URL; special characters'],
    ['postgresql://u:p#ss@h/d', 'is not a URL; special characters'],
    ['postgresql://u:p%zzss@h/d', 'has a "%" that starts no percent-encoding'],
  ])('%s is refused, and not repeated', (url, problem) => {
    expect(DatabaseUrl.read(url)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(() => DatabaseUrl.parse(url)).toThrow(problem);
    expect(() => DatabaseUrl.parse(url)).not.toThrow('ss@h');
  });
});
