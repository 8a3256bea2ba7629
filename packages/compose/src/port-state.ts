import type { CommandResult } from '@slipway/kernel';
import type { Container } from './container.ts';
import type { Engine } from './engine.ts';
import { listeningPorts, parseSockets, type Socket } from './sockets.ts';

/** Whether a container can be connected to on a port. */
export type PortState =
  | { state: 'listens' }
  /** `seen` completes "it …". */
  | { state: 'silent'; seen: string }
  /** Neither image has the program that shows it. `seen` says so. */
  | { state: 'unknown'; seen: string };

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * The TCP sockets in the network of a container: by `cat` in the container, or where its image has none, in a container
 * of the image `helper` that joins its network. null when neither image has it, or when the container is down.
 */
export async function readSockets(
  engine: Engine,
  container: Container,
  helper: string,
): Promise<Socket[] | null> {
  const own = readTables(await engine.ask('exec', container.id, 'cat', ...tables));
  if (own) return own;
  const join = ['--network', `container:${container.id}`, '--user', '65534', '--entrypoint', 'cat'];
  return readTables(await engine.ask('run', '--rm', '--log-driver', 'none', ...join, helper, ...tables));
}

/** Without IPv6 the second table is missing and `cat` fails, but the first one was printed. */
function readTables({ stdout }: CommandResult): Socket[] | null {
  return stdout.data.includes('local_address') ? parseSockets(stdout.data) : null;
}

/** Judges whether others can connect to the port. Pure. */
export function judgePort(sockets: readonly Socket[] | null, port: number): PortState {
  if (sockets === null)
    return {
      state: 'unknown',
      seen: 'has no health check, and neither its image nor that of the proxy has the program cat, which shows whether it listens',
    };
  const { reachable, loopback } = listeningPorts(sockets);
  if (reachable.includes(port)) return { state: 'listens' };
  if (loopback.includes(port))
    return {
      state: 'silent',
      seen: `listens on port ${port} of 127.0.0.1 only, where nginx cannot reach it`,
    };
  const others = reachable.length > 0 ? `; it listens on ${reachable.join(', ')}` : '';
  return { state: 'silent', seen: `does not listen on port ${port}${others}` };
}
