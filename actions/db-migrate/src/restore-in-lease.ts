import type { DatabaseConfig } from '@slipway/config';
import type { Result } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { withTransaction } from '@slipway/transaction';
import type { MigrateContext } from './migration.ts';
import { restoreBackup } from './restore.ts';

/** How long to wait for a release that changes the target: less than an abandoned lease lives. */
const leaseWaitMs = 60_000;

/**
 * Restores the database under the lease of the target, so that no release and no rollback changes what works with the database. A restore that is not confirmed replaces nothing, and takes none.
 * @throws UserError when another run holds the lease; Fault when another run takes it: then the old database is in its place.
 */
export async function restoreInLease(context: MigrateContext, database: DatabaseConfig): Promise<Result> {
  const { from, confirm, 'take-over': takeOver, 'github-token': token } = context.inputs;
  const alone = { from, confirm, assertMaySwap: async () => undefined };
  if (confirm === '' || context.dryRun) return restoreBackup(context, database, alone);
  const config = context.readConfig(['target', 'services']);
  if (config.target === null) return restoreBackup(context, database, alone);
  context.redactor.add(token);
  const options = { find: programFinder(context), waitMs: leaseWaitMs, takeOver, token };
  return withTransaction({ ...context, config }, options, ({ signal, exec, transaction }) =>
    restoreBackup({ ...context, signal, exec }, database, {
      from,
      confirm,
      assertMaySwap: () => transaction.assertHeld(),
    }),
  );
}
