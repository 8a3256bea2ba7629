import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ProxyHost } from '../proxy.ts';

/**
 * One `server` line per container. Names, not addresses: they stay right when the host restarts. Without
 * `max_fails=0`, nginx would shut out a lone container for 10 s after one failed connection.
 */
export function upstreamFile(containers: readonly string[], port: number): string {
  const lines = containers.map((name) => `server ${name}:${port} max_fails=0;\n`);
  return `# Written by Slipway. Changed by every rollout.\n${[...lines].sort().join('')}`;
}

/** A file in a container, as `docker cp` names it; it may be stopped. */
export interface ContainerFile {
  /** `CONTAINER:/path` */
  path: string;
  host: Pick<ProxyHost, 'engine' | 'temp'>;
}

/** The text of the file, or null when it does not exist. */
export async function readContainerFile({ path: source, host }: ContainerFile): Promise<string | null> {
  const copy = await temporaryFile(host.temp);
  return (await host.engine.succeeds('cp', source, copy)) ? readFile(copy, 'utf8') : null;
}

export async function writeContainerFile({ path: target, host }: ContainerFile, text: string): Promise<void> {
  const copy = await temporaryFile(host.temp);
  await writeFile(copy, text, { mode: 0o644 });
  await host.engine.docker('write the nginx upstreams', 'cp', copy, target);
}

async function temporaryFile(temp: string): Promise<string> {
  return path.join(await mkdtemp(path.join(temp, 'upstream-')), 'file');
}
