import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execOrThrow } from '../program.ts';
import { buildPause } from './pause.ts';
import { fetchSource, kubernetesVersion } from './source.ts';

const servers = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];
const unfinished = '.building-';

/**
 * Builds Kubernetes next to `destination`, inside `cache`, and moves what came out there as a whole: `destination` is complete or
 * not there. Only the programs are saved. The caller sees to it that nobody else builds in the same cache.
 */
export async function buildInto(
  cache: string,
  destination: string,
  say: (line: string) => void,
): Promise<void> {
  for (const name of await readdir(cache)) // what an interrupted build left
    if (name.startsWith(unfinished)) await rm(join(cache, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(cache, unfinished));
  try {
    await chmod(folder, 0o755);
    const goPath = join(folder, 'go');
    const source = await fetchSource(folder, goPath, say);
    await compile(source, goPath, folder, say);
    const bin = join(folder, 'done/bin');
    await mkdir(bin, { recursive: true });
    for (const name of servers) await copyFile(join(source, '_output/local/go/bin', name), join(bin, name));
    await buildPause(folder, bin);
    await rename(join(folder, 'done'), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compile(
  source: string,
  goPath: string,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const [major = '', minor = ''] = kubernetesVersion.split('.');
  const env = {
    GOPATH: goPath,
    GOCACHE: join(folder, 'go-cache'),
    GO111MODULE: 'off', // the source comes with all it needs
    GOFLAGS: '',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    KUBE_GIT_VERSION: `v${kubernetesVersion}`,
    KUBE_GIT_COMMIT: 'deb',
    KUBE_GIT_TREE_STATE: 'clean',
    KUBE_GIT_MAJOR: major,
    KUBE_GIT_MINOR: minor,
  };
  say('compiling, which takes 6 to 10 minutes on 2 cores');
  const started = performance.now();
  const minutes = () => ((performance.now() - started) / 60_000).toFixed(1);
  const progress = setInterval(() => say(`compiling: ${minutes()} min`), 30_000);
  try {
    const what = servers.map((name) => `cmd/${name}`).join(' ');
    await execOrThrow('compile Kubernetes', ['make', `WHAT=${what}`], { cwd: source, env });
  } finally {
    clearInterval(progress);
  }
  say(`compiled in ${minutes()} min`);
}
