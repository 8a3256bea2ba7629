import * as path from 'node:path';
import { execOrThrow, findFreePort, run, startEngine } from '@slipway/test-services';
import { editYaml } from '../repository.ts';
import { observeTarget } from '../target-state.ts';
import { environmentSecrets, environmentSettings, makeDatabase, ownName } from './parts.ts';
import type { Parts, Site, Venue } from './site.ts';

/** Docker Compose with the example's own nginx as the proxy. */
export async function openCompose(say: (line: string) => void): Promise<Venue> {
  const engine = await startEngine(say);
  const config = '.github/slipway.yml';
  return {
    engine,
    hostAddress: engine.gateway,
    config,
    workflow: '.github/workflows/demo.yml',
    makeSite,
    adapt: (dir, site) => editYaml(path.join(dir, config), ['compose', 'project'], site.project),
    stop: engine.stop,
  };
}

async function makeSite(parts: Parts, name: string): Promise<Site> {
  const { registry, engine, images, repositoryDir: cwd, stops } = parts;
  const project = ownName(name);
  const databaseUrl = await makeDatabase(parts, name);
  const [apiPort, appPort] = [await findFreePort(), await findFreePort()];
  const [api, app] = [`http://127.0.0.1:${apiPort}`, `http://127.0.0.1:${appPort}`];
  const settings = {
    ...environmentSettings(parts, name, { api, app }),
    NGINX_IMAGE: images.nginx,
    API_PORT: String(apiPort),
    APP_PORT: String(appPort),
  };
  const secrets = environmentSecrets(databaseUrl);
  const env = { ...engine.env, ...settings, ...secrets };
  stops.push(() => removeProject(project, env));
  const replicas = (service: string): Promise<string[]> => runningIds(engine.env, project, service);
  return {
    ...{ api, app, project, databaseUrl, settings, secrets },
    async startProxy() {
      const files = ['--project-name', project, '--file', 'docker-compose.prod.yml'];
      const argv = ['docker', 'compose', ...files, 'up', '--detach', 'nginx'] as [string, ...string[]];
      await execOrThrow('start nginx', argv, { cwd, env });
    },
    observe: () => observeTarget({ api, databaseUrl, registry: registry.address, replicas }),
  };
}

async function runningIds(env: Record<string, string>, project: string, service: string): Promise<string[]> {
  const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
  const argv = ['docker', 'ps', '--quiet', '--no-trunc', ...filters] as [string, ...string[]];
  return (await execOrThrow('list the containers', argv, { env }))
    .split('\n')
    .filter((id) => id !== '')
    .sort();
}

/** Takes away what the releases left on the engine: containers, networks, volumes, state. */
async function removeProject(project: string, env: Record<string, string>): Promise<void> {
  const docker = async (...args: string[]): Promise<string[]> =>
    (await run(['docker', ...args], { env })).stdout.split('\n').filter((line) => line !== '');
  const label = `label=com.docker.compose.project=${project}`;
  const containers = await docker('ps', '--all', '--quiet', '--filter', label);
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
  const volumes = [
    ...(await docker('volume', 'ls', '--quiet', '--filter', label)),
    ...(await docker('volume', 'ls', '--quiet', '--filter', `name=^slipway-${project}-`)),
  ];
  if (volumes.length > 0) await docker('volume', 'rm', ...volumes);
  const networks = await docker('network', 'ls', '--quiet', '--filter', label);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
}
