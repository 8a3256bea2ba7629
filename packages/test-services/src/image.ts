import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@slipway/kernel';
import type { Engine } from './engine.ts';
import { collectFiles, contentDigest, type ImageSpec, writeContents } from './image-contents.ts';
import { ownEnvironment, run } from './program.ts';

const contentLabel = 'slipway.content';

/**
 * Makes an image out of programs and files of this machine, from nothing and without any registry.
 * An image of that tag with the same content is left alone.
 */
export async function importImage(engine: Pick<Engine, 'env'>, tag: string, spec: ImageSpec): Promise<void> {
  const files = await collectFiles(spec);
  const content = await contentDigest(files, spec);
  if ((await contentOf(engine, tag)) === content) return;
  const root = await mkdtemp(join(tmpdir(), 'slipway-image-'));
  try {
    await writeContents(root, files, spec);
    await importFolder(engine, root, tag, [...instructions(spec.config), `LABEL ${contentLabel}=${content}`]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function contentOf(engine: Pick<Engine, 'env'>, tag: string): Promise<string | undefined> {
  const format = `{{index .Config.Labels "${contentLabel}"}}`;
  const inspected = await run(['docker', 'image', 'inspect', '--format', format, tag], { env: engine.env });
  return inspected.code === 0 ? inspected.stdout.trim() : undefined;
}

/** How the image starts, in the notation of a Dockerfile. */
function instructions(config: ImageSpec['config'] = {}): string[] {
  const quoted = (value: string) => JSON.stringify(value).replaceAll('$', '\\$');
  return [
    ...Object.entries(config.env ?? {}).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
    ...(config.entrypoint ? [`ENTRYPOINT ${JSON.stringify(config.entrypoint)}`] : []),
    ...(config.cmd ? [`CMD ${JSON.stringify(config.cmd)}`] : []),
    ...(config.workdir ? [`WORKDIR ${config.workdir}`] : []),
    ...(config.user ? [`USER ${config.user}`] : []),
    ...(config.exposed ?? []).map((port) => `EXPOSE ${port}`),
  ];
}

async function importFolder(
  engine: Pick<Engine, 'env'>,
  root: string,
  tag: string,
  changes: string[],
): Promise<void> {
  const everything = ['--owner=0', '--group=0', '--numeric-owner', '-C', root, '.'];
  const tar = spawn('tar', ['-c', ...everything], { stdio: ['ignore', 'pipe', 'pipe'] });
  const flags = changes.flatMap((change) => ['--change', change]);
  const docker = spawn('docker', ['import', ...flags, '-', tag], {
    stdio: [tar.stdout, 'ignore', 'pipe'], // the pipe itself goes to docker: nothing passes through this process
    env: { ...ownEnvironment(), ...engine.env },
  });
  const said: string[] = [];
  for (const stream of [tar.stderr, docker.stderr])
    stream?.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const result = Promise.all([once(tar, 'exit'), once(docker, 'close')]);
  tar.stdout.destroy(); // docker holds its own end
  const [[packed], [imported]] = await result;
  if (packed !== 0 || imported !== 0)
    throw new Fault(`cannot import the image ${tag}: ${said.join('').trim()}`);
}
