import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { KubernetesConfig } from '@slipway/config';
import { type Clock, createExec, directHttp, Redactor, systemClock } from '@slipway/kernel';
import type { OpenOptions, Platform } from '@slipway/platform';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { baseImages, execOrThrow, type Registry, startRegistry } from '@slipway/test-services';
import { root } from '../action.ts';
import { deployment, type Shape, service } from './manifests.ts';

/** A registry with two versions of the test app, and the cluster that `npm run test:cluster` started. */
export interface ClusterFixture {
  registry: string;
  /** `repository@sha256:…` of two images that differ only in a layer. */
  images: { one: string; two: string };
  /** Node alone, in a repository that no service has. */
  nodeImage: string;
  nodeAddress: string;
  kubeconfig: string;
  /** Runs kubectl with administrator rights. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startClusterFixture(): Promise<ClusterFixture> {
  const { SLIPWAY_CLUSTER_KUBECONFIG: kubeconfig, SLIPWAY_CLUSTER_NODE_ADDRESS: nodeAddress = '127.0.0.1' } =
    process.env;
  if (!kubeconfig) throw new Error('no cluster: run these tests with npm run test:cluster');
  const dockerEnv = process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {};
  const base = await baseImages({ env: dockerEnv }, () => {});
  const registry: Registry = await startRegistry();
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-app-'));
  const images: string[] = [];
  for (const version of ['1', '2']) {
    writeFileSync(
      path.join(folder, 'Dockerfile'),
      `FROM ${base.node}\nCOPY app.mjs /app/app.mjs\nENV BUILT=${version}\nCMD ["node", "/app/app.mjs"]\n`,
    );
    cpSync(path.join(root, 'test/support/cluster/app.mjs'), path.join(folder, 'app.mjs'));
    const tag = `${registry.address}/web:${version}`;
    await execOrThrow('build', ['docker', 'build', '--quiet', '--tag', tag, folder], { env: dockerEnv });
    await execOrThrow('push', ['docker', 'push', '--quiet', tag], { env: dockerEnv });
    const inspect = ['image', 'inspect', '--format', '{{join .RepoDigests "\\n"}}', tag];
    const stdout = await execOrThrow('inspect', ['docker', ...inspect], { env: dockerEnv });
    images.push(stdout.split('\n').find((one) => one.startsWith(registry.address)) ?? '');
  }
  const nodeImage = `${registry.address}/node:24`;
  await execOrThrow('tag', ['docker', 'tag', base.node, nodeImage], { env: dockerEnv });
  await execOrThrow('push', ['docker', 'push', '--quiet', nodeImage], { env: dockerEnv });
  const [one = '', two = ''] = images;
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const all = [`--kubeconfig=${kubeconfig}`, ...args];
    const options = input === undefined ? {} : { input };
    return (await execOrThrow('run kubectl', ['kubectl', ...all], options)).trimEnd();
  };
  return {
    registry: registry.address,
    images: { one, two },
    nodeImage,
    nodeAddress,
    kubeconfig,
    kubectl,
    stop: registry.stop,
  };
}

/** One namespace with its own folder of manifests, and the platform on it. */
export interface NamespaceFixture {
  name: string;
  workspace: string;
  lines: string[];
  platform: Platform;
  write(manifests: Record<string, string>): void;
  /** The Deployment of the test app and its Service, as manifests. */
  writeWeb(shape?: Shape): void;
  /** Waits until the lines of the platform say this. */
  said(pattern: RegExp): Promise<void>;
  /** kubectl in the namespace. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  clear(): Promise<void>;
}

export interface NamespaceOptions {
  /** The fixture whose namespace this one shares. Default: a new one. */
  on?: NamespaceFixture;
  /** Default: test. */
  environment?: string;
  config?: Record<string, unknown>;
  service?: Record<string, unknown>;
  kubeconfig?: string;
  clock?: Clock;
}

export async function makeNamespace(
  cluster: ClusterFixture,
  options: NamespaceOptions = {},
): Promise<NamespaceFixture> {
  const namespace = options.on?.name ?? `slipway-${randomBytes(4).toString('hex')}`;
  if (!options.on) await cluster.kubectl(['create', 'namespace', namespace]);
  const workspace = mkdtempSync(path.join(tmpdir(), 'slipway-namespace-'));
  const lines: string[] = [];
  const heard = new EventEmitter();
  const say = (line: string): void => {
    lines.push(line);
    heard.emit('line');
  };
  const signal = new AbortController().signal;
  const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined));
  const config: KubernetesConfig = {
    namespace,
    manifests: ['k8s'],
    kubeconfig: options.kubeconfig ?? cluster.kubeconfig,
    'fail-fast': 'balanced',
    lint: 'warn',
    'force-conflicts': false,
    ...options.config,
  };
  const exec = createExec({ env: env as Record<string, string>, signal, redactor: new Redactor() });
  const open: OpenOptions = {
    config: {
      app: 'web',
      services: {
        web: {
          image: `${cluster.registry}/web`,
          'start-timeout': 60_000,
          'stable-for': 3000,
          'drain-timeout': 30_000,
          ...options.service,
        },
      },
    },
    environment: options.environment ?? 'test',
    workspace,
    temp: workspace,
    exec,
    clock: options.clock ?? systemClock,
    signal,
    redactor: new Redactor(),
    log: { info: say, warn: say, debug: () => {}, annotate: () => {}, group: (_, body) => body() },
  };
  const find = programFinder({ ...open, http: directHttp, config: { programs: {} } });
  const platform = await openPlatform({ name: 'kubernetes', config }, open, find);
  const write = (manifests: Record<string, string>): void => {
    mkdirSync(path.join(workspace, 'k8s'), { recursive: true });
    for (const [name, text] of Object.entries(manifests))
      writeFileSync(path.join(workspace, 'k8s', name), text);
  };
  return {
    name: namespace,
    workspace,
    lines,
    platform,
    write,
    writeWeb: (shape) =>
      write({ 'web.yaml': deployment(`${cluster.registry}/web`, shape), 'service.yaml': service }),
    async said(pattern) {
      while (!pattern.test(lines.join('\n'))) await once(heard, 'line');
    },
    kubectl: (args, input) => cluster.kubectl([`--namespace=${namespace}`, ...args], input),
    clear: async () => {
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
    },
  };
}
