import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { librariesOf } from './libraries.ts';
import { findProgram } from './program.ts';

/** One file of an image: a copy of the host's file `from`, or `text`, or a symbolic `link` to a path in the image. */
export interface ImageFile {
  from?: string;
  text?: string;
  link?: string;
  /** Permission bits; by default those of `from`, or 0644. */
  mode?: number;
}

export interface ImageSpec {
  /** Names or paths of programs; they keep their paths, and every library they need comes along. */
  programs?: string[];
  /** By path in the image. A program taken `from` the host brings its libraries too. */
  files?: Record<string, ImageFile>;
  /** Whole folders: path in the image to path on the host. */
  folders?: Record<string, string>;
  /** Empty directories. `/tmp` and `/var/tmp` are writable for everybody. */
  directories?: string[];
  config?: {
    env?: Record<string, string>;
    entrypoint?: string[];
    cmd?: string[];
    workdir?: string;
    user?: string;
    /** Ports, such as `80` or `53/udp`. */
    exposed?: (number | string)[];
  };
}

/** Every file of the image by its path there, with programs, their libraries and folders spelled out. */
export async function collectFiles(spec: ImageSpec): Promise<Map<string, ImageFile>> {
  const files = new Map<string, ImageFile>();
  for (const name of spec.programs ?? []) {
    const path = findProgram(name) ?? name;
    files.set(path, { from: path });
  }
  for (const [inside, outside] of Object.entries(spec.folders ?? {}))
    for (const entry of await readdir(outside, { recursive: true, withFileTypes: true })) {
      const from = join(entry.parentPath, entry.name);
      if ((await stat(from)).isFile()) files.set(join(inside, from.slice(outside.length)), { from });
    }
  for (const [inside, file] of Object.entries(spec.files ?? {})) files.set(inside, file);
  const copied = [...files.values()].flatMap(({ from }) => from ?? []);
  for (const library of await librariesOf(copied)) files.set(library, { from: library });
  return files;
}

/** Names what the image holds and how it starts, so that the same content is not imported twice. */
export async function contentDigest(files: Map<string, ImageFile>, spec: ImageSpec): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify([spec.directories, spec.config]));
  for (const [path, { from, ...rest }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    digest.update(JSON.stringify([path, rest, from && (await hostFileDigest(from))]));
  return digest.digest('hex');
}

async function hostFileDigest(path: string): Promise<string> {
  const digest = createHash('sha256').update(String((await stat(path)).mode));
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(chunk);
  return digest.digest('hex');
}

/** Writes the image's file system into an empty folder. */
export async function writeContents(
  root: string,
  files: Map<string, ImageFile>,
  spec: ImageSpec,
): Promise<void> {
  for (const directory of spec.directories ?? []) {
    await mkdir(join(root, directory), { recursive: true });
    if (/^\/(var\/)?tmp$/.test(directory)) await chmod(join(root, directory), 0o1777);
  }
  for (const [path, file] of files) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeEntry(target, path, file);
  }
}

async function writeEntry(target: string, path: string, file: ImageFile): Promise<void> {
  if (file.link !== undefined) return symlink(file.link, target);
  if (file.text !== undefined) await writeFile(target, file.text);
  else if (file.from) await copyFile(file.from, target);
  else throw new UserError(`the image's file ${path} has neither from, text nor link`);
  const mode = file.mode ?? (file.from ? (await stat(file.from)).mode & 0o7777 : 0o644);
  await chmod(target, mode);
}
