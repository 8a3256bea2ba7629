import type { ProxyConfig } from '@slipway/config';
import { Cancelled, describeError, expectSuccess, lastLines, UserError } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import { type Container, isRunning } from '../../container.ts';
import type { ComposeModel } from '../../engine.ts';
import { judgePort, type PortState, readSockets } from '../../port-state.ts';
import type { ProxyHost, ReverseProxy, Route } from '../proxy.ts';
import { type ContainerFile, readContainerFile, writeContainerFile } from './container-file.ts';
import { misrouted } from './misrouted.ts';
import { knowsNameOf, peersOf } from './peers.ts';
import { blockOf, configurationProblems, missingIncludes, portProblems } from './problems.ts';
import { NginxProcess } from './process.ts';
import { connectsTo } from './reached.ts';
import { rewriteUpstreams } from './repair.ts';
import { Turns } from './turns.ts';
import { type UpstreamBlock, upstreamBlocks } from './upstream-blocks.ts';
import {
  allowsBackup,
  isPinned,
  type Peer,
  pinnedServers,
  proofOf,
  readProof,
  serversAtRest,
  type UpstreamFeatures,
  upstreamFile,
  withoutProof,
  writtenPort,
} from './upstream-file.ts';

const testing = 'test the nginx configuration';

/**
 * Drives an nginx that includes one file per upstream from a folder on a volume. What it has loaded is known by a line
 * in the file that is written once the reload was seen to be done; without it, nginx is reloaded. Reloads are few:
 * each closes idle keep-alive connections, and a client that writes at that moment sees a reset.
 */
export class Nginx implements ReverseProxy {
  readonly #config: ProxyConfig<'nginx'>['config'];
  readonly #host: ProxyHost;
  readonly #process: NginxProcess;
  /** Services may be rolled at the same time, but nginx is changed by one at a time. */
  readonly #turns = new Turns();
  /** Services whose files were at rest until a reload for another one. */
  readonly #pinned = new Set<string>();

  constructor(config: ProxyConfig<'nginx'>['config'], host: ProxyHost) {
    this.#config = config;
    this.#host = host;
    this.#process = new NginxProcess(config.service, host);
  }

  hold(service: string, containers: readonly Container[], purpose: Purpose): Promise<void> {
    return this.#turns.take(async () => {
      const port = await this.#portOf(service);
      if (port === undefined || !(await this.#process.container())) return;
      const nginx = await this.#open(service, purpose);
      if (!nginx) return;
      await this.#pin(nginx, service, containers, port);
    });
  }

