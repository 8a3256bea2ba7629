/** One TCP socket of a network namespace, from `/proc/net/tcp` or `/proc/net/tcp6`. Addresses are in the kernel's hex. */
export interface Socket {
  local: string;
  localPort: number;
  remote: string;
  remotePort: number;
  listens: boolean;
}

const listenState = '0A';

/** Reads the lines of `/proc/net/tcp` and `/proc/net/tcp6`; anything else between them is left out. */
export function parseSockets(text: string): Socket[] {
  return text.split('\n').flatMap((line) => {
    const [, local, localPort, remote, remotePort, state] =
      /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) /.exec(line) ?? [];
    if (!local || !localPort || !remote || !remotePort) return [];
    const ports = { localPort: Number.parseInt(localPort, 16), remotePort: Number.parseInt(remotePort, 16) };
    return [{ local, remote, ...ports, listens: state === listenState }];
  });
}

/** 127.0.0.0/8, ::1, and the former as an IPv6 address: nobody outside of the container reaches it. */
export function isLoopback(address: string): boolean {
  return /^([0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/.test(address);
}

/** An IPv4 address as the kernel writes it; in an IPv6 socket it is the end of the address. */
export function kernelAddress(address: string): string | null {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte))) return null;
  return bytes
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/** Ports on which others can connect, and those that only the container itself reaches. */
export function listeningPorts(sockets: readonly Socket[]): { reachable: number[]; loopback: number[] } {
  const listening = sockets.filter(({ listens }) => listens);
  const ports = (loopback: boolean): number[] => [
    ...new Set(listening.filter(({ local }) => isLoopback(local) === loopback).map((one) => one.localPort)),
  ];
  return { reachable: ports(false), loopback: ports(true) };
}
