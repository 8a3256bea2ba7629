import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ComposeConfig } from '@slipway/config';
import { type Clock, Fault, type Log, poll, UserError } from '@slipway/kernel';
import { type Container, serves } from './container.ts';
import type { Engine } from './engine.ts';
import type { ReverseProxy } from './proxy.ts';

type NginxConfig = NonNullable<ComposeConfig['proxy']>['nginx'];

export interface NginxOptions {
  config: NginxConfig;
  engine: Engine;
  temp: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
}

/** A reload that the master accepted has new workers within milliseconds; longer means that it did not happen. */
const reloadTimeout = 10_000;

/** nginx that can start does so within a second; the engine tries again where the Compose file has a restart policy. */
const startTimeout = 15_000;

/**
 * One `server` line per container. Names, not addresses: they are still right after a restart of the host. Without
 * `max_fails=0`, nginx would shut out a lone container for 10 s after a single failed connect.
 */
export function upstreamFile(containers: readonly string[], port: number): string {
  const lines = containers.map((name) => `server ${name}:${port} max_fails=0;\n`);
  return `# Written by Slipway. Changed by every rollout.\n${[...lines].sort().join('')}`;
}

/** Process ids of nginx workers in the output of `docker top … -o pid,args`. */
export function parseWorkers(top: string): { active: string[]; leaving: string[] } {
  const workers = top
    .split('\n')
    .map((line) => /^\s*(\d+)\s+nginx: worker process( is shutting down)?/.exec(line))
    .filter((match) => match !== null);
  const pids = (leaving: boolean): string[] =>
    workers.filter((match) => (match[2] !== undefined) === leaving).map((match) => match[1] as string);
  return { active: pids(false), leaving: pids(true) };
}

/**
 * Drives an nginx that includes one file per upstream from a folder on a volume. One reload a rollout: every reload
 * closes idle kept-alive connections, and a client that writes at that very moment sees a reset.
 */
export function nginxProxy(options: NginxOptions): ReverseProxy {
  const { config, engine, clock, signal, log } = options;

  async function running(): Promise<Container | undefined> {
    return (await engine.containers(config.service)).find(serves);
  }

  /** Writes the upstreams into the container that is stopped and starts it, as it was created. */
  async function startWith(text: string, service: string): Promise<void> {
    const [stopped] = await engine.containers(config.service);
    if (!stopped) throw new UserError(notRunning(config.service));
    log.info(`starting the proxy service ${config.service}, which is ${stopped.status}`);
    await upload(options, fileOf(stopped, service), text);
    await engine.docker('start nginx', 'start', stopped.id);
    const wait = { clock, signal, every: 200, within: startTimeout, during: 'the start of nginx' };
    const started = await poll(wait, async () =>
      (await running()) ? { done: true, value: true } : { done: false, seen: 'not running' },
    );
    if (started.ok) return;
    const lines = await engine.lastLines(stopped, 3);
    throw new Fault(`the proxy service "${config.service}" does not start: ${lines.join(' ')}`, {
      hint: `Check the log of the ${config.service} container and start it; then run the rollback again.`,
    });
  }

  const fileOf = ({ id }: Container, service: string): string => `${id}:${config.upstreams}/${service}.conf`;

  async function workers(nginx: Container): Promise<ReturnType<typeof parseWorkers>> {
    return parseWorkers(await engine.docker('list the nginx workers', 'top', nginx.id, '-o', 'pid,args'));
  }

  async function reload(nginx: Container): Promise<void> {
    const before = await workers(nginx);
    await engine.docker('reload nginx', 'exec', nginx.id, 'nginx', '-s', 'reload');
    const wait = { clock, signal, every: 50, within: reloadTimeout, during: 'an nginx reload' };
    const switched = await poll(wait, async () => {
      const { active } = await workers(nginx);
      const fresh = active.length > 0 && active.every((pid) => !before.active.includes(pid));
      return fresh ? { done: true, value: true } : { done: false, seen: active.join(' ') };
    });
    if (!switched.ok)
      throw new Fault('nginx did not take the new upstreams: its old workers still run', {
        hint: `Look at the log of the ${config.service} container.`,
      });
  }

  return {
    async route(service, containers, purpose) {
      const port = config.ports[service];
      if (port === undefined) return;
      const nginx = await running();
      const wanted = upstreamFile(containers, port);
      if (!nginx && purpose === 'restore') return startWith(wanted, service);
      if (!nginx) throw new UserError(notRunning(config.service));
      const target = fileOf(nginx, service);
      const before = await download(options, target);
      if (before === wanted) return;
      await upload(options, target, wanted);
      try {
        await engine.docker('test the nginx configuration', 'exec', nginx.id, 'nginx', '-t');
      } catch (error) {
        await upload(options, target, before ?? upstreamFile([], port));
        throw error;
      }
      await reload(nginx);
    },
    async drained(within) {
      const nginx = await running();
      if (!nginx) return true;
      const wait = { clock, signal, every: 100, within, during: 'draining old containers' };
      const gone = await poll(wait, async () => {
        const { leaving } = await workers(nginx);
        return leaving.length === 0
          ? { done: true, value: true }
          : { done: false, seen: `${leaving.length} workers` };
      });
      return gone.ok;
    },
    async problems() {
      return (await running()) ? [] : [notRunning(config.service)];
    },
  };
}

function notRunning(service: string): string {
  return `the proxy service "${service}" is not running: start it with docker compose up -d ${service}`;
}

/** The file as it is in the container, or null when there is none. */
async function download({ engine, temp }: NginxOptions, source: string): Promise<string | null> {
  const folder = await mkdtemp(path.join(temp, 'upstream-'));
  const file = path.join(folder, 'file');
  return (await engine.succeeds('cp', source, file)) ? readFile(file, 'utf8') : null;
}

async function upload({ engine, temp }: NginxOptions, target: string, text: string): Promise<void> {
  const folder = await mkdtemp(path.join(temp, 'upstream-'));
  const file = path.join(folder, 'file');
  await writeFile(file, text, { mode: 0o644 });
  await engine.docker('write the nginx upstreams', 'cp', file, target);
}
