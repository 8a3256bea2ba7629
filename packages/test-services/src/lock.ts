import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Fault } from '@slipway/kernel';

/**
 * Runs `body` while holding an exclusive lock on `path`, waiting for whoever holds it now.
 * The kernel keeps the lock (flock), so that a holder that dies, however it dies, leaves none.
 */
export async function withLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [path, 'sh', '-c', 'echo locked; cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // an interrupt of the terminal must not drop the lock before its holder is done
  });
  const exited = once(holder, 'exit');
  const locked = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    exited.then(
      () => false,
      () => false,
    ),
  ]);
  if (!locked) throw new Fault(`cannot lock ${path}`, { hint: 'flock (util-linux) must be installed.' });
  try {
    return await body();
  } finally {
    holder.stdin.end();
    await exited;
  }
}
