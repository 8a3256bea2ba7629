import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execOrThrow, provision } from '@slipway/test-services';
import { root } from '../support/action.ts';
import { until } from '../support/until.ts';

/*
 * How a cluster of the tests gets this machine and leaves it, in namespaces in which it is alone: another cluster may
 * run at the same time.
 */

const asRoot = process.getuid?.() === 0 ? test : test.skip;

/** Its own lock, logs and programs; of the kernel's settings it finds only those of its network. */
const setUp = `
  for folder in /run /var/log /var/cache /var/lib "$1"; do mount -t tmpfs none "$folder" || exit 1; done
  mkdir "$1/nothing" && for folder in kernel vm; do mount --bind "$1/nothing" /proc/sys/$folder; done
  echo ready && exec cat`;
/** Where control groups with processes are. */
const groups = `/sys/fs/cgroup${existsSync('/sys/fs/cgroup/cgroup.controllers') ? '' : '/pids'}/k8s.io`;
const id = `test-${process.pid}`;

let dir: string;
let folder: string;
let first: ChildProcess;
let enter: string[];

beforeAll(() => provision(['kubernetes'], () => {}), 300_000);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reservation-'));
  folder = join(dir, 'cluster');
  const argv = ['--net', '--mount', 'sh', '-c', setUp, 'sh', dir];
  first = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  enter = [`--net=/proc/${first.pid}/ns/net`, `--mount=/proc/${first.pid}/ns/mnt`];
  await once(first.stdout as NonNullable<typeof first.stdout>, 'data');
});
afterEach(async () => {
  await until(async () => {
    const left = await inhabitants();
    for (const pid of left) end(pid);
    return left.length === 0;
  });
  for (const name of [id, `${id}-other`]) await until(() => removed(join(groups, name)));
  await rmdir(groups).catch(() => {});
  await rm(dir, { recursive: true, force: true });
});

/** A process may have exited together with another one. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

const removed = (group: string): Promise<boolean> =>
  rmdir(group).then(
    () => true,
    () => !existsSync(group),
  );

/** The processes in the namespaces. */
async function inhabitants(): Promise<number[]> {
  const home = await readlink(`/proc/${first.pid}/ns/mnt`).catch(() => '');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const homes = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined)));
  return pids.filter((_, index) => homes[index] === home).map(Number);
}

const inside = (...argv: string[]): Promise<string> =>
  execOrThrow(`run ${argv[0]}`, ['nsenter', ...enter, ...argv]);

