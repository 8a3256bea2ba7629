import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { withLock } from '../lock.ts';
import { isDebianLike, isRoot } from '../program.ts';
import { provision } from '../provision.ts';
import { buildInto } from './build.ts';
import { kubernetesVersion } from './source.ts';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway/kubernetes');

/**
 * The folder with the programs of Kubernetes, built from Debian's source package the first time and saved outside the
 * checkout.
 * @throws UserError when this machine cannot run or build them.
 */
export async function provideBinaries(say: (line: string) => void): Promise<string> {
  if (!isRoot() || !isDebianLike())
    throw new UserError('no Kubernetes cluster found, and none can be started here', {
      hint: 'Install kind with a running Docker Engine, name a cluster with SLIPWAY_TEST_KUBECONFIG, or run as root on Debian to have a one-node cluster built.',
    });
  const destination = join(cache, `${kubernetesVersion}-${process.arch}`);
  const bin = join(destination, 'bin');
  if (existsSync(bin)) return bin;
  await mkdir(cache, { recursive: true });
  await withLock(join(cache, 'build.lock'), async () => {
    if (existsSync(bin)) return; // another process built it while this one waited
    say(`Kubernetes ${kubernetesVersion}: not found, building it once into ${destination}`);
    await provision(['kubernetes-build'], say);
    await buildInto(cache, destination, say);
  });
  return bin;
}
