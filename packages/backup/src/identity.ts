import { createHash } from 'node:crypto';
import type { Client } from 'pg';

/**
 * Distinguishes databases whose backups share a store, by the system identifier of the cluster and the name of the
 * database. Without the right to read the identifier, host and port replace it. Never contains user or password.
 * @returns 12 hexadecimal digits.
 */
export async function databaseId(
  client: Client,
  at: { host: string; port: number; database: string },
): Promise<string> {
  const cluster = await client
    .query('SELECT system_identifier::text AS id FROM pg_control_system()')
    .then(({ rows }) => String(rows[0]?.id))
    .catch(() => `${at.host}:${at.port}`);
  return createHash('sha256').update(`${cluster}/${at.database}`).digest('hex').slice(0, 12);
}

/** `<release>-<moment>.<database id>.dump.zst`; encrypted ones end in `.dump.zst.age`. Pure. */
export function backupName(of: { release: string; at: Date; owner: string; encrypted: boolean }): string {
  const moment = of.at.toISOString().replace(/[-:.]/g, '');
  const release = of.release.replace(/[^\w.-]/g, '_');
  return `${release}-${moment}.${of.owner}.dump.zst${of.encrypted ? '.age' : ''}`;
}

const manifestSuffix = '.manifest.json';

export function manifestName(backup: string): string {
  return `${backup}${manifestSuffix}`;
}

/** Names of manifests of one database whose dump is there as well, among all objects of a store. Pure. */
export function manifestsOf(names: readonly string[], owner: string): string[] {
  const all = new Set(names);
  return names
    .filter((name) => isDumpOf(name, owner))
    .map(manifestName)
    .filter((name) => all.has(name));
}

/** Dumps of one database that a manifest names and that are missing. Pure. */
export function lostDumps(names: readonly string[], owner: string): string[] {
  const all = new Set(names);
  return names
    .filter((name) => name.endsWith(manifestSuffix))
    .map((name) => name.slice(0, -manifestSuffix.length))
    .filter((name) => isDumpOf(name, owner) && !all.has(name));
}

/** Dumps of one database without a manifest: a killed run left them unproven. Pure. */
export function unfinishedDumps(names: readonly string[], owner: string): string[] {
  const all = new Set(names);
  return names.filter((name) => isDumpOf(name, owner) && !all.has(manifestName(name)));
}

function isDumpOf(name: string, owner: string): boolean {
  return new RegExp(`\\.${owner}\\.dump\\.zst(?:\\.age)?$`).test(name);
}
