import type { ComposeConfig } from '@slipway/config';
import type {
  DesiredService,
  PlannedService,
  Platform,
  PlatformOptions,
  RunningService,
} from '@slipway/platform';
import { type ComposePrograms, composeCommands, projectName } from './argv.ts';
import { checkTarget } from './check.ts';
import { serves } from './container.ts';
import { Engine, replicasOf } from './engine.ts';
import { nginxProxy } from './nginx.ts';
import { noProxy } from './proxy.ts';
import { rollService } from './roll.ts';
import { readStamps, writeStamp } from './stamps.ts';
import type { ComposeTarget } from './target.ts';

/** Docker Compose on one Docker Engine, local or over ssh. */
export function composePlatform(
  options: PlatformOptions & { programs: ComposePrograms },
  config: ComposeConfig,
): Platform {
  const { app, services } = options.config;
  const { exec, clock, signal, log, temp } = options;
  const commands = composeCommands(app, config, options.workspace, options.programs);
  const engine = new Engine(exec, commands, projectName(app, config));
  const proxy = config.proxy
    ? nginxProxy({ config: config.proxy.nginx, engine, temp, clock, signal, log })
    : noProxy;
  const target: ComposeTarget = { services, commands, engine, proxy, exec, clock, signal, log, temp };
  return {
    check: (names, purpose) => checkTarget({ exec, commands, engine, proxy }, names, purpose),
    async observe(names) {
      const observed = await Promise.all(
        names.map(async (name) => [name, await observeService(engine, name)] as const),
      );
      return new Map(observed);
    },
    stamp: (stamp) => writeStamp(engine, stamp),
    stamps: (of, environment) => readStamps(engine, { app: of, environment }),
    plan: async (desired) => plan(target, desired),
    roll: (desired, options) => rollService(target, desired, options),
    async remove(service) {
      await proxy.route(service, [], 'restore');
      await engine.retire(await engine.containers(service));
    },
  };
}

async function observeService(engine: Engine, name: string): Promise<RunningService> {
  const containers = await engine.containers(name);
  const replicas = await Promise.all(
    containers.map(async (container) => {
      const { id, name, release } = container;
      const image = await engine.imageOf(container);
      return { id, name, image, release, healthy: serves(container) };
    }),
  );
  return { name, replicas, declared: null };
}

async function plan(target: ComposeTarget, { name, image }: DesiredService): Promise<PlannedService> {
  const replicas = replicasOf(await target.engine.model(), name);
  const now = (await observeService(target.engine, name)).replicas;
  const from = now[0]?.image ?? null;
  const steps = [
    `start ${replicas} new next to ${now.length} old`,
    'wait until they are running, healthy and stable',
    'send them the traffic, prove the service',
    ...(now.length > 0 ? [`drain and remove ${now.map((replica) => replica.name).join(', ')}`] : []),
  ];
  return { name, from, to: image, steps };
}
