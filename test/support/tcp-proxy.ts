import { createServer, connect as dial, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** A connection string with the proxy's address in place of its own. */
  through(url: string): string;
  /** Pieces that went through so far, in both directions. */
  pieces(): number;
  /**
   * Ends every connection without a good-bye, once, when the piece of this number, from 1, is about to go through.
   */
  cutAt(piece: number): void;
  stop(): Promise<void>;
}

/**
 * Stands before a server and decides what gets through.
 * @param delay Milliseconds that each piece takes, each way.
 */
export async function startTcpProxy(to: { host: string; port: number }, delay = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let pieces = 0;
  let cut = Number.POSITIVE_INFINITY;
  const pass = (from: Socket, into: Socket): void => {
    from.on('data', (data) => {
      pieces++;
      if (pieces >= cut) {
        cut = Number.POSITIVE_INFINITY;
        for (const socket of sockets) socket.resetAndDestroy();
        return;
      }
      if (delay === 0) into.write(data);
      // Timers of one length fire in the order in which they were set: nothing overtakes.
      else setTimeout(() => into.writable && into.write(data), delay);
    });
    from.on('close', () => setTimeout(() => into.end(), delay));
    from.on('error', () => into.destroy());
  };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = dial({ ...to, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    pass(client, upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    through(url) {
      const own = new URL(url);
      own.port = String(port);
      return own.toString();
    },
    pieces: () => pieces,
    cutAt(piece) {
      cut = pieces + piece;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
