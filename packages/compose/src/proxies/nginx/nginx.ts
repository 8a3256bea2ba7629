import type { ProxyConfig } from '@slipway/config';
import { Fault, poll, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import { type Container, serves } from '../../container.ts';
import type { ProxyHost, ReverseProxy } from '../proxy.ts';
import { type ContainerFile, readContainerFile, upstreamFile, writeContainerFile } from './upstream-file.ts';
import { parseWorkers, type Workers } from './workers.ts';

/** A reload that the master process accepted has new workers within milliseconds. */
const reloadTimeoutMs = 10_000;

/** nginx starts within a second; the engine tries again where the Compose file has a restart policy. */
const startTimeoutMs = 15_000;

/**
 * Drives an nginx that includes one file per upstream from a folder on a volume. It is reloaded once per rollout: every
 * reload closes idle keep-alive connections, and a client that writes at that moment sees a reset.
 */
export class Nginx implements ReverseProxy {
  readonly #config: ProxyConfig<'nginx'>['config'];
  readonly #host: ProxyHost;

  constructor(config: ProxyConfig<'nginx'>['config'], host: ProxyHost) {
    this.#config = config;
    this.#host = host;
  }

  async route(service: string, containers: readonly string[], purpose: Purpose): Promise<void> {
    const port = this.#config.ports[service];
    if (port === undefined) return;
    const text = upstreamFile(containers, port);
    const running = await this.#running();
    if (running) return this.#change(running, this.#fileOf(running, service), text, upstreamFile([], port));
    const [stopped] = await this.#host.engine.containers(this.#config.service);
    if (!stopped || purpose === 'deploy') throw new UserError(this.#notRunning());
    await writeContainerFile(this.#fileOf(stopped, service), text);
    await this.#start(stopped);
  }

  async drained(withinMs: number): Promise<boolean> {
    const nginx = await this.#running();
    if (!nginx) return true;
    const { clock, signal } = this.#host;
    const wait = { clock, signal, intervalMs: 100, timeoutMs: withinMs, during: 'draining old containers' };
    const polled = await poll(wait, async () => {
      const { draining } = await this.#workers(nginx);
      return draining.length === 0
        ? { done: true, value: true }
        : { done: false, seen: `${draining.length} workers` };
    });
    return polled.ok;
  }

  async problems(): Promise<string[]> {
    return (await this.#running()) ? [] : [this.#notRunning()];
  }

  #notRunning(): string {
    const { service } = this.#config;
    return `the proxy service "${service}" is not running: start it with docker compose up -d ${service}`;
  }

  async #running(): Promise<Container | undefined> {
    return (await this.#host.engine.containers(this.#config.service)).find(serves);
  }

  #fileOf({ id }: Container, service: string): ContainerFile {
    return { path: `${id}:${this.#config.upstreams}/${service}.conf`, host: this.#host };
  }

  async #change(nginx: Container, file: ContainerFile, text: string, empty: string): Promise<void> {
    const { engine } = this.#host;
    const before = await readContainerFile(file);
    if (before === text) return;
    await writeContainerFile(file, text);
    try {
      await engine.docker('test the nginx configuration', 'exec', nginx.id, 'nginx', '-t');
    } catch (error) {
      await writeContainerFile(file, before ?? empty);
      throw error;
    }
    await this.#reload(nginx);
  }

  async #reload(nginx: Container): Promise<void> {
    const { engine, clock, signal } = this.#host;
    const before = await this.#workers(nginx);
    await engine.docker('reload nginx', 'exec', nginx.id, 'nginx', '-s', 'reload');
    const wait = { clock, signal, intervalMs: 50, timeoutMs: reloadTimeoutMs, during: 'an nginx reload' };
    const polled = await poll(wait, async () => {
      const { active } = await this.#workers(nginx);
      const replaced = active.length > 0 && active.every((pid) => !before.active.includes(pid));
      return replaced ? { done: true, value: true } : { done: false, seen: active.join(' ') };
    });
    if (polled.ok) return;
    throw new Fault('nginx did not switch to the new upstreams: its old workers are still active', {
      hint: `Check the log of the ${this.#config.service} container.`,
    });
  }

  /** Starts the container as it was created. */
  async #start(nginx: Container): Promise<void> {
    const { engine, clock, signal, log } = this.#host;
    const { service } = this.#config;
    log.info(`starting the proxy service "${service}": it was ${nginx.status}`);
    await engine.docker('start nginx', 'start', nginx.id);
    const wait = { clock, signal, intervalMs: 200, timeoutMs: startTimeoutMs, during: 'the start of nginx' };
    const polled = await poll(wait, async () =>
      (await this.#running()) ? { done: true, value: true } : { done: false, seen: 'not running' },
    );
    if (polled.ok) return;
    throw new Fault(`the proxy service "${service}" did not start`, {
      hint: `Fix what the log of the ${service} container reports, start it, and re-run this job.`,
      details: await engine.lastLines(nginx, 5),
    });
  }

  async #workers(nginx: Container): Promise<Workers> {
    return parseWorkers(
      await this.#host.engine.docker('list the nginx workers', 'top', nginx.id, '-o', 'pid,args'),
    );
  }
}
