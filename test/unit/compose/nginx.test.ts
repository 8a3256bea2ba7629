import { describe, expect, test } from '@jest/globals';
import { judgePort } from '../../../packages/compose/src/port-state.ts';
import { misrouted } from '../../../packages/compose/src/proxies/nginx/misrouted.ts';
import { receivedFrom } from '../../../packages/compose/src/proxies/nginx/reached.ts';
import {
  matchesPattern,
  upstreamBlocks,
} from '../../../packages/compose/src/proxies/nginx/upstream-blocks.ts';
import {
  allowsBackup,
  isPinned,
  pinnedServers,
  proofOf,
  readProof,
  serversAtRest,
  upstreamFile,
  withoutProof,
} from '../../../packages/compose/src/proxies/nginx/upstream-file.ts';
import { kernelAddress, parseSockets } from '../../../packages/compose/src/sockets.ts';

const nginx = { id: 'a1b2c3d4e5f60718', startedAt: '2026-11-29T17:00:00Z' };
const peers = [
  { name: 'web-4', address: '172.18.0.6', backup: false },
  { name: 'web-3', address: '172.18.0.5', backup: false },
  { name: 'web-1', address: '172.18.0.2', backup: true },
];

describe('the upstream file', () => {
  test('a reload loads addresses, in a stable order, and the old version as a backup', () => {
    expect(pinnedServers(peers, 3000).split('\n')).toEqual([
      'server 172.18.0.5:3000 max_fails=0; # web-3',
      'server 172.18.0.6:3000 max_fails=0; # web-4',
      'server 172.18.0.2:3000 max_fails=0 backup; # web-1',
      '',
    ]);
  });

  describe('whether it routes to what runs', () => {
    const proof = proofOf(nginx, peers);
    const pinned = upstreamFile(proof, pinnedServers(peers, 3000));
    const features = { resolve: true, directives: [] };
    const atRest = upstreamFile(proof, serversAtRest('web', peers, 3000, features));
    const restarted = { ...nginx, startedAt: '2026-11-29T18:00:00Z' };
    const web4 = peers.slice(0, 1);
    const moved = peers.map((peer) => ({ ...peer, address: '172.18.0.99' }));
    test.each<[string, string | null, typeof nginx, typeof peers, string | null]>([
      ['what it has loaded runs', pinned, nginx, peers, null],
      ['the same at rest', atRest, nginx, peers, null],
      ['more runs than it has loaded', upstreamFile(proofOf(nginx, web4), ''), nginx, peers, null],
      ['one of several is gone', pinned, nginx, web4, null],
      ['all are gone', pinned, nginx, [], 'where no container of it runs'],
      ['they have other addresses', atRest, nginx, moved, 'to 172.18.0.5 (web-3), 172.18.0.6 (web-4)'],
      ['it was restarted and resolves names', atRest, restarted, moved, null],
      ['it was restarted and read addresses', pinned, restarted, moved, 'where no container of it runs'],
      ['what it has loaded is not known', upstreamFile(null, pinnedServers(peers, 3000)), nginx, [], null],
      ['it has loaded nothing', upstreamFile(proofOf(nginx, []), ''), nginx, peers, 'to no container'],
      ['there is no file', null, nginx, peers, 'no upstream file of web'],
    ])('%s', (_, text, process, running, words) => {
      const why = misrouted(text, process, 'web', running);
      expect(words === null ? why : why?.includes(words)).toBe(words === null ? null : true);
    });
  });

  test('the proof names the start of nginx and what it has loaded, and can be taken out', () => {
    const proof = proofOf(nginx, peers);
    const text = upstreamFile(proof, pinnedServers(peers, 3000));
    expect(proof).toBe(
      '# Loaded by a1b2c3d4e5f6@2026-11-29T17:00:00Z: web-3 172.18.0.5, web-4 172.18.0.6, backup web-1 172.18.0.2',
    );
    expect(readProof(text)).toEqual({ line: proof, names: ['web-3', 'web-4'] });
    expect(withoutProof(text)).toBe(upstreamFile(null, pinnedServers(peers, 3000)));
    expect(readProof(withoutProof(text))).toBeNull();
    expect(proofOf({ ...nginx, startedAt: '2026-11-29T18:00:00Z' }, peers)).not.toBe(proof);
    expect(readProof(upstreamFile(proofOf(nginx, []), ''))?.names).toEqual([]);
  });

  test.each<[string, boolean, string[], string[]]>([
    ['an old nginx finds the name of the service', false, [], ['server web:3000 max_fails=0;']],
    [
      'a new one resolves the containers while it runs, and falls back to the service',
      true,
      ['include'],
      [
        'zone slipway_web 128k;',
        'resolver 127.0.0.11 valid=5s;',
        'server web-3:3000 max_fails=0 resolve;',
        'server web:3000 max_fails=0 resolve backup;',
      ],
    ],
    [
      'what the block has already, or forbids, is left out',
      true,
      ['zone', 'resolver', 'ip_hash'],
      ['server web-3:3000 max_fails=0 resolve;'],
    ],
  ])('at rest, %s', (_, resolve, directives, lines) => {
    const own = peers.filter(({ name }) => name === 'web-3');
    const text = serversAtRest('web', own, 3000, { resolve, directives });
    expect(text.split('\n')).toEqual([...lines, '']);
    expect(isPinned(text)).toBe(false);
  });

  test('what a reload loads is distinguished from what a restart reads', () => {
    expect(isPinned(upstreamFile(proofOf(nginx, peers), pinnedServers(peers, 3000)))).toBe(true);
    expect(isPinned(pinnedServers([{ name: 'a', address: '[fd00::5]', backup: false }], 80))).toBe(true);
    expect(isPinned('server web-3:3000;\n')).toBe(false);
  });

  test.each(['hash', 'ip_hash', 'random'])('an upstream with %s can have no backup', (name) => {
    expect(allowsBackup({ resolve: true, directives: ['zone', name] })).toBe(false);
  });
});

