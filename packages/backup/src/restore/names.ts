import { createHash } from 'node:crypto';

/** Of the 63 bytes of a name, `_restore_` and 17 digits take 26. Milliseconds distinguish two restores of one second. */
const maxBytes = 37;

/**
 * The names that a restore of a database uses. A later run recognises the databases of a killed one by them. A name that
 * is too long is cut, and distinguished by a hash.
 */
export interface RestoreNames {
  /** The new database until it replaces the old one. */
  restored: string;
  /** The old one afterwards. */
  old: string;
}

export function restoreNames(database: string, at: Date): RestoreNames {
  const stamp = at.toISOString().replace(/\D/g, '').slice(0, 17);
  const base = baseOf(database);
  return { restored: `${base}_restore_${stamp}`, old: `${base}_old_${stamp}` };
}

/** Which of these databases a restore of this one created, newest last. Pure. */
export function foundNames(database: string, all: readonly string[]): { restored: string[]; old: string[] } {
  const base = baseOf(database);
  const of = (kind: string): string[] =>
    all
      .filter(
        (name) =>
          name.startsWith(`${base}_${kind}_`) && /^\d{17}$/.test(name.slice(base.length + kind.length + 2)),
      )
      .sort();
  return { restored: of('restore'), old: of('old') };
}

function baseOf(database: string): string {
  if (Buffer.byteLength(database) <= maxBytes) return database;
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 12);
  let start = '';
  for (const character of database) {
    if (Buffer.byteLength(start + character) > maxBytes - hash.length - 1) break;
    start += character;
  }
  return `${start}_${hash}`;
}
