import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow } from '../program.ts';
import type { Go } from './go.ts';
import { goVersion } from './modules.ts';

export const pauseImage = 'docker.io/slipway/pause:1';
/** The image among the built programs. */
export const pauseArchive = 'pause.tar';

/** Keeps a pod's network while its containers come and go: waits for the end and takes orphans in. */
export const pauseSource = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		for {
			if pid, _ := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 {
				break
			}
		}
	}
}
`;

/** Builds the image that every pod's sandbox runs into `destination`, using `folder` for what it is made of. */
export async function buildPause(go: Go, folder: string, destination: string): Promise<void> {
  const image = join(folder, 'pause');
  await mkdir(join(image, 'root'), { recursive: true });
  await writeFile(join(image, 'go.mod'), `module slipway.local/pause\ngo ${goVersion}\n`);
  await writeFile(join(image, 'main.go'), pauseSource);
  await go(
    'build the pause program',
    ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'root/pause', '.'],
    image,
  );
  await pack(join(image, 'layer.tar'), join(image, 'root'), ['pause']);
  const layer = createHash('sha256').update(await readFile(join(image, 'layer.tar')));
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest('hex')}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }];
  await writeFile(join(image, 'config.json'), JSON.stringify(config));
  await writeFile(join(image, 'manifest.json'), JSON.stringify(manifest));
  await pack(join(destination, pauseArchive), image, ['manifest.json', 'config.json', 'layer.tar']);
}

async function pack(archive: string, folder: string, names: string[]): Promise<void> {
  const flags = ['--owner=0', '--group=0', '--numeric-owner', '-C', folder];
  await execOrThrow(`pack ${archive}`, ['tar', '-cf', archive, ...flags, ...names]);
}
