import type { ComposeConfig } from '@slipway/config';
import { formatImage } from '@slipway/kernel';
import {
  type DesiredService,
  definePlatform,
  type LeftService,
  type PlannedService,
  type Platform,
  type PlatformOptions,
  type RunningService,
} from '@slipway/platform';
import { type ComposeProgram, composeCommands, projectName } from './argv.ts';
import { checkTarget } from './check.ts';
import { isReady, isRunning } from './container.ts';
import { Engine, replicasOf } from './engine.ts';
import { openProxy } from './proxies/index.ts';
import { rollService } from './roll.ts';
import { ConfigurationHistory } from './saved-configuration.ts';
import { findNeighbours } from './state/neighbours.ts';
import { openStore } from './state/store.ts';
import { logTails } from './step-result.ts';
import type { ComposeTarget } from './target.ts';

/** Docker Compose on one Docker Engine, local or over ssh. */
export const compose = definePlatform({
  name: 'compose',
  programs: ['docker', 'docker-compose'],
  files: ({ files }) => files.map((path) => ({ key: 'files', path, kind: 'file' })),
  open: openCompose,
});

function openCompose(config: ComposeConfig, options: PlatformOptions<ComposeProgram>): Platform {
  const { app, services } = options.config;
  const { exec, clock, signal, log, temp, workspace, programs, redactor } = options;
  const commands = composeCommands(app, config, workspace, programs);
  const engine = new Engine(exec, commands, projectName(app, config));
  const proxy = openProxy(config.proxy, {
    ...{ engine, temp, clock, signal, log },
    services: Object.keys(services),
  });
  const store = openStore(engine, app, options.environment);
  const step = { exec, clock, signal, log, temp, redactor };
  const history = new ConfigurationHistory({ commands, store, ...step });
  const target: ComposeTarget = { services, commands, engine, proxy, store, history, ...step };
  return {
    rollsInParallel: true,
    store,
    scope: { title: `Compose project "${engine.project}"`, key: 'compose.project' },
    neighbours: () => findNeighbours(engine, { app, environment: options.environment }, log),
    check: (names, purpose) => checkTarget(target, names, purpose),
    async observe(names) {
      const observed = await Promise.all(
        names.map(async (name) => [name, await observeService(target, name)] as const),
      );
      return new Map(observed);
    },
    saveRelease: ({ release }) => history.save(release),
    forgetReleases: (keep) => store.pruneDocuments([...keep]),
    plan: (desired) => plan(target, desired),
    findLeft: async (_, names) =>
      (await Promise.all(names.map((name) => findLeft(target, name)))).flatMap((left) => left ?? []),
    async findRestoreSource({ image, release }) {
      const found = await engine.ask('image', 'inspect', '--format', '{{.Id}}', formatImage(image));
      return { hasImage: found.ok, ...(await history.describe(release)), left: [], refused: [] };
    },
    roll: (desired, rollOptions) => rollService(target, desired, rollOptions),
    async remove(service) {
      await proxy.route(service, { containers: [] }, 'restore');
      const containers = await engine.containers(service);
      const log = await logTails(target, containers);
      await engine.stopAndRemove(containers);
      return { left: [], log };
    },
    // A container belongs to a service: those of the newer release are gone when the service is restored.
    removeAdded: async () => ({ left: [], log: [] }),
  };
}

async function observeService(
  { engine, proxy }: Pick<ComposeTarget, 'engine' | 'proxy'>,
  name: string,
): Promise<RunningService> {
  const containers = await engine.containers(name);
  const replicas = await Promise.all(
    containers.map(async (container) => {
      const { id, name: containerName, release } = container;
      const image = await engine.imageOf(container);
      return { id, name: containerName, image, release, healthy: isReady(container) };
    }),
  );
  const unreached = await proxy.unreached(name, containers);
  return { name, replicas, declared: null, withoutReplicas: [], unreached };
}

async function findLeft(
  { engine, proxy }: Pick<ComposeTarget, 'engine' | 'proxy'>,
  name: string,
): Promise<LeftService | null> {
  const replicas = (await engine.containers(name)).filter(isRunning).map((container) => container.name);
  if (replicas.length === 0) return null;
  const all = replicas.join(' ');
  const commands = [await proxy.removal(name), `docker stop ${all}`, `docker rm ${all}`];
  return { name, replicas, removal: commands.filter((command) => command !== null).join(' && ') };
}

async function plan(target: ComposeTarget, { name, image }: DesiredService): Promise<PlannedService> {
  const expected = replicasOf(await target.engine.model(null), name);
  const running = (await observeService(target, name)).replicas;
  const steps = [
    `start ${expected} new next to ${running.length} old`,
    'wait until they are running, healthy and stable',
    'switch the traffic to them and check the health of the service',
    ...(running.length > 0 ? [`drain and remove ${running.map((replica) => replica.name).join(', ')}`] : []),
  ];
  return { name, from: running[0]?.image ?? null, to: image, steps };
}
