import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { type Daemon, inTemporaryFolder, startDaemon } from './daemon.ts';
import { serverConfig, swiftConfig } from './object-store-config.ts';
import { findFreePort, onFreePort } from './port.ts';
import { execOrThrow, findProgram, isRoot } from './program.ts';

/** The servers behind the proxy, one process each. */
const servers = ['account', 'container', 'object'] as const;

export interface ObjectStore {
  /** `http://127.0.0.1:PORT`, path style. */
  endpoint: string;
  region: string;
  /** The one login. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  stop(): Promise<void>;
}

/**
 * An empty object store that speaks S3: OpenStack Swift with its S3 API, which checks signatures (version 4) and puts
 * uploads of several parts together as providers do who run it. One copy of everything, in a temporary folder.
 * @throws UserError when it is not installed.
 */
export async function startObjectStore(): Promise<ObjectStore> {
  if (!findProgram('swift-proxy-server')) {
    throw new UserError('no object store found', { hint: "Call provision(['object-store']) first." });
  }
  return onFreePort((port) =>
    inTemporaryFolder('object-store', async (folder) => {
      const secretAccessKey = randomBytes(16).toString('hex');
      const started: Daemon[] = [];
      const stop = async (): Promise<void> => {
        for (const one of started.splice(0).reverse()) await one.stop();
        await rm(folder, { recursive: true, force: true });
      };
      try {
        const ports = await configure(folder, port, secretAccessKey);
        for (const server of servers) started.push(await start(folder, server, ports[server]));
        started.push(await start(folder, 'proxy', port));
      } catch (error) {
        await stop();
        throw error;
      }
      const endpoint = `http://127.0.0.1:${port}`;
      return {
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test:backup', secretAccessKey },
        stop,
      };
    }),
  );
}

type Ports = Record<(typeof servers)[number], number>;

async function configure(folder: string, proxy: number, secret: string): Promise<Ports> {
  await mkdir(join(folder, 'devices/one'), { recursive: true });
  const ports = {
    account: await findFreePort(),
    container: await findFreePort(),
    object: await findFreePort(),
  };
  await writeFile(join(folder, 'swift.conf'), swiftConfig);
  for (const server of servers) {
    await writeFile(join(folder, `${server}.conf`), serverConfig(server, { folder, port: ports[server] }));
    const builder = join(folder, `${server}.builder`);
    const ring = (...args: string[]) =>
      execOrThrow('make the ring of the object store', ['swift-ring-builder', builder, ...args]);
    await ring('create', '2', '1', '1');
    await ring('add', `r1z1-127.0.0.1:${ports[server]}/one`, '1');
    await ring('rebalance');
  }
  await writeFile(join(folder, 'proxy.conf'), serverConfig('proxy', { folder, port: proxy, secret }));
  if (isRoot()) {
    const id = async (flag: string) =>
      Number(await execOrThrow('find the user swift', ['id', flag, 'swift']));
    const [uid, gid] = [await id('-u'), await id('-g')];
    for (const part of ['', 'devices', 'devices/one']) await chown(join(folder, part), uid, gid);
  }
  return ports;
}

/** In its own folder for its log, since a daemon's folder goes with it. */
async function start(folder: string, server: string, port: number): Promise<Daemon> {
  const own = join(folder, `run-${server}`);
  await mkdir(own);
  const config = join(folder, `${server}.conf`);
  const program = `swift-${server}-server`;
  const argv: [string, ...string[]] = isRoot()
    ? ['setpriv', '--reuid=swift', '--regid=swift', '--init-groups', program, config]
    : [program, config];
  return startDaemon({
    name: program,
    argv,
    folder: own,
    // Every answer will do: it listens.
    ready: async () => (await fetch(`http://127.0.0.1:${port}/`)).status > 0,
  });
}
