import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Sends SIGKILL to every process with this line in its environment, and to all that these started: what a lost machine
 * does to a run. An action starts each program in a separate group, so that no single group has all of them.
 */
export async function killMarked(line: string): Promise<void> {
  for (;;) {
    const killed = marked(line);
    if (killed.length === 0) return;
    for (const pid of killed) signal(pid);
    await pause(5);
  }
}

function marked(line: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const killed = new Set(pids.filter((pid) => isAlive(pid) && environmentOf(pid).includes(line)));
  const isBelow = (pid: string): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (killed.has(parent) || isBelow(parent));
  };
  return pids.filter((pid) => killed.has(pid) || (isBelow(pid) && isAlive(pid))).map(Number);
}

function environmentOf(pid: string): string[] {
  return read(`/proc/${pid}/environ`).split('\0');
}

function parentOf(pid: string): string | undefined {
  return /^PPid:\t(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
}

function isAlive(pid: string): boolean {
  return !/^State:\t[ZX]/m.test(read(`/proc/${pid}/status`));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has finished already.
  }
}
