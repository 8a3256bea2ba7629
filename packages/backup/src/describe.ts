import { compressionName } from './compression.ts';
import type { DumpResult } from './dump.ts';
import { encryptionName } from './encryption.ts';
import type { BackupManifest } from './manifest.ts';
import type { BackupOptions } from './options.ts';
import type { Snapshot } from './snapshot.ts';

/** The manifest of a backup before the proof. */
export type UnprovenManifest = Omit<BackupManifest, 'proof'>;

/** What is known of a dump once it is stored. Pure. */
export function describeDump(
  { facts, server, connectedTo, keys }: Pick<BackupOptions, 'facts' | 'server' | 'connectedTo' | 'keys'>,
  dump: DumpResult & { name: string; owner: string; snapshot: Snapshot },
): UnprovenManifest {
  const { snapshot } = dump;
  const { at, ...rest } = facts;
  return {
    schema: 3,
    file: dump.name,
    sha256: dump.sha256,
    bytes: dump.bytes,
    cipher: keys === null ? 'none' : encryptionName,
    compression: compressionName,
    database: connectedTo.database,
    databaseId: dump.owner,
    databaseBytes: snapshot.bytes,
    createdAt: at.toISOString(),
    server: server.version,
    ...rest,
    lsn: snapshot.lsn,
    counts: dump.counts,
    counted: snapshot.tables.length === snapshot.total ? 'all' : 'largest',
    changes: Object.fromEntries(snapshot.tables.map(({ name, changes }) => [name, changes])),
    statisticsSince: snapshot.statisticsSince,
    events: snapshot.events,
    locale: snapshot.locale,
  };
}
