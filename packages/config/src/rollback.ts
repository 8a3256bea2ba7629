import * as z from 'zod';
import type { Problem } from './problem.ts';
import { type Tree, valueAt } from './tree.ts';

/** What a rollback does besides restoring the services. */
export const rollbackSchema = () =>
  z
    .strictObject({
      database: z
        .enum(['keep', 'down', 'restore'])
        .default('keep')
        .describe(
          'What a rollback does to the database. keep: nothing; a rollback past a contract migration is refused. down: it takes back what was migrated since, by the down migrations that were rehearsed before; db-migrate refuses a migration without one. restore: it puts the backup from before those migrations in the place of the database, when a person confirms that by its name; else it keeps the database.',
        ),
    })
    .describe('Rollback: what it does to the database.');

const key = ['rollback', 'database'];

/** What the rest of the configuration must have for `rollback.database`. Pure. */
export function rollbackProblems(tree: Tree): Problem[] {
  const policy = valueAt(tree, key);
  const lacking =
    policy === 'down' ? lackingForDown(tree) : policy === 'restore' ? lackingForRestore(tree) : null;
  if (lacking === null) return [];
  return [{ path: key, of: 'value', message: `"rollback.database": "${policy}" needs ${lacking}` }];
}

function lackingForRestore(tree: Tree): string | null {
  if (valueAt(tree, ['database']) === undefined) return 'the section "database"';
  const mode = valueAt(tree, ['database', 'backup', 'mode']) ?? 'dump';
  return mode === 'dump' ? null : `backups that Slipway restores, but "database.backup.mode" is "${mode}"`;
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
