import { addExternallyApplied, type ExternallyApplied, readExternallyApplied } from '@slipway/migrations';
import type { MigrationSession } from '@slipway/postgres';
import type { RecordedDatabase } from '@slipway/release';
import type { MigrateContext } from './migration.ts';

type Class = RecordedDatabase['class'];

/** The class of a release whose migrations only a program can read. */
export interface CommandClass {
  /** Before the program runs: from now on its versions can be distinguished from earlier ones. */
  begin(): Promise<void>;
  /** With these versions applied. */
  of(now: readonly string[]): Class;
  /** Contract migrations that are applied then, or may be. */
  contracts(now: readonly string[]): string[];
  /** The release has passed: what is applied now does not count for a later one. */
  settle(now: readonly string[]): Promise<void>;
}

/**
 * By the versions that the users named as contract migrations. What an earlier release applied that never passed counts
 * for this one: it does not make the version that runs any younger. So the versions are recorded when a release passes,
 * and only where any are named.
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
  let recorded: ExternallyApplied | null = contracts.length > 0 ? await readExternallyApplied(client) : null;
  const found = (now: readonly string[]) =>
    classOfVersions({ contracts, known: recorded?.versions ?? before, now, earlier });
  return {
    async begin() {
      if (recorded?.versions === null) recorded = await addExternallyApplied(client, recorded, before);
    },
    of: (now) => found(now).class,
    contracts: (now) => found(now).applied,
    async settle(now) {
      if (recorded === null) return;
      const { class: kind, unseen, jumped } = found(now);
      if (kind === 'contract' && unseen.length > 0) {
        const until =
          jumped.length > 0 ? '' : ', and so is every release that applies anything until it is listed';
        log.warn(
          `database.migrations.contract-migrations names ${unseen.join(', ')}, which the version table does not list: this release is treated as one with contract migrations${until}`,
        );
      }
      recorded = await addExternallyApplied(client, recorded, [...now, ...jumped]);
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
