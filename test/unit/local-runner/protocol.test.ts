import { describe, expect, test } from '@jest/globals';
import { parseCommand } from '../../../packages/local-runner/src/process/commands.ts';
import { Masks } from '../../../packages/local-runner/src/process/masks.ts';
import { parseProtocolFile } from '../../../packages/local-runner/src/process/protocol-file.ts';
import { ancestors, combine, jobStatus } from '../../../packages/local-runner/src/run/graph.ts';
import { Lanes } from '../../../packages/local-runner/src/run/lanes.ts';
import { excess } from '../../../packages/local-runner/src/workflow/permissions.ts';
import { parseReference } from '../../../packages/local-runner/src/workflow/reference.ts';
import { matchesAny } from '../../../packages/local-runner/src/workflow/triggers.ts';

describe('a line of output', () => {
  test.each([
    ['::error::broken', { name: 'error', properties: {}, message: 'broken' }],
    [
      '  ::error file=a.ts,line=3,title=Two%2C parts%3A::first%0Asecond 100%25',
      {
        name: 'error',
        properties: { file: 'a.ts', line: '3', title: 'Two, parts:' },
        message: 'first\nsecond 100%',
      },
    ],
    ['::WARNING::shouted', { name: 'warning', properties: {}, message: 'shouted' }],
    ['::group::A: b', { name: 'group', properties: {}, message: 'A: b' }],
    ['::error title=::empty title', { name: 'error', properties: {}, message: 'empty title' }],
    ['text ::error::inside', null],
    ['::unknown::x', null],
    ['::error', null],
    ['std::vector<int>', null],
  ])('%j', (line, command) => expect(parseCommand(line)).toEqual(command));

  test('is text until the token after stop-commands', () => {
    expect(parseCommand('::error::x', 'token')).toBeNull();
    expect(parseCommand('::token::', 'token')?.name).toBe('token');
  });
});

describe('a protocol file', () => {
  test.each([
    ['a=1\nb=2=3\n', { a: '1', b: '2=3' }],
    ['a<<END\none\ntwo\nEND\nb=x\n', { a: 'one\ntwo', b: 'x' }],
    ['a<<END\nEND\n', { a: '' }],
    ['a=x<<y\n', { a: 'x<<y' }],
    ['a=1\r\na=2\r\n', { a: '2' }],
    ['', {}],
  ])('%j is read', (text, values) => expect(parseProtocolFile(text)).toEqual(values));

  test.each([
    ['nothing here', "Invalid format 'nothing here'"],
    ['=x', 'Name must not be empty'],
    ['a<<END\none\n', "Matching delimiter not found 'END'"],
    ['a<<\nx\n', 'Invalid format'],
  ])('%j is refused', (text, message) => expect(() => parseProtocolFile(text)).toThrow(message));
});

describe('a secret', () => {
  const masks = new Masks();
  masks.add('p4ss"word');
  masks.add('first line\nsecond line');
  masks.add('p4ss"word longer');
  masks.add(' ');
  test.each([
    ['as it is', 'it is p4ss"word!', 'it is ***!'],
    ['inside a longer one', 'p4ss"word longer', '***'],
    ['a single line of it', 'the second line.', 'the ***.'],
    ['in JSON', '{"a":"p4ss\\"word"}', '{"a":"***"}'],
    ['in an address', 'https://u:p4ss%22word@host', 'https://u:***@host'],
    ['in base64', Buffer.from('p4ss"word').toString('base64'), '***'],
    ['in base64 after one byte', Buffer.from('p4ss"word').subarray(1).toString('base64'), '***'],
    ['in base64 after two bytes', Buffer.from('p4ss"word').subarray(2).toString('base64'), '***'],
    ['in an argument', 'p4ss\\"word', '***'],
    ['nothing of it', 'p4ss word', 'p4ss word'],
  ])('%s', (_, text, masked) => {
    expect(masks.mask(text)).toBe(masked);
    expect(masks.touches(text)).toBe(text !== masked);
  });
});

