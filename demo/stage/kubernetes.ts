import * as path from 'node:path';
import { type Cluster, startCluster, startEngine } from '@slipway/test-services';
import { editYaml } from '../repository.ts';
import { observeTarget } from '../target-state.ts';
import { flatKubeconfig, inNamespace, type Kubectl } from './namespace.ts';
import {
  applicationSettings,
  environmentSecrets,
  environmentSettings,
  makeDatabase,
  ownName,
} from './parts.ts';
import type { Parts, Site, Venue } from './site.ts';

const config = '.github/slipway.kubernetes.yml';

/** A namespace of a real cluster of one node, which users reach through node ports. */
export async function openKubernetes(say: (line: string) => void): Promise<Venue> {
  const cluster = await startCluster(say);
  Object.assign(process.env, cluster.env); // the kubectl of the cluster is also that of the demo
  try {
    const engine = await startEngine(say);
    return {
      engine: { ...engine, env: { ...engine.env, ...cluster.env } },
      hostAddress: cluster.hostAddress,
      config,
      workflow: '.github/workflows/demo.kubernetes.yml',
      makeSite: (parts, name) => makeSite(cluster, parts, name),
      adapt,
      async stop() {
        await cluster.stop();
        await engine.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function makeSite(cluster: Cluster, parts: Parts, name: string): Promise<Site> {
  const project = ownName(name);
  const kubectl = inNamespace(cluster.kubeconfig, project);
  await kubectl(['create', 'namespace', project]);
  parts.stops.push(async () => {
    await kubectl(['delete', 'namespace', project, '--wait=false']);
  });
  const databaseUrl = await makeDatabase(parts, name);
  const secrets = environmentSecrets(databaseUrl);
  const [api, app] = await openToUsers(cluster, kubectl);
  await configureApplication(kubectl, { ...applicationSettings, API_URL: api }, secrets);
  const registry = parts.registry.address;
  const replicas = (service: string): Promise<string[]> => livePods(kubectl, service);
  return {
    ...{ api, app, project, databaseUrl },
    settings: environmentSettings(parts, name, { api, app }),
    secrets: { ...secrets, KUBE_CONFIG: await flatKubeconfig(cluster.kubeconfig) },
    startProxy: async () => {}, // the node has been answering on its ports since they were opened
    observe: () => observeTarget({ api, databaseUrl, registry, replicas }),
  };
}

/**
 * Lets users in from outside of the cluster, where an ingress would be. These Services belong to the platform and not
 * to the application: they are there before its first release, and no release touches them.
 * @returns addresses of the API and of the frontend.
 */
async function openToUsers(cluster: Cluster, kubectl: Kubectl): Promise<[api: string, app: string]> {
  const open = async (component: string): Promise<string> => {
    const selector = { 'app.kubernetes.io/name': 'docsense', 'app.kubernetes.io/component': component };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `outside-${component}` },
      spec: { type: 'NodePort', selector, ports: [{ port: 80, targetPort: 3000 }] },
    };
    const created = JSON.parse(
      await kubectl(['create', '--filename=-', '--output=json'], JSON.stringify(service)),
    );
    return `http://${cluster.nodeAddress}:${created.spec.ports[0].nodePort}`;
  };
  return [await open('backend'), await open('frontend')];
}

/** What the pods take their environment from; the manifests only name it. */
async function configureApplication(
  kubectl: Kubectl,
  settings: Record<string, string>,
  secrets: Record<string, string>,
): Promise<void> {
  const metadata = { name: 'docsense' };
  const items = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: settings },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: secrets },
  ];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await kubectl(['create', '--filename=-'], JSON.stringify(list));
}

/** Pods that are not on their way out. */
async function livePods(kubectl: Kubectl, component: string): Promise<string[]> {
  const selector = `--selector=app.kubernetes.io/component=${component}`;
  const { items } = JSON.parse(await kubectl(['get', 'pods', selector, '--output=json']));
  const live = (items as Pod[]).filter(({ metadata }) => !metadata.deletionTimestamp);
  return live.map(({ metadata }) => metadata.uid).sort();
}

interface Pod {
  metadata: { uid: string; deletionTimestamp?: string };
}

async function adapt(dir: string, site: Site): Promise<void> {
  await editYaml(path.join(dir, config), ['kubernetes', 'namespace'], site.project);
}
