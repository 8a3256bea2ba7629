import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execOrThrow } from '@slipway/test-services';
import type { ClusterFixture, NamespaceFixture } from '../support/cluster/fixture.ts';
import { namespaceEach } from '../support/cluster/namespaces.ts';
import { release } from '../support/cluster/release.ts';

const { SLIPWAY_CLUSTER_HOST_ADDRESS: hostAddress = '' } = process.env;

let cluster: ClusterFixture;
let namespace: NamespaceFixture;
let webhook: Server;

namespaceEach((given) => {
  ({ cluster, namespace } = given);
});
beforeEach(async () => {
  await namespace.kubectl(['label', 'namespace', namespace.name, `policy=${namespace.name}`]);
  namespace.writeWeb();
  expect(await release(namespace, cluster.images.one, 'r1')).toMatchObject({ outcome: 'passed' });
  await installPolicy();
}, 240_000);
afterEach(async () => {
  await namespace?.kubectl([
    'delete',
    'validatingwebhookconfiguration',
    namespace.name,
    '--ignore-not-found',
  ]);
  webhook?.close();
}, 60_000);

/** A policy for the pods of the namespace: what has the variable FORBIDDEN is denied. */
async function installPolicy(): Promise<void> {
  const [key, cert] = ['policy.key', 'policy.crt'].map((name) => path.join(namespace.workspace, name)) as [
    string,
    string,
  ];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=policy', '-addext', `subjectAltName=IP:${hostAddress}`];
  const request = ['req', '-x509', ...curve, ...names, '-days', '2', '-keyout', key, '-out', cert];
  await execOrThrow('make a certificate', ['openssl', ...request]);
  webhook = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { request: review } = JSON.parse(body);
    const allowed = !JSON.stringify(review.object).includes('FORBIDDEN');
    const status = { message: 'pods need the label team of their owner' };
    const answer = { uid: review.uid, allowed, ...(allowed ? {} : { status }) };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
    );
  });
  await new Promise<void>((resolve) => webhook.listen(0, hostAddress, resolve));
  const { port } = webhook.address() as AddressInfo;
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: namespace.name },
    webhooks: [
      {
        name: 'policy.example.com',
        clientConfig: {
          url: `https://${hostAddress}:${port}/`,
          caBundle: readFileSync(cert).toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { policy: namespace.name } },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 2,
      },
    ],
  };
  await namespace.kubectl(['apply', '--filename=-'], JSON.stringify(configuration));
}

const forbidden = (): void => namespace.writeWeb({ env: [{ name: 'FORBIDDEN', value: 'here' }] });

test('pods that admission denies: the preflight says so already', async () => {
  forbidden();
  await expect(namespace.platform.check(['web'], 'deploy')).rejects.toThrow(
    /pods need the label team of their owner/,
  );
}, 120_000);

test('pods that admission denies: the rollout ends with the words of the policy', async () => {
  forbidden();
  const bad = await release(namespace, cluster.images.two, 'r2');
  expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
  expect('reason' in bad && bad.reason).toMatch(
    /admission webhook "policy\.example\.com" denied the request: pods need the label team of their owner/,
  );
}, 120_000);

test('a policy that does not answer is named, and is not taken for a fault of the release', async () => {
  await new Promise((resolve) => webhook.close(resolve));
  const bad = await release(namespace, cluster.images.two, 'r2');
  expect(bad).toMatchObject({ outcome: 'failed', oldServing: { serving: 2, of: 2 } });
  expect('reason' in bad && bad.reason).toMatch(/webhook "?policy\.example\.com/);
}, 240_000);
