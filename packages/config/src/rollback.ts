import * as z from 'zod';
import type { Problem } from './problem.ts';
import { type Tree, valueAt } from './tree.ts';

/** What a rollback does besides restoring the services. */
export const rollbackSchema = () =>
  z
    .strictObject({
      database: z
        .enum(['keep', 'down'])
        .default('keep')
        .describe(
          'What a rollback does to the database. keep: nothing; a rollback past a contract migration is refused. down: it takes back what was migrated since, by the down migrations that were rehearsed before; db-migrate refuses a migration without one.',
        ),
    })
    .describe('Rollback: what it does to the database.');

const key = ['rollback', 'database'];

/** What the rest of the configuration must have for `rollback.database`. Pure. */
export function rollbackProblems(tree: Tree): Problem[] {
  if (valueAt(tree, key) !== 'down') return [];
  const lacking = lackingForDown(tree);
  return lacking === null
    ? []
    : [{ path: key, of: 'value', message: `"rollback.database": "down" needs ${lacking}` }];
}

/** Tools whose migrations have nothing that takes them back. */
const withoutDowns: readonly unknown[] = ['flyway', 'prisma', 'drizzle', 'graphile-migrate'];

function lackingForDown(tree: Tree): string | null {
  const of = (path: string): unknown => valueAt(tree, ['database', ...path.split('.')]);
  if (valueAt(tree, ['database']) === undefined) return 'the section "database"';
  if (of('migrations.command') !== undefined)
    return 'migrations that Slipway runs itself, but "database.migrations.command" is set';
  const format = of('migrations.format');
  if (withoutDowns.includes(format)) return `down migrations, which "${format}" has none of`;
  const isRehearsed = of('shadow-url') !== undefined || of('backup.prove') === 'restore';
  if (isRehearsed) return null;
  return 'a rehearsal of the down migrations: set "database.backup.prove" to "restore", or "database.shadow-url"';
}
