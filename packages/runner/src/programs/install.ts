import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ProgramsConfig } from '@slipway/config';
import { Cancelled, describeError, Fault, UserError } from '@slipway/kernel';
import { coerce } from 'semver';
import type { ProgramName } from './catalogue.ts';
import { type DownloadOptions, downloadFile } from './download.ts';

export type Pin = NonNullable<ProgramsConfig[ProgramName]>;

export interface InstallOptions extends DownloadOptions {
  /** Folder of the step. */
  temp: string;
}

const archive = /\.(tgz|tar\.gz)$/;

/**
 * The program at its pinned version, from the tool cache of the runner or downloaded. What is cached is the file as it
 * was downloaded; its sha256 is checked at every use, before it is unpacked or run, so a cache that somebody else on a
 * shared runner wrote to is not trusted either.
 * @returns the absolute path of the program.
 * @throws Fault when the download fails or is not the pinned file; UserError when it does not hold the program.
 */
export async function installPinned(name: ProgramName, pin: Pin, options: InstallOptions): Promise<string> {
  const version = coerce(pin.version)?.version;
  if (!version)
    throw new UserError(`programs.${name}.version "${pin.version}" is not a version such as 2.29.7`);
  // The tool cache reads these itself; outside GitHub nothing sets them.
  process.env.RUNNER_TOOL_CACHE ||= path.join(homedir(), '.cache', 'slipway', 'tools');
  process.env.RUNNER_TEMP ||= options.temp;
  const file = await cachedDownload(name, version, pin, options);
  if (!archive.test(new URL(pin.url).pathname)) return file;
  return unpack(name, pin, file, path.join(options.temp, 'programs', name));
}

async function cachedDownload(
  name: ProgramName,
  version: string,
  pin: Pin,
  options: InstallOptions,
): Promise<string> {
  const tools = await import('@actions/tool-cache');
  const tool = `slipway-${name}-${pin.sha256.slice(0, 16)}`;
  const cached = tools.find(tool, version);
  if (cached && (await sha256(path.join(cached, name)).catch(() => '')) === pin.sha256)
    return path.join(cached, name);
  const folder = path.join(options.temp, 'downloads');
  await mkdir(folder, { recursive: true });
  const fresh = path.join(folder, tool);
  await downloadFile(pin.url, fresh, options).catch((cause: unknown) => {
    if (cause instanceof Cancelled) throw cause;
    throw new Fault(`cannot download ${name} ${pin.version} from ${pin.url}: ${describeError(cause)}`, {
      cause,
      hint: 'Check the URL under "programs" in the configuration and that the runner may reach it.',
    });
  });
  await verify(name, pin, fresh);
  await chmod(fresh, 0o755);
  const installed = path.join(await tools.cacheFile(fresh, name, tool, version), name);
  await rm(fresh, { force: true });
  return installed;
}

async function verify(name: ProgramName, pin: Pin, file: string): Promise<void> {
  const found = await sha256(file);
  if (found === pin.sha256) return;
  await rm(file, { force: true });
  throw new Fault(
    `${pin.url} is not the pinned ${name} ${pin.version}: expected sha256 ${pin.sha256}, found ${found}; the file was deleted`,
    {
      hint: 'Compare it with the checksums that the publisher lists; change the pin only if they match.',
    },
  );
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function unpack(name: ProgramName, pin: Pin, file: string, folder: string): Promise<string> {
  const tools = await import('@actions/tool-cache');
  await mkdir(folder, { recursive: true });
  await tools.extractTar(file, folder, ['xz', '--no-same-owner']);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  if (!found) throw new UserError(`the archive ${pin.url} holds no file named ${name}`);
  return path.join(found.parentPath, found.name);
}
