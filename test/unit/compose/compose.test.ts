import { describe, expect, test } from '@jest/globals';
import { OutsideText, Redactor } from '@slipway/kernel';
import { composeCommands, serviceFilters } from '../../../packages/compose/src/argv.ts';
import { type Container, parseContainers, sinceSeen } from '../../../packages/compose/src/container.ts';
import { replicasOf } from '../../../packages/compose/src/engine.ts';
import { parseWorkers } from '../../../packages/compose/src/proxies/nginx/workers.ts';
import { serviceProblems } from '../../../packages/compose/src/service-problems.ts';
import { judge } from '../../../packages/compose/src/verdict.ts';

const outside = (text: string) => OutsideText.of(text, new Redactor());
const healthy: Container = {
  id: 'a1',
  name: 'docsense-backend-3',
  imageId: 'sha256:1',
  image: 'registry.example.com/docsense-backend@sha256:2',
  release: '2.0.0-7',
  status: 'running',
  exitCode: 0,
  oomKilled: false,
  error: outside(''),
  restarts: 0,
  startedAt: '2026-11-29T17:00:00Z',
  networkMode: 'docsense_default',
  networks: { docsense_default: '172.18.0.5' },
  gateways: ['172.18.0.1'],
  mounts: [],
  health: 'healthy',
  lastProbe: outside(''),
};

describe('the verdict over new containers', () => {
  test.each<[string, Partial<Container>[], number, string]>([
    ['all healthy', [{}, {}], 2, 'ready'],
    ['running without a health check', [{ health: null }], 1, 'ready'],
    ['one is still starting', [{}, { health: 'starting' }], 2, '1/2 new ready'],
    ['one is missing', [{}], 2, '1/2 new ready'],
    ['none is there', [], 1, '0/1 new ready'],
    ['none is there and none is wanted', [], 0, '0/0 new ready'],
    ['created, not started yet', [{ status: 'created', health: null }], 1, '0/1 new ready'],
    ['one crash and back again', [{ restarts: 1 }], 1, 'ready'],
    ['exited', [{}, { status: 'exited', exitCode: 1 }], 2, 'exited at start (exit code 1)'],
    ['killed', [{ status: 'exited', exitCode: 137 }], 1, 'exit code 137, SIGKILL'],
    [
      'out of memory',
      [{ status: 'exited', exitCode: 137, oomKilled: true }],
      1,
      'more memory than its limit',
    ],
    [
      'crash loop',
      [{ status: 'restarting', restarts: 2, exitCode: 1 }],
      1,
      'keeps crashing at start (2 restarts',
    ],
    [
      'crashed once, and its health check noticed',
      [{ restarts: 1, health: 'unhealthy' }],
      1,
      'keeps crashing at start (1 restart)',
    ],
    ['never healthy', [{ health: 'unhealthy' }], 1, 'fails its health check'],
    [
      'cannot start',
      [{ status: 'created', error: outside('no such file: /app/x') }],
      1,
      'cannot be started: no such file',
    ],
  ])('%s', (_, containers, expected, words) => {
    const verdict = judge(
      containers.map((change) => ({ ...healthy, ...change })),
      expected,
    );
    const said =
      verdict.state === 'failed' ? verdict.reason : verdict.state === 'waiting' ? verdict.seen : 'ready';
    expect(said).toContain(words);
  });
});

describe('the verdict over a container that ran before the rollout', () => {
  const later = '2026-11-30T06:00:00Z';
  test.each<[string, Partial<Container>, Partial<Container>, string]>([
    ['crashed long ago', { restarts: 2 }, { restarts: 2 }, 'ready'],
    ['crashed once more', { restarts: 2 }, { restarts: 3, startedAt: later }, 'ready'],
    [
      'crashes on',
      { restarts: 2 },
      { restarts: 4, startedAt: later },
      'keeps crashing at start (2 restarts)',
    ],
    ['was started by hand', { restarts: 3 }, { restarts: 0, startedAt: later }, 'ready'],
    ['was started by hand and crashes', { restarts: 3 }, { restarts: 2, startedAt: later }, '(2 restarts)'],
    ['ran out of memory long ago', { oomKilled: true }, { oomKilled: true }, 'ready'],
    ['runs out of memory now', {}, { oomKilled: true }, 'more memory than its limit'],
    [
      'runs out of memory again',
      { oomKilled: true },
      { oomKilled: true, startedAt: later },
      'more memory than its limit',
    ],
    ['is down', { restarts: 2 }, { restarts: 2, status: 'exited', exitCode: 1 }, 'exited at start'],
  ])('%s', (_, before, now, words) => {
    const verdict = judge([sinceSeen({ ...healthy, ...now }, { ...healthy, ...before })], 1);
    expect(verdict.state === 'failed' ? verdict.reason : verdict.state).toContain(words);
  });
});

