import type { Container } from '../../container.ts';

/** A container in an upstream, with the address at which nginx reaches it. */
export interface Peer {
  name: string;
  address: string;
  /** It gets requests only while no other one takes connections. */
  backup: boolean;
}

const title = '# Written by Slipway. Changed by every rollout.\n';
const proofPattern = /^# Loaded by (\S+): (.*)$/m;

/** The text of an upstream file. @param proof The line that says what nginx has loaded; null until that was seen. */
export function upstreamFile(proof: string | null, servers: string): string {
  return `${title}${proof === null ? '' : `${proof}\n`}${servers}`;
}

/** Whether Slipway wrote the file. */
function isOurs(text: string): boolean {
  return text.startsWith(title);
}

/** The port of the service in a file that Slipway wrote, also in one without servers; undefined in any other file. */
export function writtenPort(text: string): number | undefined {
  const [, port] = /^(?:# )?server \S+:(\d+)/m.exec(text) ?? [];
  return port === undefined || !isOurs(text) ? undefined : Number(port);
}

/**
 * The line by which a later run knows that nginx has loaded these peers. It is written after the reload was seen to be
 * done and is gone before the next change. It names the start of nginx: one that was started again has read the file again.
 */
export function proofOf(nginx: Pick<Container, 'id' | 'startedAt'>, peers: readonly Peer[]): string {
  const each = sorted(peers).map(
    ({ name, address, backup }) => `${backup ? 'backup ' : ''}${name} ${address}`,
  );
  return `# Loaded by ${startOf(nginx)}: ${each.join(', ')}`;
}

function startOf({ id, startedAt }: Pick<Container, 'id' | 'startedAt'>): string {
  return `${id.slice(0, 12)}@${startedAt}`;
}

/** The file without its proof. */
export function withoutProof(text: string): string {
  return text.replace(proofPattern, '').replace('\n\n', '\n');
}

/** The proof of a file, and the containers that it names, backups left out; null when nginx may not have loaded it. */
export function readProof(text: string): { line: string; names: string[] } | null {
  const [line, , peers] = proofPattern.exec(text) ?? [];
  if (line === undefined || peers === undefined) return null;
  const named = peers.split(', ').filter((peer) => peer !== '' && !peer.startsWith('backup '));
  return { line, names: named.flatMap((peer) => peer.split(' ')[0] ?? []) };
}

/**
 * The servers that nginx has loaded by address, backups left out; null when it is not known, or when it was started again and
 * resolved names.
 */
export function loadedPeers(
  text: string,
  nginx: Pick<Container, 'id' | 'startedAt'>,
): Pick<Peer, 'name' | 'address'>[] | null {
  const [line, start, peers = ''] = proofPattern.exec(text) ?? [];
  if (line === undefined) return null;
  if (start === startOf(nginx)) {
    const named = peers.split(', ').filter((peer) => peer !== '' && !peer.startsWith('backup '));
    return named.map((peer) => {
      const [name = '', address = ''] = peer.split(' ');
      return { name, address };
    });
  }
  if (!isPinned(text)) return null;
  const servers = [...text.matchAll(/^server (\S+):\d+ max_fails=0; # (.+)$/gm)];
  return servers.map(([, address = '', name = '']) => ({ name, address }));
}

/**
 * Exactly these peers, by address: every nginx loads it, whatever has become of them. This is what a reload loads.
 * Without `max_fails=0`, nginx would shut out a lone container for 10 s after one failed connection.
 */
export function pinnedServers(peers: readonly Peer[], port: number): string {
  // A rollback to a release that has the service may run on a checkout that does not.
  if (peers.length === 0) return `# server none:${port}\n`;
  return sorted(peers)
    .map(
      ({ name, address, backup }) =>
        `server ${address}:${port} max_fails=0${backup ? ' backup' : ''}; # ${name}\n`,
    )
    .join('');
}

/** Whether the text lists addresses, as a reload loads them; else it is what nginx reads between two rollouts. */
export function isPinned(text: string): boolean {
  const servers = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return servers.every((line) => /^server (\[[^\]]+\]|[\d.]+):\d+ max_fails=0( backup)?; # /.test(line));
}

/** What the `upstream` block and the nginx that reads it allow. */
export interface UpstreamFeatures {
  /** Names are resolved while nginx runs (1.27.3 and newer). */
  resolve: boolean;
  /** Names of the directives that stand in the block itself. */
  directives: readonly string[];
}

/** Docker's DNS. The address of a container that was started again is seen after this time. */
const resolver = 'resolver 127.0.0.11 valid=5s;\n';

/** How requests are spread in an upstream that can have no backup. */
const withoutBackup = ['hash', 'ip_hash', 'random'];

/** Whether servers of the upstream can be marked as backup. */
export function allowsBackup({ directives }: UpstreamFeatures): boolean {
  return !directives.some((name) => withoutBackup.includes(name));
}

/**
 * What nginx reads when it is started or reloaded by somebody else between two rollouts: the containers may have other
 * addresses by then, or be new ones that Compose created.
 * - From 1.27.3 on, names are resolved while nginx runs, and an unknown one keeps nothing from starting. When none of the
 *   containers of the release is there, those that Compose runs under the name of the service are used.
 * - Before, a name must be known when nginx starts. That of the service is, while one of its containers runs.
 */
export function serversAtRest(
  service: string,
  peers: readonly Peer[],
  port: number,
  features: UpstreamFeatures,
): string {
  if (!features.resolve) return `server ${service}:${port} max_fails=0;\n`;
  const own = (name: string, line: string): string => (features.directives.includes(name) ? '' : line);
  return [
    own('zone', `zone slipway_${service} 128k;\n`),
    own('resolver', resolver),
    ...sorted(peers).map(({ name }) => `server ${name}:${port} max_fails=0 resolve;\n`),
    allowsBackup(features) ? `server ${service}:${port} max_fails=0 resolve backup;\n` : '',
  ].join('');
}

function sorted(peers: readonly Peer[]): Peer[] {
  return [...peers].sort((a, b) => Number(a.backup) - Number(b.backup) || a.name.localeCompare(b.name));
}
