import { createServer, connect as dial, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** A connection string that names the proxy instead of the server. */
  through(url: string): string;
  /** Pieces that went through so far, in both directions. */
  pieces(): number;
  /**
   * Ends every connection without a good-bye, once, when the piece of this number, from 1, is about to go through.
   */
  cutAt(piece: number): void;
  /** Lets nothing through any more, from now on or when this many further bytes have come from clients. */
  cut(afterBytes?: number): void;
  /**
   * Ends every connection, and sends the server nothing on that one on which a client has sent this text last: to the
   * server it is still open, as when nothing says that the client's machine is gone.
   */
  forget(text: string): void;
  /** Takes connections again. */
  restore(): void;
  stop(): Promise<void>;
}

/**
 * Sits in front of a server and decides what gets through.
 * @param delay Milliseconds that each piece takes, each way.
 */
export async function startTcpProxy(to: { host: string; port: number }, delay = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let pieces = 0;
  let pieceToCut = Number.POSITIVE_INFINITY;
  let bytesLeft = Number.POSITIVE_INFINITY;
  const sent = new Map<Socket, { upstream: Socket; last: Buffer }>();
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const pass = (from: Socket, into: Socket): void => {
    from.on('data', (data) => {
      pieces++;
      if (pieces >= pieceToCut) {
        pieceToCut = Number.POSITIVE_INFINITY;
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
    if (bytesLeft <= 0) return void client.destroy();
    const upstream = dial({ ...to, noDelay: true });
    client.on('data', (data: Buffer) => {
      sent.set(client, { upstream, last: data });
      bytesLeft -= data.length;
      if (bytesLeft <= 0) endAll();
    });
    client.once('close', () => sent.delete(client));
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
      pieceToCut = pieces + piece;
    },
    cut(afterBytes = 0) {
      bytesLeft = afterBytes;
      if (bytesLeft <= 0) endAll();
    },
    forget(text) {
      for (const [client, { upstream, last }] of [...sent]) {
        if (!last.includes(text)) continue;
        client.removeAllListeners('close');
        upstream.removeAllListeners('data').resume();
        client.destroy();
        sockets.delete(client);
        sent.delete(client);
        for (const other of sockets) if (other !== upstream) other.destroy();
      }
    },
    restore() {
      bytesLeft = Number.POSITIVE_INFINITY;
    },
    stop: () =>
      new Promise((resolve) => {
        endAll();
        server.close(() => resolve());
      }),
  };
}
