import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import type { Daemon } from '../daemon.ts';
import { execOrThrow, findProgram, run } from '../program.ts';
import type { Programs } from './binaries.ts';
import { pluginFolder, writeNetwork } from './network.ts';
import { pauseImage } from './pause.ts';
import { nodeFolder, startServer } from './servers.ts';

/**
 * Starts the runtime of the pods, which pulls from registries on this machine's loopback by plain HTTP, and adds it to
 * `servers`.
 * @returns what the kubelet finds it by.
 */
export async function startContainerd(
  programs: Programs,
  folder: string,
  servers: Daemon[],
): Promise<string> {
  const at = (name: string) => join(folder, nodeFolder, name);
  await mkdir(at('certs.d'), { recursive: true });
  const socket = at('containerd.sock');
  const config = at('containerd.toml');
  const shim = join(programs.bin, 'containerd-shim-runc-v2');
  await writeFile(config, settings(at, shim, await writeNetwork(at(''))));
  const ctr = [join(programs.bin, 'ctr'), '--address', socket, '--namespace', 'k8s.io'] as const;
  const ready = async () => (await run([...ctr, 'version'])).code === 0;
  const argv = [join(programs.bin, 'containerd'), '--config', config] as const;
  servers.push(await startServer(folder, 'containerd', argv, ready));
  await execOrThrow('load the pause image', [...ctr, 'images', 'import', programs.pause]);
  return `unix://${socket}`;
}

/** What is not named here would be shared with another containerd of this machine, or left on it. */
function settings(at: (name: string) => string, shim: string, network: string): string {
  const runc = findProgram('runc');
  if (!runc) throw new UserError('no runc found', { hint: "Call provision(['kubernetes']) first." });
  const text = JSON.stringify;
  return `version = 3
root = ${text(at('root'))}
state = ${text(at('state'))}
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.image-verifier.v1.bindir"]
[grpc]
address = ${text(at('containerd.sock'))}
[plugins."io.containerd.cri.v1.images"]
pinned_images = { sandbox = ${text(pauseImage)} }
registry = { config_path = ${text(at('certs.d'))} }
[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true # only CAP_SYS_RESOURCE may protect a process from the kernel's out-of-memory killer
netns_mounts_under_state_dir = true
cni = { bin_dirs = [${text(pluginFolder)}], conf_dir = ${text(network)}, use_internal_loopback = true }
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = ${text(shim)}
options = { BinaryName = ${text(runc)}, Root = ${text(at('runc'))}, SystemdCgroup = false }
`;
}
