import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { cached } from '../cache.ts';
import { isDebianLike, isRoot } from '../program.ts';
import { provision } from '../provision.ts';
import { buildNode, clientFolder } from './build.ts';
import { goVersion, modules } from './modules.ts';
import { pauseArchive, pauseImage, pauseSource } from './pause.ts';

/** What a node of our own consists of. */
export interface Programs {
  /** The folder with the servers. */
  bin: string;
  /** The folder with kubectl alone, for a PATH. */
  client: string;
  /** The image that every pod's sandbox runs, as an archive. */
  pause: string;
}

/**
 * The programs of a node, built from their Go modules the first time and saved outside the checkout.
 * @throws UserError when this machine cannot run or build them.
 */
export async function providePrograms(say: (line: string) => void): Promise<Programs> {
  if (!isRoot() || !isDebianLike())
    throw new UserError('no Kubernetes cluster found, and none can be started here', {
      hint: 'Install kind with a running Docker Engine, name a cluster with SLIPWAY_TEST_KUBECONFIG, or run as root on Debian to have a one-node cluster built.',
    });
  const folder = await cached(programsName(), async (unfinished, location) => {
    say(`no Kubernetes found: building one into ${location}, which takes 8 minutes on 2 cores, once`);
    await provision(['kubernetes-build'], say);
    return buildNode(unfinished, say);
  });
  return { bin: join(folder, 'bin'), client: join(folder, clientFolder), pause: join(folder, pauseArchive) };
}

/** Changes with all that the programs are built from. */
function programsName(): string {
  const versions = modules.map(({ title, version }) => `${title.toLowerCase()}-${version}`);
  const from = JSON.stringify([goVersion, modules, pauseImage, pauseSource]);
  const hash = createHash('sha256').update(from).digest('hex').slice(0, 8);
  return [...versions, process.arch, hash].join('-');
}
