import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ProxyHost } from '../proxy.ts';

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

/** Names of what is in a folder, also while the container is down; null when there is no such folder. */
export async function listContainerFolder({ path: source, host }: ContainerFile): Promise<string[] | null> {
  const copy = await mkdtemp(path.join(host.temp, 'upstreams-'));
  return (await host.engine.succeeds('cp', `${source}/.`, copy)) ? readdir(copy) : null;
}

async function temporaryFile(temp: string): Promise<string> {
  return path.join(await mkdtemp(path.join(temp, 'upstream-')), 'file');
}