describe('the result of jobs', () => {
  test.each([
    [[], { success: true, failure: false }],
    [['success', 'success'], { success: true, failure: false }],
    [['success', 'skipped'], { success: false, failure: false }],
    [['success', 'failure'], { success: false, failure: true }],
    [['cancelled'], { success: false, failure: false }],
  ] as const)('%j to the one after them', (results, status) => {
    expect(jobStatus(results, false)).toEqual({ ...status, cancelled: false });
    expect(jobStatus(results, true)).toMatchObject({ success: false, cancelled: true });
  });

  test.each([
    [['success', 'skipped'], 'success'],
    [['skipped', 'skipped'], 'skipped'],
    [['cancelled', 'success'], 'cancelled'],
    [['cancelled', 'failure'], 'failure'],
  ] as const)('%j together', (results, all) => expect(combine(results)).toBe(all));

  test('reaches through all ancestors', () => {
    const job = (...needs: string[]): object => ({ needs });
    const jobs = new Map(Object.entries({ a: job(), b: job('a'), c: job('b'), d: job('b', 'c') }));
    expect(ancestors({ jobs } as unknown as Parameters<typeof ancestors>[0], 'd').sort()).toEqual([
      'a',
      'b',
      'c',
    ]);
  });
});

describe('a concurrency group', () => {
  const never = new AbortController().signal;

  test('lets one in, in the order they came', async () => {
    const lanes = new Lanes();
    const first = await lanes.enter('Deploy', true, never);
    const order: string[] = [];
    const others = ['b', 'c'].map(async (name) => {
      const turn = await lanes.enter('deploy', true, never);
      order.push(name);
      if (turn.granted) turn.leave();
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    if (first.granted) first.leave();
    await Promise.all(others);
    expect(order).toEqual(['b', 'c']);
  });

  test('keeps only the newest that waits, unless all are to wait', async () => {
    const lanes = new Lanes();
    const running = await lanes.enter('x', false, never);
    const older = lanes.enter('x', false, never);
    const newer = lanes.enter('x', false, never);
    expect((await older).granted).toBe(false);
    if (running.granted) running.leave();
    expect((await newer).granted).toBe(true);
  });

  test('is given up with the wait', async () => {
    const lanes = new Lanes();
    await lanes.enter('x', true, never);
    const quit = new AbortController();
    const waiting = lanes.enter('x', true, quit.signal);
    quit.abort();
    expect((await waiting).granted).toBe(false);
  });
});

test.each([
  [['v*'], 'v1.2.3', true],
  [['v*'], 'v1/2', false],
  [['v**'], 'v1/2', true],
  [['v[0-9]+.[0-9]+.[0-9]+'], 'v10.2.3', true],
  [['v[0-9]+.[0-9]+.[0-9]+'], 'v1x2x3', false],
  [['v*', '!v*-rc'], 'v1-rc', false],
  [['!v*-rc'], 'v1', false],
])('the filter %j lets %s through: %s', (patterns, name, through) =>
  expect(matchesAny(patterns, name)).toBe(through),
);

test.each([
  ['$/actions/rollout', { kind: 'own', path: 'actions/rollout' }],
  ['./actions/x', { kind: 'local', path: 'actions/x' }],
  [
    'OWNER/slipway/actions/x@v1',
    { kind: 'remote', repository: 'OWNER/slipway', path: 'actions/x', ref: 'v1' },
  ],
  ['actions/checkout@abc', { kind: 'remote', repository: 'actions/checkout', path: '', ref: 'abc' }],
  ['$/', null],
  ['$/actions/x@v1', null],
  ['docker://alpine', null],
  ['actions/checkout', null],
])('uses: %s', (uses, reference) => expect(parseReference(uses)).toEqual(reference));

describe('permissions', () => {
  const permissions = (
    scopes: Record<string, 'none' | 'read' | 'write'>,
    rest: 'none' | 'read' | 'write' = 'none',
  ) => ({
    scopes: new Map(Object.entries(scopes)),
    rest,
  });
  test.each([
    [permissions({ contents: 'read' }), permissions({ contents: 'write' }), null],
    [permissions({ contents: 'read' }), permissions({}, 'read'), null],
    [
      permissions({ contents: 'write', checks: 'read' }),
      permissions({ contents: 'read' }),
      "is requesting 'contents: write, checks: read', but is only allowed 'contents: read, checks: none'",
    ],
    [
      permissions({}, 'write'),
      permissions({}, 'read'),
      "is requesting 'all scopes: write', but is only allowed 'all scopes: read'",
    ],
  ])('%#', (asked, ceiling, said) => expect(excess(asked, ceiling)).toBe(said));
});
