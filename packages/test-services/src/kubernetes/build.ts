import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '@slipway/kernel';
import { type Go, prepareGo } from './go.ts';
import { type GoModule, goVersion, modules } from './modules.ts';
import { buildPause } from './pause.ts';

/** Where users' programs are, apart from the servers, which are nobody's to find on a PATH. */
export const clientFolder = 'client';

/** Builds all that a node consists of inside `folder`. @returns the folder with what to save: the programs alone. */
export async function buildNode(folder: string, say: (line: string) => void): Promise<string> {
  const go = await prepareGo(folder, say);
  const done = join(folder, 'done');
  const bin = join(done, 'bin');
  await mkdir(bin, { recursive: true });
  for (const module of modules) await buildModule(go, module, folder, bin, say);
  await buildPause(go, folder, done);
  await mkdir(join(done, clientFolder));
  await rename(join(bin, 'kubectl'), join(done, clientFolder, 'kubectl'));
  return done;
}

/**
 * Builds what a module provides in another one that requires it: the versions of all others follow from that, and
 * Go checks each against its public database of checksums.
 */
async function buildModule(
  go: Go,
  module: GoModule,
  folder: string,
  bin: string,
  say: (line: string) => void,
): Promise<void> {
  const { title, path, version, commands, program = '', flags } = module;
  const started = performance.now();
  const elapsed = () => formatDuration(performance.now() - started);
  say(`building ${title} ${version}`);
  const progress = setInterval(() => say(`building ${title}: ${elapsed()}`), 30_000);
  try {
    const source = join(folder, title);
    await mkdir(source);
    const lines = [`module slipway.local/${title}`, `go ${goVersion}`, `require ${path} v${version}`];
    await writeFile(
      join(source, 'go.mod'),
      [...lines, ...(await replacements(go, module, folder)), ''].join('\n'),
    );
    const what = commands.map((command) => `${path}${command}`);
    const build = ['build', '-trimpath', '-o', `${bin}/${program}`, ...flags, ...what];
    await go(`build ${title}`, build, source);
  } finally {
    clearInterval(progress);
  }
  say(`built ${title} ${version} in ${elapsed()}`);
}

/** The published modules in place of the folders that the module's own go.mod names, which are not part of it. */
async function replacements(
  go: Go,
  { title, path, version, staging }: GoModule,
  folder: string,
): Promise<string[]> {
  if (!staging) return [];
  const found = await go(`download ${title}`, ['mod', 'download', '-json', `${path}@v${version}`], folder);
  const { GoMod } = JSON.parse(found) as { GoMod: string };
  const inside = (await readFile(GoMod, 'utf8')).matchAll(/^\s*(?:replace )?(\S+) => \.\//gm);
  return [...inside].map(([, name]) => `replace ${name} => ${name} v${staging}`);
}
