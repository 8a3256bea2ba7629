import { Cancelled, describeError, UserError } from '@slipway/kernel';
import type { Stamp } from '@slipway/platform';
import type { RollbackContext } from './context.ts';
import { contractsOf, wayOut } from './refusal.ts';

/** Milliseconds that the database gets to answer: a rollback does not need it. */
const answersWithin = 5000;

export type Asking = Pick<RollbackContext, 'readConfig' | 'redactor' | 'signal' | 'clock' | 'log'>;

/**
 * Asks the database for contracts that nothing on the target tells of, because the release that came with them ended
 * before it was stamped there.
 * @param proof The stamp of what comes back, or of the release that found it there.
 * @param version What comes back, in words.
 * @returns null when there are none; a sentence when nobody can tell.
 * @throws UserError that names those that what comes back has never run on; Cancelled.
 */
export async function refuseUnstamped(
  context: Asking,
  proof: Stamp,
  version: string,
): Promise<string | null> {
  let found: string[];
  try {
    found = await contractsSince(context, proof);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const why = describeError(error).replace(/\s*\n\s*/g, ' ');
    const doubt = `Whether ${version} can run on the schema is unknown: ${why}.`;
    const { hint } = error as { hint?: string };
    context.log.warn(hint ? `${doubt} ${hint}` : doubt);
    return doubt;
  }
  if (found.length === 0) return null;
  throw new UserError(`the database has ${contractsOf(found)}, which ${version} has never run on`, {
    hint: wayOut,
  });
}

/** Versions of contracts that are applied, and that the stamp neither names nor was verified behind. */
async function contractsSince(
  { readConfig, redactor, signal, clock }: Asking,
  proof: Stamp,
): Promise<string[]> {
  const { database } = readConfig(['database']);
  if (!database) return [];
  for (const secret of [database.url, database['direct-url']]) if (secret) redactor.add(secret);
  const { command, contract, versions } = database.migrations;
  const isKnown = (one: string): boolean => proof.contracts?.includes(one) ?? false;
  const named = contract.filter((one) => !isKnown(one));
  if (command && named.length === 0) return [];
  const { readContracts } = await import('@slipway/database');
  const applied = await readContracts({
    url: database['direct-url'] ?? database.url,
    timeout: answersWithin,
    signal,
    ...(command ? { named: { contracts: named, versions } } : {}),
  });
  const since = (clock.now().getTime() - Date.parse(proof.at)) / 1000;
  return applied.flatMap(({ version, age }) =>
    isKnown(version) || (age !== null && age > since) ? [] : [version],
  );
}