/** Starts a program, which nsenter becomes. */
async function start(...argv: string[]): Promise<number> {
  const child = spawn('nsenter', [...enter, ...argv], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  await until(async () => (await readFile(`/proc/${pid}/cmdline`, 'utf8')).startsWith(argv[0] ?? ''));
  return pid;
}

const runs = (pid: number): boolean => existsSync(`/proc/${pid}/exe`) && isAlive(pid);
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface Attempt {
  child: ChildProcess;
  said: string[];
  exited: Promise<unknown>;
}

/** Reserves the machine in a separate process. */
function reserve(): Attempt {
  const script = join(root, 'test/support/reserve-machine.ts');
  const child = spawn('nsenter', [...enter, process.execPath, script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const said: string[] = [];
  createInterface(child.stdout as NonNullable<typeof child.stdout>).on('line', (line) => said.push(line));
  return { child, said, exited: once(child, 'close') };
}

async function refusal(): Promise<string[]> {
  const { said, exited } = reserve();
  await exited;
  return said;
}

const refused = (why: string): string[] => [
  `refused: this machine is the node of another Kubernetes: ${why}`,
];

/** Puts a process into a control group of containerd's. */
async function contain(name: string): Promise<number> {
  const pid = await start('/bin/sleep', '600');
  await mkdir(join(groups, name), { recursive: true });
  await writeFile(join(groups, name, 'cgroup.procs'), String(pid));
  return pid;
}

asRoot(
  'a Kubernetes of somebody else is noticed by its processes, ports and rules, which stay',
  async () => {
    await inside('iptables', '-t', 'nat', '-N', 'KUBE-SERVICES');
    expect(await refusal()).toEqual(refused('kube-proxy has rules in iptables'));
    const listen = "require('net').createServer().listen(10250, () => console.log())";
    const port = await start(process.execPath, '-e', listen);
    await until(async () => (await inside('cat', '/proc/net/tcp6')).includes(':280A'));
    expect(await refusal()).toEqual(refused('port 10250, that of a kubelet, is in use'));
    const kubelet = join(dir, 'kubelet');
    await inside('cp', '/bin/sleep', kubelet);
    const server = await start(kubelet, '600');
    expect(await refusal()).toEqual(refused(`${kubelet} runs (process ${server})`));
    expect([runs(port), runs(server), existsSync(folder)]).toEqual([true, true, false]);
    await inside('iptables', '-t', 'nat', '-S', 'KUBE-SERVICES');
  },
  60_000,
);

asRoot(
  'what a killed cluster left is killed and removed, and nothing else that has to do with it',
  async () => {
    const killed = reserve();
    await until(() => killed.said.includes('reserved true'));
    const log = join(folder, 'server.log');
    const program = '/var/cache/slipway/programs/bin/kubelet';
    await inside('mkdir', '-p', `${folder}/node/runc/k8s.io/${id}`, '/var/cache/slipway/programs/bin');
    await inside('cp', '/usr/bin/tail', program);
    await inside('sh', '-c', `echo begun >${log}`);
    await inside('ip', 'link', 'add', 'slipway-kube', 'type', 'bridge');
    await inside('iptables', '-t', 'nat', '-N', 'KUBE-SERVICES');
    const [server, reader] = [await start(program, '-f', log), await start('/usr/bin/tail', '-f', log)];
    const [container, other] = [await contain(id), await contain(`${id}-other`)];
    for (const pid of await inhabitants())
      if (![first.pid, server, reader, container, other].includes(pid)) end(pid);
    await killed.exited;
    expect(runs(server)).toBe(true);

    const next = reserve();
    await until(() => next.said.includes('reserved true'));
    await until(() => !runs(server) && !runs(container));
    expect([runs(reader), runs(other)]).toEqual([true, true]);
    await expect(inside('cat', log)).rejects.toThrow(/No such file/);
    await expect(inside('ip', 'link', 'show', 'slipway-kube')).rejects.toThrow(/does not exist/);
    await expect(inside('iptables', '-t', 'nat', '-S', 'KUBE-SERVICES')).rejects.toThrow(/./);
    next.child.stdin?.end();
    await next.exited;
    expect(next.said).toEqual(['reserved true', 'released']);
    await expect(inside('ls', folder)).rejects.toThrow(/No such file/);
  },
  60_000,
);

asRoot(
  'what a killed cluster left is known as ours when its folder is gone',
  async () => {
    await inside('sh', '-c', `echo ${folder} >/run/slipway-kubernetes.lock`);
    await inside('iptables', '-t', 'nat', '-N', 'KUBE-SERVICES');
    const { child, said, exited } = reserve();
    await until(() => said.includes('reserved true'));
    child.stdin?.end();
    await exited;
    await expect(inside('iptables', '-t', 'nat', '-S', 'KUBE-SERVICES')).rejects.toThrow(/./);
  },
  60_000,
);

asRoot(
  'the waiting for another cluster ends at once when it is interrupted',
  async () => {
    const cluster = reserve();
    await until(() => cluster.said.includes('reserved true'));
    const before = (await inhabitants()).length;
    const waiting = reserve();
    await until(() => waiting.said.includes('waiting for the end of another cluster on this machine'));
    waiting.child.kill('SIGTERM');
    await waiting.exited;
    expect(waiting.said.slice(1)).toEqual(['refused: This operation was aborted']);
    expect(await inhabitants()).toHaveLength(before);
    expect(cluster.child.exitCode).toBeNull();
  },
  60_000,
);
