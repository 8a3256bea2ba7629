import { Fault } from '@slipway/kernel';
import * as z from 'zod';
import { compressionName } from './compression.ts';
import { encryptionName } from './encryption.ts';
import { type BackupStore, readText } from './store.ts';

const proofSchema = z.object({
  kind: z.enum(['restore', 'decode', 'checksum']),
  at: z.string(),
  /** Milliseconds that the proof took. */
  ms: z.number(),
  /** pg_amcheck on the restored copy: `passed`, or why it was not run. Only for `restore`. */
  amcheck: z.string().optional(),
  /** What decrypted the stored copy: the configured identity, or a key that only that run had. */
  decryptedWith: z.enum(['identity', 'run-key']).optional(),
});

const localeSchema = z.object({
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  provider: z.string().nullable(),
  providerLocale: z.string().nullable(),
});

const manifestSchema = z.object({
  schema: z.literal(3),
  /** Name of the dump in the store. */
  file: z.string().regex(/^[\w.-]+$/),
  /** Of the bytes as they are stored. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int(),
  cipher: z.enum(['none', encryptionName]),
  compression: z.literal(compressionName),
  database: z.string(),
  databaseId: z.string(),
  /** Bytes of the database itself. */
  databaseBytes: z.number(),
  createdAt: z.iso.datetime(),
  server: z.string(),
  client: z.string(),
  schemaVersion: z.string().nullable(),
  release: z.string(),
  commit: z.string(),
  run: z.string(),
  lsn: z.string(),
  /** Exact rows by table in the snapshot of the dump, and whether all tables were counted. */
  counts: z.record(z.string(), z.int()),
  counted: z.enum(['all', 'largest']),
  /** Counters of changed rows by table at that time, for the report of what a restore would lose. */
  changes: z.record(z.string(), z.number().nullable()),
  statisticsSince: z.string().nullable(),
  events: z.object({ table: z.string(), column: z.string(), head: z.string().nullable() }).nullable(),
  locale: localeSchema,
  /** A manifest is written only after the proof. */
  proof: proofSchema,
});

/** What is known of a backup. Stored next to it, as the last object. Contains no secret. */
export type BackupManifest = z.output<typeof manifestSchema>;
export type BackupProof = z.output<typeof proofSchema>;

export function encodeManifest(manifest: BackupManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Null when the text is not a manifest of this version. Pure. */
export function decodeManifest(text: string): BackupManifest | null {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** @throws Fault when it does not exist, or is not a manifest. */
export async function readManifest(store: BackupStore, name: string): Promise<BackupManifest> {
  const manifest = decodeManifest(await readText(store, name));
  if (manifest) return manifest;
  throw new Fault(`${store.locate(name)} is not a backup manifest (schema 3)`, {
    hint: 'Backups of older versions of Slipway are restored by hand with pg_restore.',
  });
}
