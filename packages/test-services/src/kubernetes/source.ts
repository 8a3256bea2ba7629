import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@slipway/kernel';
import { openDebianArchive } from '../debian-archive.ts';
import { execOrThrow } from '../program.ts';

/** What Debian 12 has, old enough that its kubelet runs pods in a Docker Engine without any other program. */
export const kubernetesVersion = '1.20.2';
const sourcePackage = 'kubernetes_1.20.5+really1.20.2-';

/**
 * Fetches Debian 12's source package, checked against Debian's signatures, and unpacks it with Debian's patches to
 * where Go looks for it below `goPath`. Returns that folder.
 */
export async function fetchSource(
  folder: string,
  goPath: string,
  say: (line: string) => void,
): Promise<string> {
  say('downloading the source package of Debian 12 (35 MB)');
  const aptGet = await openDebianArchive(folder, [
    { type: 'deb-src', suite: 'bookworm' },
    { type: 'deb-src', suite: 'bookworm-security', security: true },
  ]);
  await aptGet('download the source of Kubernetes', ['source', '-q', '--download-only', 'kubernetes']);
  const files = await readdir(folder);
  const find = (part: string) => {
    const name = files.find((file) => file.startsWith(sourcePackage.slice(0, -1)) && file.includes(part));
    if (!name) throw new Fault(`Debian's source package is not ${sourcePackage}*: ${files.join(', ')}`);
    return join(folder, name);
  };
  say('unpacking it');
  const target = join(goPath, 'src/k8s.io/kubernetes');
  const packaging = join(folder, 'packaging');
  for (const [archive, into, ...flags] of [
    [find('.orig.tar'), target, '--strip-components=1'],
    [find('.debian.tar'), packaging],
  ] as const) {
    await mkdir(into, { recursive: true });
    await execOrThrow('unpack the source of Kubernetes', ['tar', '-xf', archive, '-C', into, ...flags]);
  }
  await applyPatches(join(packaging, 'debian/patches'), target);
  return target;
}

async function applyPatches(patches: string, target: string): Promise<void> {
  const series = await readFile(join(patches, 'series'), 'utf8');
  for (const line of series.split('\n')) {
    const name = line.replace(/#.*/, '').trim();
    if (name !== '')
      await execOrThrow(`apply ${name}`, ['patch', '-p1', '-s', '-d', target, '-i', join(patches, name)]);
  }
}
