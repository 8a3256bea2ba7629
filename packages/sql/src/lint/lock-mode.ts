import type { RangeVar } from 'libpg-query';
import { type Named, ofRange, sqlOf } from './names.ts';

/** Table-level locks, weakest first (manual, 13.3.1). */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof lockModes)[number];

/**
 * What the statement does with the rows while it has the lock. In a transaction the lock is held until its end, but only
 * this part grows with the table.
 */
export type LockTime =
  | 'for an instant'
  | 'while it scans'
  | 'while it builds an index'
  | 'while it rewrites'
  | 'while it runs';

export interface RelationLock {
  /** As the user wrote it. */
  relation: string;
  named: Named;
  mode: LockMode;
  lasts: LockTime;
  /** Whether `named` is a domain, and the lock is on every table that uses it. */
  ofDomain?: true;
}

export function lock(
  table: RangeVar | Named,
  mode: LockMode,
  lasts: LockTime = 'for an instant',
): RelationLock {
  const named = 'name' in table ? table : ofRange(table);
  return { relation: sqlOf(named), named, mode, lasts };
}

/** The lock on a table that a node may leave out. */
export function lockOn(table: RangeVar | undefined, mode: LockMode, lasts?: LockTime): RelationLock[] {
  return table ? [lock(table, mode, lasts)] : [];
}

/** The lock on the table of an index, which only the server knows. */
export function ofIndex(one: RelationLock): RelationLock {
  return { ...one, relation: `the table of ${one.relation}` };
}

/** The lock on all tables that use a domain, which only the server knows. */
export function ofDomain(one: RelationLock): RelationLock {
  return { ...one, relation: `every table with a column of ${one.relation}`, ofDomain: true };
}

/** `ACCESS EXCLUSIVE on public.users: for an instant`. */
export function describeLock({ relation, mode, lasts }: RelationLock): string {
  return `${mode} on ${relation}: ${lasts}`;
}

/** Shortest first. */
const times: readonly LockTime[] = [
  'for an instant',
  'while it runs',
  'while it scans',
  'while it builds an index',
  'while it rewrites',
];

/** One line per relation and mode, with the longest time of each; the strongest first. */
export function strongest(locks: readonly RelationLock[]): RelationLock[] {
  if (locks.length < 2) return [...locks];
  const found = new Map<string, RelationLock>();
  for (const one of locks) {
    const key = `${one.relation} ${one.mode}`;
    const before = found.get(key);
    if (!before || times.indexOf(one.lasts) > times.indexOf(before.lasts)) found.set(key, one);
  }
  return [...found.values()].sort((a, b) => lockModes.indexOf(b.mode) - lockModes.indexOf(a.mode));
}
