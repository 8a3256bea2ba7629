import { Cancelled, DatabaseUrl, describeError, Fault, UserError } from '@slipway/kernel';
import type { Stamp } from '@slipway/platform';
import type { RollbackContext } from './context.ts';
import { explainUnstamped, type Unstamped } from './refusal.ts';

/** Milliseconds that the database gets to answer: a rollback does not need it. */
const answersWithin = 5000;

export type Asking = Pick<RollbackContext, 'readConfig' | 'redactor' | 'signal' | 'clock' | 'log'>;

/**
 * Asks the database for contracts that nothing on the target tells of, because the release that came with them ended
 * before it was stamped there.
 * @param proof The stamp of what comes back, or of the release that found it there.
 * @param version What comes back, in words.
 * @returns null when there are none; a sentence when nobody can tell, of which the page of the run warns.
 * @throws UserError that names those that what comes back is not known to have run on; Cancelled.
 */
export async function refuseUnstamped(
  context: Asking,
  proof: Stamp,
  version: string,
): Promise<string | null> {
  let found: Unstamped[];
  try {
    found = await contractsSince(context, proof);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const doubt = `Whether ${version} can run on the schema is unknown: ${reasonOf(error)}.`;
    context.log.annotate({
      level: 'warning',
      title: 'Whether the schema fits is unknown',
      message: `${doubt} The stamps on the target decide alone. ${toBeAsked}`,
    });
    return doubt;
  }
  if (found.length === 0) return null;
  const { message, hint } = explainUnstamped(found, version);
  throw new UserError(message, { hint });
}

const toBeAsked =
  'To have it asked, give the step the variables that database.url, direct-url and migrations name, on a runner that reaches the server, and grant the user SELECT on slipway_migrations.';

/** In one line. What is no error of ours is a defect, which must not pass for a database that is away. */
function reasonOf(error: unknown): string {
  const reason = describeError(error).replace(/\s*\n\s*/g, ' ');
  const isOurs = error instanceof Fault || error instanceof UserError;
  const { name } = ((isOurs ? error.cause : error) ?? {}) as { name?: string };
  const isDefect = !isOurs || /^(?:Type|Range|Reference|Syntax)Error$/.test(name ?? '');
  return isDefect ? `a defect of Slipway, please report it: ${name}: ${reason}` : reason;
}

/** Contracts that are applied, and that the stamp neither names nor was verified behind. */
async function contractsSince(
  { readConfig, redactor, signal, clock }: Asking,
  proof: Stamp,
): Promise<Unstamped[]> {
  const { database } = readConfig(['database.url', 'database.direct-url', 'database.migrations']);
  if (!database) return [];
  for (const secret of [database.url, database['direct-url']]) if (secret) redactor.add(secret);
  const { command, 'contract-migrations': listed, versions, format } = database.migrations;
  const isNamed = (one: string): boolean => proof.contracts?.includes(one) ?? false;
  const named = listed.filter((one) => !isNamed(one));
  if (command && named.length === 0) return [];
  const { readContractMigrations } = await import('@slipway/migrations');
  const applied = await readContractMigrations({
    url: DatabaseUrl.parse(database['direct-url'] ?? database.url),
    timeout: answersWithin,
    signal,
    format,
    ...(command ? { named: { contracts: named, versions } } : {}),
  });
  const since = (clock.now().getTime() - Date.parse(proof.at)) / 1000;
  return applied.filter(
    ({ version, age, repeatable }) => (repeatable || !isNamed(version)) && (age === null || age <= since),
  );
}
