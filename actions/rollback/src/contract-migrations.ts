import { Cancelled, DatabaseUrl, describeError, Fault, UserError } from '@slipway/kernel';
import type { ReleaseEntry } from '@slipway/release';
import type { RollbackContext } from './context.ts';
import { explainUnlisted, type UnlistedMigration } from './refusal.ts';

/** How long the database may take to answer: a rollback does not depend on it. */
const databaseTimeoutMs = 5000;

export type DatabaseContext = Pick<RollbackContext, 'readConfig' | 'redactor' | 'signal' | 'clock' | 'log'>;

/**
 * Asks the database for contract migrations that no release on the target lists, because the one that came with them failed
 * before it was rolled out.
 * @param proof The release that comes back, or the one that found it there.
 * @param version What comes back, in words. @param except Versions that are taken back.
 * @returns null when there are none; a sentence when the database cannot be asked, which is also a warning of the run.
 * @throws UserError that names those that what comes back is not known to have run on; Cancelled.
 */
export async function refuseUnlisted(
  context: DatabaseContext,
  proof: ReleaseEntry,
  version: string,
  except: readonly string[] = [],
): Promise<string | null> {
  let found: UnlistedMigration[];
  try {
    const since = await contractMigrationsSince(context, proof);
    found = since.filter((one) => !except.includes(one.version));
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const doubt = `Whether ${version} can run on the schema is unknown: ${reasonOf(error)}.`;
    context.log.annotate({
      level: 'warning',
      title: 'Schema compatibility is unknown',
      message: `${doubt} Only the state of the target decides. ${howToAsk}`,
    });
    return doubt;
  }
  if (found.length === 0) return null;
  const { message, hint } = explainUnlisted(found, version);
  throw new UserError(message, { hint });
}

const howToAsk =
  'To have the database checked, pass the variables that database.url, direct-url and migrations use to this step, run it where it can reach the server, and grant the user SELECT on slipway_migrations.';

/** On one line. An error that is not one of ours is a bug, which must not pass for a database that is unreachable. */
export function reasonOf(error: unknown): string {
  const reason = describeError(error).replace(/\s*\n\s*/g, ' ');
  const isOurs = error instanceof Fault || error instanceof UserError;
  const { name } = ((isOurs ? error.cause : error) ?? {}) as { name?: string };
  const isBug = !isOurs || /^(?:Type|Range|Reference|Syntax)Error$/.test(name ?? '');
  return isBug ? `a bug in Slipway; please report it: ${name}: ${reason}` : reason;
}

/** Contract migrations that are applied, and that the release neither lists nor was proven after. */
async function contractMigrationsSince(
  { readConfig, redactor, signal, clock }: DatabaseContext,
  proof: ReleaseEntry,
): Promise<UnlistedMigration[]> {
  const { database } = readConfig(['database.url', 'database.direct-url', 'database.migrations']);
  if (!database) return [];
  for (const secret of [database.url, database['direct-url']]) if (secret) redactor.add(secret);
  const { command, 'contract-migrations': listed, versions, format } = database.migrations;
  const isListed = (one: string): boolean => proof.contracts?.includes(one) ?? false;
  const named = listed.filter((one) => !isListed(one));
  if (command && named.length === 0) return [];
  const { readContractMigrations } = await import('@slipway/migrations');
  const applied = await readContractMigrations({
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    timeoutMs: databaseTimeoutMs,
    signal,
    redactor,
    format,
    ...(command ? { named: { contracts: named, versions } } : {}),
  });
  const since = (clock.now().getTime() - Date.parse(proof.provenAt ?? proof.begunAt)) / 1000;
  return applied.filter(
    ({ version, ageSeconds, repeatable }) =>
      (repeatable || !isListed(version)) && (ageSeconds === null || ageSeconds <= since),
  );
}
