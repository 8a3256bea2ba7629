import {
  type CommandResult,
  type Duration,
  expectSuccess,
  Fault,
  lastLine,
  type PollOptions,
  poll,
} from '@slipway/kernel';
import type { Container } from '../../container.ts';
import type { ProxyHost } from '../proxy.ts';
import { parseWorkers, type Workers } from './workers.ts';

/** A reload that the master process accepted has new workers within milliseconds. */
const reloadTimeoutMs = 10_000;

/** nginx starts within a second; the engine tries again where the Compose file has a restart policy. */
const startTimeoutMs = 30_000;

/** How long nginx that was just started may take to have workers. */
const settleMs = 1500;

/** The first version that resolves names of upstreams while it runs. */
const resolvingVersion = [1, 27, 3];

/** The nginx in a container, by the commands of the engine. */
export class NginxProcess {
  readonly #service: string;
  readonly #host: ProxyHost;

  constructor(service: string, host: ProxyHost) {
    this.#service = service;
    this.#host = host;
  }

  /** The container of the proxy service, one that runs before any other. */
  async container(): Promise<Container | undefined> {
    const all = await this.#host.engine.containers(this.#service);
    return all.find(({ status }) => status === 'running') ?? all[0];
  }

  /**
   * Whether workers take requests. One that was started a moment ago gets a second for it. What cannot be seen counts as
   * alive: nothing that may be serving is started again.
   */
  async isAlive(nginx: Container): Promise<boolean> {
    if (nginx.status !== 'running') return false;
    const polled = await poll(this.#wait('the start of nginx', 250, settleMs), async () => {
      const top = await this.#top(nginx);
      const works = top.ok ? parseWorkers(top.stdout.data).active.length > 0 : await this.#stillRuns(nginx);
      return works ? { done: true, value: true } : { done: false, seen: 'no workers' };
    });
    return polled.ok;
  }

  /** One that the engine starts again and again is between two starts for most of the time. */
  async #stillRuns({ startedAt }: Container): Promise<boolean> {
    const now = await this.container();
    return now?.status === 'running' && now.startedAt === startedAt;
  }

  /** Its configuration as it is on disk, tested: `nginx -T`. */
  test(nginx: Container): Promise<CommandResult> {
    return this.#host.engine.ask('exec', nginx.id, 'nginx', '-T');
  }

  /** Whether it resolves names of upstreams while it runs. */
  async resolvesNames(nginx: Container): Promise<boolean> {
    const { stderr } = await this.#host.engine.ask('exec', nginx.id, 'nginx', '-v');
    const [, ...version] = /\/(\d+)\.(\d+)\.(\d+)/.exec(stderr.data)?.map(Number) ?? [];
    const different = resolvingVersion.findIndex((part, at) => part !== version[at]);
    return (
      version.length > 0 && (different < 0 || (version[different] ?? 0) > (resolvingVersion[different] ?? 0))
    );
  }

  /** Lets it read its configuration again. Returns once new workers have replaced the old ones. */
  async reload(nginx: Container): Promise<void> {
    const before = await this.workers(nginx);
    await this.#host.engine.docker('reload nginx', 'exec', nginx.id, 'nginx', '-s', 'reload');
    const polled = await poll(this.#wait('an nginx reload', 50, reloadTimeoutMs), async () => {
      const { active } = await this.workers(nginx);
      const replaced = active.length > 0 && active.every((pid) => !before.active.includes(pid));
      return replaced ? { done: true, value: true } : { done: false, seen: active.join(' ') };
    });
    if (polled.ok) return;
    throw new Fault('nginx did not switch to the new upstreams: its old workers are still active', {
      hint: `Check the log of the ${this.#service} container.`,
    });
  }

  /** Starts the container as it was created, whatever state it is in. */
  async start(nginx: Container): Promise<Container> {
    const { engine, log } = this.#host;
    log.info(`starting the proxy service "${this.#service}": it was ${nginx.status}`);
    const down = ['created', 'exited', 'dead'].includes(nginx.status);
    const argv = down ? ['start', nginx.id] : ['restart', '--time', '1', nginx.id];
    const begun = await engine.run(...argv);
    const polled = await poll(this.#wait('the start of nginx', 200, startTimeoutMs), async () => {
      const now = await this.container();
      return now && (await this.isAlive(now))
        ? { done: true, value: now }
        : { done: false, seen: now?.status ?? 'gone' };
    });
    if (polled.ok) return polled.value;
    throw new Fault(`the proxy service "${this.#service}" did not start`, {
      hint: `Fix what the log of the ${this.#service} container reports, start it, and re-run this job.`,
      details: begun.ok ? await engine.lastLines(nginx, 5) : [lastLine(begun)],
    });
  }

  async workers(nginx: Container): Promise<Workers> {
    return parseWorkers(expectSuccess(await this.#top(nginx), 'list the nginx workers').data);
  }

  #top(nginx: Container): Promise<CommandResult> {
    return this.#host.engine.ask('top', nginx.id, '-o', 'pid,args');
  }

  /** Whether the workers of former configurations have finished their requests within the time. */
  async drained(nginx: Container, withinMs: number): Promise<boolean> {
    const polled = await poll(this.#wait('draining old containers', 100, withinMs), async () => {
      const { draining } = await this.workers(nginx);
      return draining.length === 0
        ? { done: true, value: true }
        : { done: false, seen: `${draining.length} workers` };
    });
    return polled.ok;
  }

  #wait(during: string, intervalMs: Duration, timeoutMs: Duration): PollOptions {
    const { clock, signal } = this.#host;
    return { clock, signal, intervalMs, timeoutMs, during };
  }
}
