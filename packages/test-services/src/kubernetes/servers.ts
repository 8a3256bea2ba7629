import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../daemon.ts';
import type { AskApi } from './api.ts';
import type { Certificates } from './certificates.ts';

/** What every server of a cluster is started with. */
export interface Site {
  /** Where the programs are. */
  bin: string;
  /** Everything the cluster writes. */
  folder: string;
  certificates: Certificates;
  kubeconfig: string;
  ask: AskApi;
}

export const serviceRange = '10.96.0.0/16';
/** The first address of the range, which the API server takes for itself. */
export const apiServiceAddress = '10.96.0.1';

/** What containerd and the kubelet mount is below this, apart from the folders of servers: a mount cannot be removed. */
export const nodeFolder = 'node';
/** Where the folders of servers are; each goes when its server is gone, so an empty one means that all have ended. */
export const serversFolder = 'servers';

/** Milliseconds for a server to be ready, which is a second or two where nothing else runs. */
const startTimeoutMs = 120_000;

/** Starts one server of a cluster in its own folder. */
export async function startServer(
  clusterFolder: string,
  name: string,
  argv: readonly [string, ...string[]],
  ready: () => Promise<boolean>,
): Promise<Daemon> {
  const folder = join(clusterFolder, serversFolder, name);
  await mkdir(folder, { recursive: true });
  return startDaemon({ name, argv, folder, ready, timeoutMs: startTimeoutMs });
}

/** Whether a page answers with 200. */
export async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
}
