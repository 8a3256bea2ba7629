import type { ClusterFixture } from './fixture.ts';
import type { Shape } from './manifests.ts';

/** What one bad release shows. */
export interface Case {
  name: string;
  shape: (cluster: ClusterFixture, locked: string) => Shape;
  /** Applied to the namespace before. */
  with?: object[];
  says: RegExp;
  /** Words of the cluster that decide, where `says` are ours. */
  visible?: RegExp;
  remedy?: RegExp;
  details?: RegExp;
  /** Seconds from the apply to the verdict at most. */
  within: number;
}

const sidecar = (image: string, more: object = {}): Shape => ({
  sidecar: { name: 'sidecar', image, ...more },
});

/** One bad release per signature that a real cluster shows; `locked` is a registry that wants a login. */
export const cases: readonly Case[] = [
  {
    name: 'image missing',
    shape: (cluster) => sidecar(`${cluster.registry}/other:nope`),
    says: /container sidecar of .*other:nope.*(manifest|name) unknown|other:nope.*not found/,
    visible: /other:nope[^"]*(manifest unknown|name unknown|not found)/,
    within: 8,
  },
  {
    name: 'pull denied',
    shape: (_, locked) => sidecar(`${locked}/web:2`),
    says: /no basic auth credentials|unauthorized/,
    within: 8,
  },
  {
    name: 'pull from a dead registry',
    shape: () => sidecar('127.0.0.1:9/web:1'),
    says: /connection refused/,
    visible: /127\.0\.0\.1:9[^"]*connection refused/,
    within: 45,
  },
  {
    name: 'invalid image name',
    shape: () => sidecar('local/KS-Web:2'),
    says: /repository name .*must be lowercase/,
    within: 6,
  },
  {
    name: 'image never pulled',
    shape: () => sidecar('local/not-loaded:1', { imagePullPolicy: 'Never' }),
    says: /local\/not-loaded:1, which is not on the node/,
    visible: /ErrImageNeverPull/,
    within: 8,
  },
  {
    name: 'crash loop',
    shape: () => ({ env: [{ name: 'MODE', value: 'crash' }] }),
    says: /container web of .* exited 3 times \(last exit code 1\)/,
    details: /Configuration validation failed: DB_URL must be set/,
    visible: /"reason": ?"CrashLoopBackOff"/,
    within: 35,
  },
  {
    name: 'OOM kill',
    shape: () => ({
      env: [{ name: 'MODE', value: 'memory' }],
      container: { resources: { limits: { memory: '64Mi' } } },
    }),
    says: /memory/,
    details: /memory limit .*64Mi/,
    visible: /OOMKilled/,
    within: 30,
  },
  {
    name: 'config error: secret without the key',
    with: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'app' }, stringData: { OTHER: 'x' } }],
    shape: () => ({
      env: [{ name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'app', key: 'DB_URL' } } }],
    }),
    says: /couldn't find key DB_URL in Secret/,
    within: 30,
  },
  {
    name: 'cannot start',
    shape: () => ({ container: { command: ['/no/such/cmd'] } }),
    says: /\/no\/such\/cmd.*no such file or directory/,
    within: 12,
  },
  {
    name: 'init container failing',
    shape: (cluster) => ({
      pod: {
        initContainers: [
          { name: 'prepare', image: cluster.images.one, command: ['sh', '-c', 'echo no table; exit 3'] },
        ],
      },
    }),
    says: /container prepare of .* exited 3 times \(last exit code 3\)/,
    details: /no table/,
    visible: /"reason": ?"CrashLoopBackOff"/,
    within: 35,
  },
  {
    name: 'liveness kill of a slow starter',
    shape: () => ({
      env: [{ name: 'MODE', value: 'never-ready' }],
      container: {
        livenessProbe: { httpGet: { path: '/live', port: 9999 }, periodSeconds: 1, failureThreshold: 2 },
      },
    }),
    says: /liveness probe/,
    visible: /failed liveness probe/,
    within: 40,
  },
  {
    name: 'volume of a ConfigMap that is missing',
    shape: () => ({
      pod: { volumes: [{ name: 'c', configMap: { name: 'nowhere' } }] },
      container: { volumeMounts: [{ name: 'c', mountPath: '/c' }] },
    }),
    says: /configmap "nowhere" not found/,
    within: 30,
  },
  {
    name: 'unschedulable',
    shape: () => ({ container: { resources: { requests: { cpu: '64' } } } }),
    says: /Insufficient cpu/,
    visible: /Insufficient cpu/,
    within: 70,
  },
  {
    name: 'quota',
    with: [
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '2' } } },
    ],
    shape: () => ({ env: [{ name: 'A', value: 'b' }] }),
    says: /exceeded quota: q/,
    within: 20,
  },
  {
    name: 'LimitRange',
    with: [
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'l' },
        spec: { limits: [{ type: 'Container', max: { memory: '128Mi' } }] },
      },
    ],
    shape: () => ({ container: { resources: { limits: { memory: '256Mi' } } } }),
    says: /maximum memory usage per Container is 128Mi/,
    within: 8,
  },
  {
    name: 'missing service account',
    shape: () => ({ pod: { serviceAccountName: 'deployer' } }),
    says: /serviceaccount "deployer" not found/,
    within: 30,
  },
  {
    name: 'missing claim',
    shape: () => ({ pod: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } }),
    says: /persistentvolumeclaim "data" not found/,
    within: 30,
  },
  {
    name: 'immutable field',
    shape: () => ({ spec: { selector: { matchLabels: { app: 'web', tier: 'front' } } } }),
    says: /spec\.selector.* is immutable|selector/,
    visible: /field is immutable/,
    within: 4,
  },
];