describe('the configuration that nginx prints', () => {
  const dump = [
    '# configuration file /etc/nginx/nginx.conf:',
    'http { # upstream commented { include no.conf; }',
    '  map $a $b { default "}"; }',
    '  include /etc/nginx/conf.d/*.conf;',
    '  upstream web { server 127.0.0.1:9 down; include upstreams/web*.conf; least_conn; }',
    '}',
    '',
    '# configuration file /etc/nginx/conf.d/api.conf:',
    'upstream api {',
    "  include '/etc/nginx/upstreams/api*.conf';",
    '}',
    'server { location / { include /etc/nginx/upstreams/other.conf; } }',
  ].join('\n');

  test('has its upstream blocks found, with what they include', () => {
    expect(upstreamBlocks(dump)).toEqual([
      {
        name: 'web',
        includes: ['/etc/nginx/upstreams/web*.conf'],
        directives: ['server', 'include', 'least_conn'],
      },
      { name: 'api', includes: ['/etc/nginx/upstreams/api*.conf'], directives: ['include'] },
    ]);
  });

  test.each([
    ['/etc/nginx/upstreams/web*.conf', true],
    ['/etc/nginx/upstreams/*.conf', true],
    ['/etc/nginx/upstreams/we[ab].conf', true],
    ['/etc/nginx/upstreams/web', false],
    ['/etc/nginx/*.conf', false],
    ['/etc/nginx/upstreams/api*.conf', false],
  ])('%s', (pattern, expected) => {
    expect(matchesPattern(pattern, '/etc/nginx/upstreams/web.conf')).toBe(expected);
  });
});

describe('whether a port can be connected to', () => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';
  const line = (local: string, state = '0A', remote = '00000000:0000'): string =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 1`;
  const loopback = '0100007F:0BB8';
  test.each([
    ['on all addresses', line('00000000:0BB8'), 'listens'],
    ['on all addresses of IPv6', line('00000000000000000000000000000000:0BB8'), 'listens'],
    ['on its own address', line('050012AC:0BB8'), 'listens'],
    ['on 127.0.0.1', line(loopback), 'listens on port 3000 of 127.0.0.1 only'],
    ['on ::1', line('00000000000000000000000001000000:0BB8'), 'listens on port 3000 of 127.0.0.1 only'],
    ['on another port', line('00000000:1F90'), 'does not listen on port 3000; it listens on 8080'],
    ['a connection is not a listener', line('050012AC:0BB8', '01', '040012AC:9C40'), 'does not listen'],
    ["Docker's own resolver is not a listener", line('0B00007F:A3C1'), 'does not listen on port 3000'],
  ])('%s', (_, text, expected) => {
    const found = judgePort(parseSockets(`${head}\n${text}`), 3000);
    expect(found.state === 'listens' ? 'listens' : found.seen).toContain(expected);
  });

  test('an address is compared as the kernel writes it', () => {
    expect(kernelAddress('172.18.0.5')).toBe('050012AC');
    expect(kernelAddress('[fd00::5]')).toBeNull();
  });

  test('without any table it is unknown', () => {
    expect(judgePort(null, 3000).state).toBe('unknown');
  });
});

describe('whether nginx sent a container anything', () => {
  const nginx = {
    networkMode: 'app_default',
    networks: { app_default: '172.18.0.4' },
    gateways: ['172.18.0.1'],
  };
  const connection = (remote: string): string =>
    `   0: 050012AC:0BB8 ${remote}:9C40 06 00000000:00000000 00:00000000 00000000     0        0 1`;
  test.each([
    ['its address', '040012AC', {}, true],
    ['another container', '070012AC', {}, false],
    ['the container itself', '0100007F', {}, false],
    // A host that masquerades the traffic of containers hides whose it was.
    ['the host', '010012AC', {}, null],
    ['the host, whose network nginx is in', '010012AC', { networkMode: 'host', networks: {} }, true],
  ])('a connection from %s', (_, remote, change, expected) => {
    const sockets = parseSockets(connection(remote));
    expect(sockets).toHaveLength(1);
    expect(receivedFrom({ ...nginx, ...change }, sockets, 3000)).toBe(expected);
  });
});
