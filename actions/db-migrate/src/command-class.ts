import { addExternallyApplied, type ExternallyApplied, readExternallyApplied } from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { RecordedDatabase } from '@slipway/release';
import type { MigrateContext } from './migration.ts';

type Class = RecordedDatabase['class'];

/** Tells what class a release is whose migrations only a program can read. */
export interface CommandClass {
  /** Before the program runs: from now on its versions can be told from those that were there. */
  begin(): Promise<void>;
  /** With these versions applied. */
  of(now: readonly string[]): Class;
  /** Contracts that are applied then, or may be. */
  contracts(now: readonly string[]): string[];
  /** The release has passed: what is applied now is no later release's. */
  settle(now: readonly string[]): Promise<void>;
}

/**
 * By the versions that the users named as contracts. What an earlier release applied that never passed is this one's: the
 * version that runs is no younger for it. So the versions are written down when a release passes, and only where any are
 * named.
 * @param before Versions that are applied before the program runs. @throws UserError when they may not be read; Fault.
 */
export async function openCommandClass(
  { log, record }: Pick<MigrateContext, 'log' | 'record'>,
  session: Pick<MigrationSession, 'observer'>,
  contracts: readonly string[],
  before: readonly string[],
): Promise<CommandClass> {
  const client = session.observer;
  const earlier = record.database?.class ?? 'none';
  let noted: ExternallyApplied | null = contracts.length > 0 ? await readExternallyApplied(client) : null;
  const found = (now: readonly string[]) =>
    classOfVersions({ contracts, known: noted?.versions ?? before, now, earlier });
  return {
    async begin() {
      if (noted?.versions === null) noted = await addExternallyApplied(client, noted, before);
    },
    of: (now) => found(now).class,
    contracts: (now) => found(now).applied,
    async settle(now) {
      if (noted === null) return;
      const { class: kind, unseen, jumped } = found(now);
      if (kind === 'contract' && unseen.length > 0) {
        const until =
          jumped.length > 0 ? '' : ', and so is every release that applies anything until it is listed';
        log.warn(
          `database.migrations.contract-migrations names ${unseen.join(', ')}, which the version table does not list: this release is treated as one with contract migrations${until}`,
        );
      }
      noted = await addExternallyApplied(client, noted, [...now, ...jumped]);
    },
  };
}

/**
 * A version that is named and not listed may be written in another way, or may have run unseen where the table holds the
 * newest only: it is taken for the worst. Such a table may have jumped over it; from one that lists every version it may
 * still come. Pure.
 */
function classOfVersions(of: {
  contracts: readonly string[];
  known: readonly string[];
  now: readonly string[];
  earlier: Class;
}): { class: Class; unseen: string[]; jumped: string[]; applied: string[] } {
  const { contracts, known, now, earlier } = of;
  const fresh = now.filter((version) => !known.includes(version));
  const unseen = contracts.filter((version) => !known.includes(version) && !now.includes(version));
  const newestOnly = now.length === 1 && known.some((version) => !now.includes(version));
  const jumped = fresh.length > 0 && newestOnly ? unseen : [];
  const applied = contracts.filter((version) => !unseen.includes(version) || jumped.includes(version));
  if (fresh.length === 0) return { class: earlier, unseen, jumped, applied };
  const contract = unseen.length > 0 || contracts.some((version) => fresh.includes(version));
  return {
    class: contract || earlier === 'contract' ? 'contract' : 'expand',
    unseen,
    jumped,
    applied,
  };
}
