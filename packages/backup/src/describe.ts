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
  of: DumpResult & { name: string; owner: string; snapshot: Snapshot },
): UnprovenManifest {
  const { snapshot } = of;
  const { at, ...rest } = facts;
  return {
    schema: 3,
    file: of.name,
    sha256: of.sha256,
    bytes: of.bytes,
    cipher: keys === null ? 'none' : encryptionName,
    compression: compressionName,
    database: connectedTo.database,
    databaseId: of.owner,
    databaseBytes: snapshot.bytes,
    createdAt: at.toISOString(),
    server: server.version,
    ...rest,
    lsn: snapshot.lsn,
    counts: of.counts,
    counted: snapshot.tables.length === snapshot.total ? 'all' : 'largest',
    changes: Object.fromEntries(snapshot.tables.map(({ name, changes }) => [name, changes])),
    statisticsSince: snapshot.statisticsSince,
    events: snapshot.events,
    locale: snapshot.locale,
  };
}