test('an inspected container without a health check has none, and an unknown state is refused', () => {
  const raw = {
    Id: 'x',
    Name: '/docsense-backend-1',
    Image: 'sha256:1',
    RestartCount: 0,
    State: { Status: 'running', ExitCode: 0, OOMKilled: false, Error: '' },
    Config: { Image: 'docsense-backend', Labels: { 'dev.slipway.release': '1.0.0-6' } },
  };
  expect(parseContainers(outside(JSON.stringify([raw])), 'dev.slipway.release')[0]).toMatchObject({
    name: 'docsense-backend-1',
    health: null,
    release: '1.0.0-6',
  });
  const odd = { ...raw, State: { ...raw.State, Status: 'hibernating' } };
  expect(() => parseContainers(outside(JSON.stringify([odd])), 'l')).toThrow();
});

describe('what keeps a service from being rolled out', () => {
  const service = (change: object) => ({ services: { backend: change } }) as never;
  test.each<[object, string[]]>([
    [{}, []],
    [{ ports: [{ published: '8000-8010' }] }, []],
    [{ ports: [{}] }, []],
    [{ ports: [{ published: '8080' }] }, ['publishes host port 8080']],
    [{ container_name: 'backend' }, ['has container_name "backend"']],
    [{ network_mode: 'host' }, ['uses network_mode host']],
    [{ networks: { default: { ipv4_address: '10.0.0.9' } } }, ['has a fixed IP address']],
    [{ deploy: {} }, []],
    [{ deploy: { replicas: 2 } }, []],
    [{ deploy: { replicas: 0 } }, ['has deploy.replicas: 0, so no container of the new version would run']],
    [{ scale: 0 }, ['has scale: 0, so no container of the new version would run; set 1 or more']],
    [{ scale: 0, container_name: 'backend' }, ['has container_name', 'has scale: 0']],
    [{ container_name: 'b', network_mode: 'host' }, ['has container_name "b"', 'uses network_mode host']],
  ])('%j', (change, expected) => {
    const found = serviceProblems(service(change), 'backend');
    expect(found).toHaveLength(expected.length);
    expected.forEach((words, i) => {
      expect(found[i]).toContain(words);
    });
  });

  test('a service that the Compose files do not have', () => {
    expect(serviceProblems(service({}), 'bakend')).toEqual([
      'the Compose files have no service "bakend"; they have backend',
    ]);
  });
});

test('replicas come from deploy, then scale, then one', () => {
  const model = { services: { a: { deploy: { replicas: 3 } }, b: { scale: 2 }, c: {} } };
  expect(['a', 'b', 'c'].map((name) => replicasOf(model, name))).toEqual([3, 2, 1]);
});

test('workers that take requests are distinguished from those that finish theirs', () => {
  const top = [
    'PID    COMMAND',
    '101    nginx: master process nginx -g daemon off;',
    '202    nginx: worker process is shutting down',
    '303    nginx: worker process',
  ].join('\n');
  expect(parseWorkers(top)).toEqual({ active: ['303'], draining: ['202'] });
});

test('commands are plain values that never hold a secret', () => {
  const commands = composeCommands(
    'docsense',
    { files: ['a.yml', 'b.yml'], host: 'ssh://deploy@prod' },
    '/w',
    { docker: ['docker'], 'docker-compose': ['docker', 'compose'] },
  );
  expect(commands.compose('/tmp/o.json', 'up', 'backend')).toEqual({
    cwd: '/w',
    env: { DOCKER_HOST: 'ssh://deploy@prod' },
    argv: [
      ...['docker', 'compose', '--ansi', 'never', '--progress', 'plain', '--project-name', 'docsense'],
      ...['--file', 'a.yml', '--file', 'b.yml', '--file', '/tmp/o.json', 'up', 'backend'],
    ],
  });
  expect(serviceFilters('p', 's')).toContain('label=com.docker.compose.oneoff=False');
});
