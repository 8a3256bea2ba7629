import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { UserError } from '../../../packages/kernel/src/index.ts';
import {
  emptyState,
  encodeState,
  parseState,
  provenRelease,
  type ReleaseEntry,
  type TargetState,
  unfinishedRelease,
} from '../../../packages/release/src/index.ts';
import { releaseEntry } from '../../support/releases.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = { repository: 'r/web', tag: null, digest };
const v1 = releaseEntry({
  sequence: 1,
  services: { web: { image, release: '1.0.0-1' } },
  previous: { web: null },
});
const v2 = releaseEntry({ sequence: 2, phase: 'serving', contracts: ['002'] });
const target = (...releases: ReleaseEntry[]): TargetState => ({
  ...emptyState('shop', 'production'),
  fence: 3,
  sequence: 2,
  releases,
});
const read = (text: string) => parseState(text, 'shop', 'production');
/** The state with v2 and v1, with changes to the JSON of v2. */
function written(changes: object): string {
  const { releases, ...rest } = JSON.parse(encodeState(target(v2, v1), 'w'));
  return JSON.stringify({ ...rest, releases: [{ ...releases[0], ...changes }, releases[1]] });
}

describe('the text of the state', () => {
  test('what is written is read', () => {
    expect(read(encodeState(target(v2, v1), 'w'))).toEqual(target(v2, v1));
  });

  test('who wrote it makes it another text, and no other state', () => {
    const [one, other] = ['w', 'x'].map((writer) => encodeState(target(v1), writer));
    expect(one).not.toBe(other);
    expect(read(`${one}`)).toEqual(read(`${other}`));
  });

  test.each<[string, object, string]>([
    ['a phase that is none', { phase: 'fine' }, 'release 2.0.0-1: phase'],
    ['an entry that was cut off', { services: undefined }, 'release 2.0.0-1: services'],
    ['an endless version', { version: 'v'.repeat(201) }, 'release 2.0.0-1: version'],
    ['an id that is none', { id: 7 }, 'release 1 of the list: id'],
    ['too many contract migrations', { contracts: new Array(10_001).fill('1') }, 'release 2.0.0-1: contract'],
    [
      'an endless image',
      { services: { web: { image: 'r'.repeat(1001), digest, release: null } } },
      'services.web.image',
    ],
  ])('%s blocks nothing and is named', (_, changes, words) => {
    const state = read(written(changes));
    expect(state.releases).toEqual([v1]);
    expect(state.unreadable).toEqual([expect.stringContaining(words)]);
  });

  test('a field that a later Slipway has added is ignored', () => {
    expect(read(written({ more: 1, run: { ...v2.run, more: 1 } }))).toEqual(target(v2, v1));
  });

  test('entries are ordered by their sequence, and none takes a number twice', () => {
    const state = read(encodeState({ ...target(v1, v2), sequence: 0 }, 'w'));
    expect(state.releases).toEqual([v2, v1]);
    expect(state.sequence).toBe(2);
  });

  test.each<[string, string, string]>([
    ['a newer Slipway', '{"schema":2}', 'a newer Slipway wrote the state'],
    ['something else', 'not json', 'cannot be read'],
    ['no list of releases', '{"schema":1}', 'cannot be read'],
    [
      'too many entries',
      JSON.stringify({ ...JSON.parse(encodeState(target(), 'w')), releases: new Array(1001).fill(0) }),
      'cannot be read',
    ],
    ['another application', encodeState({ ...target(), app: 'blog' }, 'w'), 'belongs to blog in production'],
    ['another environment', encodeState({ ...target(), environment: 'qa' }, 'w'), 'belongs to shop in qa'],
  ])('%s is refused', (_, text, words) => {
    expect(() => read(text)).toThrow(words);
  });

  test('never throws anything but a UserError at what it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

test.each<[string, object]>([
  ['a digest', { image: 'host:5000/app', digest, release: '1.0.0-1' }],
  ['a tag alone, built in place', { image: 'app:latest', digest: null, release: null }],
  ['an image that is known by its id alone', { image: digest, digest: null, release: null }],
  ['a template that nobody filled in', { image: '{{ .image }}', digest: null, release: null }],
])('what the state says of an image is read and written unchanged: %s', (_what, service) => {
  const changes = { services: { web: service }, previous: { web: service, worker: null } };
  const text = encodeState(read(written(changes)), 'w');
  expect(JSON.parse(text).releases[0]).toMatchObject(changes);
});

describe('which release serves', () => {
  test.each<[string, ReleaseEntry[], string | undefined, string | undefined]>([
    ['none was begun', [], undefined, undefined],
    ['one is unfinished', [v2, v1], '2.0.0', '1.0.0'],
    ['one failed', [releaseEntry({ sequence: 2, phase: 'failed' }), v1], undefined, '1.0.0'],
    ['one was rolled back', [releaseEntry({ sequence: 2, phase: 'restored' }), v1], undefined, '1.0.0'],
    ['none was proven', [releaseEntry({ sequence: 1, phase: 'restored' })], undefined, undefined],
  ])('%s', (_, releases, unfinished, proven) => {
    const state = target(...releases);
    expect([unfinishedRelease(state)?.version, provenRelease(state)?.version]).toEqual([unfinished, proven]);
  });
});
