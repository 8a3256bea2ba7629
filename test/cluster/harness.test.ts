import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ClusterFixture, startClusterFixture } from '../support/cluster/fixture.ts';

const { SLIPWAY_CLUSTER_HOST_ADDRESS: hostAddress = '' } = process.env;
const namespace = `parts-${process.pid}`;
let cluster: ClusterFixture;

/** The output of kubectl in a namespace of this file's own. */
const kubectl = (...args: string[]): Promise<string> =>
  cluster.kubectl([`--namespace=${namespace}`, ...args]);

async function apply(...items: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await cluster.kubectl([`--namespace=${namespace}`, 'apply', '--filename=-'], list);
}

/** Answers, and logs who asked. */
const answering = `require('http').createServer((asked, answer) => {
  console.log(asked.headers['user-agent']);
  answer.end('here');
}).listen(80);`;

beforeAll(async () => {
  cluster = await startClusterFixture();
  await kubectl('create', 'namespace', namespace);
  const labels = { app: 'web' };
  const container = {
    name: 'web',
    image: cluster.images.one,
    command: ['node', '-e', answering],
    readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
  };
  await apply(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80 }] },
    },
  );
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=90s');
}, 240_000);

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--wait=false', '--ignore-not-found');
  await cluster.stop();
});

test('a service of two replicas answers on its node port', async () => {
  expect(await kubectl('get', 'deployment/web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('2');
  const port = await kubectl('get', 'service/web', '-o', 'jsonpath={.spec.ports[0].nodePort}');
  const page = await fetch(`http://${cluster.nodeAddress}:${port}/`);
  expect(await page.text()).toBe('here');
});

test('logs and exec reach into a pod, which has the token of its service account', async () => {
  expect(await kubectl('logs', 'deployment/web')).toContain('kube-probe/');
  const token = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  expect(await kubectl('exec', 'deployment/web', '--', 'cat', token)).toMatch(/^eyJ/);
});

test('a pod reaches a server of this machine and the API server', async () => {
  // Nothing is sent: a caller that leaves with something unread resets the connection, which would be an error here.
  const server = createServer((socket) => socket.end()).listen(0, hostAddress);
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const script = `const { connect } = require('net');
      const reach = (name, port, host) => connect(port, host, function () { console.log(name); this.end(); });
      reach('host', ${port}, '${hostAddress}');
      reach('api', process.env.KUBERNETES_SERVICE_PORT, process.env.KUBERNETES_SERVICE_HOST);`;
    const run = [
      'run',
      'caller',
      `--image=${cluster.images.one}`,
      '--restart=Never',
      '--command',
      '--',
      'node',
      '-e',
      script,
    ];
    await kubectl(...run);
    await kubectl('wait', 'pod/caller', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s');
    expect((await kubectl('logs', 'caller')).split('\n').sort()).toEqual(['api', 'host']);
  } finally {
    server.close();
  }
}, 240_000);

test('an image that exists nowhere is shown in the state of the pod', async () => {
  await kubectl('run', 'lost', '--image=127.0.0.1:1/lost:1', '--restart=Never');
  const reason = 'jsonpath={.status.containerStatuses[0].state.waiting.reason}';
  await kubectl('wait', 'pod/lost', `--for=${reason}=ErrImagePull`, '--timeout=60s');
}, 240_000);
