import { UserError } from '@slipway/kernel';
import { assertWritable } from '@slipway/migrations';
import type { Connected, Reviewed } from './migration.ts';
import { wantsBackup } from './record.ts';

/** @throws UserError when the server, the user's rights or a pooler do not let this plan be carried out. */
export async function assertRunnable(
  { context, session, database }: Connected,
  { tables, hasWork, review }: Pick<Reviewed, 'tables' | 'hasWork' | 'review'>,
): Promise<void> {
  await assertWritable(await session.worker(), tables);
  const { pooler } = session;
  // A pooler that was named as the direct address is taken for one that keeps sessions, unless it was seen not to.
  const trusted = database['direct-url'] !== undefined && pooler?.perTransaction === false;
  if (pooler === null || trusted) return;
  const [stepwise] = review.stepwise;
  const needs = stepwise
    ? `${stepwise} runs without a transaction`
    : wantsBackup(context.inputs.backup, hasWork)
      ? 'the backup needs a dedicated session'
      : null;
  if (needs === null) return;
  const key = database['direct-url'] === undefined ? 'database.url' : 'database.direct-url';
  throw new UserError(
    `${key} points to ${pooler.name}, which ${pooler.perTransaction ? 'gives' : 'may give'} each transaction a different server connection, but ${needs}`,
    { hint: 'Set database.direct-url to the address of the server itself. Nothing was changed.' },
  );
}