  route(service: string, route: Route, purpose: Purpose): Promise<void> {
    return this.#turns.take(async () => {
      const port = await this.#portOf(service);
      const nginx = port === undefined ? null : await this.#open(service, purpose);
      if (port === undefined || !nginx) return;
      const backups = peersOf(nginx, route.backups ?? [], true);
      const features = backups.length > 0 ? await this.#featuresOf(nginx, service) : null;
      const peers = [
        ...peersOf(nginx, route.containers),
        ...(features && allowsBackup(features) ? backups : []),
      ];
      await this.#load(nginx, service, peers, port);
    });
  }

  settle(service: string, containers: readonly Container[]): Promise<void> {
    return this.#turns.take(async () => {
      const nginx = await this.#process.container();
      if (!nginx || !isRunning(nginx)) return;
      await this.#release(nginx, service, containers);
      for (const other of this.#pinned)
        await this.#release(nginx, other, await this.#host.engine.containers(other));
      this.#pinned.clear();
    });
  }

  async removal(service: string): Promise<string | null> {
    const nginx = await this.#process.container();
    const port = await this.#portOf(service);
    if (!nginx || port === undefined) return null;
    // Some images of nginx have no other program than a shell.
    const lines = upstreamFile(null, pinnedServers([], port)).trimEnd().split('\n');
    const echoes = lines.map((line) => `echo "${line}";`).join(' ');
    const write = `{ ${echoes} } >${this.#config.upstreams}/${service}.conf`;
    return `docker exec ${nginx.name} sh -c '${write} && nginx -s reload'`;
  }

  async routed(service: string): Promise<string[] | null> {
    if ((await this.#portOf(service)) === undefined) return null;
    const nginx = await this.#process.container();
    if (!nginx || !(await this.#process.isAlive(nginx))) return null;
    const text = await readContainerFile(this.#fileOf(nginx, service));
    return text === null ? null : (readProof(text)?.names ?? null);
  }

  async unreached(service: string, containers: readonly Container[]): Promise<string | null> {
    try {
      if ((await this.#portOf(service)) === undefined) return null;
      const nginx = await this.#process.container();
      if (!nginx || !(await this.#process.isAlive(nginx)))
        return `the proxy service "${this.#config.service}" does not run`;
      const text = await readContainerFile(this.#fileOf(nginx, service));
      return misrouted(text, nginx, service, peersOf(nginx, containers.filter(isRunning)));
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      return `what nginx routes ${service} to is not known: ${describeError(error)}`;
    }
  }

  async portState(service: string, container: Container): Promise<PortState | null> {
    const port = await this.#portOf(service);
    if (port === undefined) return null;
    if (!isRunning(container)) return { state: 'silent', seen: `is ${container.status}` };
    const { engine } = this.#host;
    const nginx = await this.#process.container();
    const sockets = await readSockets(engine, container, nginx?.imageId ?? container.imageId);
    if (sockets) return judgePort(sockets, port);
    // One that went down in this moment could not be asked either.
    const now = (await engine.containers(service)).find(({ id }) => id === container.id);
    const ran = now && isRunning(now) && now.startedAt === container.startedAt;
    return ran ? judgePort(null, port) : { state: 'silent', seen: 'is down' };
  }

  async reached(service: string, containers: readonly Container[]): Promise<boolean | null> {
    const port = await this.#portOf(service);
    const nginx = await this.#process.container();
    return port === undefined || !nginx ? null : connectsTo(this.#host.engine, nginx, containers, port);
  }

  async drained(withinMs: number): Promise<boolean> {
    const nginx = await this.#process.container();
    return !nginx || !isRunning(nginx) || this.#process.drained(nginx, withinMs);
  }

  async problems(services: readonly string[], model: ComposeModel): Promise<string[]> {
    const problems = portProblems(this.#config, services, model);
    const nginx = await this.#process.container();
    if (!nginx) return [...problems, this.#notThere()];
    return [...problems, ...(await configurationProblems(this.#config, services, nginx, this.#host))];
  }

  /** nginx, running and able to read its upstreams; null when it reads none for the service, and a restore cannot steer it. */
  async #open(service: string, purpose: Purpose): Promise<Container | null> {
    const found = await this.#process.container();
    if (!found) throw new UserError(this.#notThere());
    const alive = await this.#process.isAlive(found);
    if (!alive) await rewriteUpstreams(this.#config, found, this.#host);
    const nginx = alive ? found : await this.#process.start(found);
    const [missing] = missingIncludes(await this.#blocks(nginx), this.#config, [service]);
    if (missing === undefined) return nginx;
    if (purpose === 'deploy') throw new UserError(missing);
    this.#host.log.warn(`${missing}; the traffic of ${service} was not switched`);
    return null;
  }

  /** The upstream blocks on disk. Files of ours that name what is gone are written again first. */
  async #blocks(nginx: Container): Promise<UpstreamBlock[]> {
    const first = await this.#process.test(nginx);
    if (first.ok) return upstreamBlocks(first.stdout.data);
    if (lastLines(first).some((line) => line.data.includes(`${this.#config.upstreams}/`)))
      await rewriteUpstreams(this.#config, nginx, this.#host);
    return upstreamBlocks(expectSuccess(await this.#process.test(nginx), testing).data);
  }

  /**
   * Replaces what a restart would read by the addresses of what is loaded.
   * @returns whether the file was at rest, and had names that nginx resolves while it runs.
   */
  async #pin(
    nginx: Container,
    service: string,
    containers: readonly Container[],
    port: number,
  ): Promise<boolean> {
    const file = this.#fileOf(nginx, service);
    const text = await readContainerFile(file);
    const proof = text === null || isPinned(text) ? null : readProof(text);
    const routed = containers.filter(({ name }) => proof?.names.includes(name));
    if (!proof || routed.length === 0) return false;
    const peers = peersOf(nginx, routed);
    // After a restart of nginx or of a container, what is loaded is not known.
    const line = proofOf(nginx, peers) === proof.line ? proof.line : null;
    await writeContainerFile(file, upstreamFile(line, pinnedServers(peers, port)));
    return true;
  }

  /**
   * A reload reads the files of all services. Where it would resolve names, the first requests would find no server, so
   * addresses are written first.
   */
  async #pinOthers(nginx: Container, service: string): Promise<void> {
    if (!(await this.#process.resolvesNames(nginx))) return;
    for (const [other, port] of Object.entries(this.#config.ports)) {
      if (other === service || this.#pinned.has(other)) continue;
      const running = (await this.#host.engine.containers(other)).filter(isRunning);
      if (await this.#pin(nginx, other, running, port)) this.#pinned.add(other);
    }
  }

  /** Prepares the file of a service for restarts by others, when nginx has loaded exactly its containers. */
  async #release(nginx: Container, service: string, containers: readonly Container[]): Promise<void> {
    const port = await this.#portOf(service);
    if (port === undefined) return;
    const file = this.#fileOf(nginx, service);
    const pinned = await readContainerFile(file);
    const peers = peersOf(nginx, containers);
    const proof = proofOf(nginx, peers);
    if (pinned !== upstreamFile(proof, pinnedServers(peers, port))) return;
    if (!containers.every((container) => knowsNameOf(nginx, container))) return;
    const servers = serversAtRest(service, peers, port, await this.#featuresOf(nginx, service));
    await writeContainerFile(file, upstreamFile(proof, servers));
    if (!(await this.#process.test(nginx)).ok) await writeContainerFile(file, pinned);
  }

  async #featuresOf(nginx: Container, service: string): Promise<UpstreamFeatures> {
    const block = blockOf(await this.#blocks(nginx), this.#config.upstreams, service);
    const directives = block?.directives ?? [];
    return { resolve: await this.#process.resolvesNames(nginx), directives };
  }

  /** Lets nginx load exactly these peers, unless it was seen to have loaded them. */
  async #load(nginx: Container, service: string, peers: readonly Peer[], port: number): Promise<void> {
    const file = this.#fileOf(nginx, service);
    const before = await readContainerFile(file);
    const proof = proofOf(nginx, peers);
    const servers = pinnedServers(peers, port);
    if (before === upstreamFile(proof, servers)) return;
    if (before !== null && readProof(before)?.line === proof) {
      const atRest = serversAtRest(service, peers, port, await this.#featuresOf(nginx, service));
      if (before === upstreamFile(proof, atRest)) return;
    }
    await writeContainerFile(file, upstreamFile(null, servers));
    const tested = await this.#process.test(nginx);
    if (!tested.ok) await writeContainerFile(file, before ?? upstreamFile(null, ''));
    expectSuccess(tested, testing);
    await this.#pinOthers(nginx, service);
    try {
      await this.#process.reload(nginx);
    } catch (error) {
      // Whether it was loaded is not known: the next run loads it again.
      await writeContainerFile(file, before === null ? upstreamFile(null, '') : withoutProof(before));
      throw error;
    }
    await writeContainerFile(file, upstreamFile(proof, servers));
  }

  /** That of a service which the configuration does not have is in the file that Slipway wrote when it had it. */
  async #portOf(service: string): Promise<number | undefined> {
    const port = this.#config.ports[service];
    if (port !== undefined || this.#host.services.includes(service)) return port;
    const nginx = await this.#process.container();
    const text = nginx ? await readContainerFile(this.#fileOf(nginx, service)) : null;
    return text === null ? undefined : writtenPort(text);
  }

  #notThere(): string {
    const { service } = this.#config;
    return `the proxy service "${service}" is not running: start it with docker compose up -d ${service}`;
  }

  #fileOf({ id }: Container, service: string): ContainerFile {
    return { path: `${id}:${this.#config.upstreams}/${service}.conf`, host: this.#host };
  }
}
