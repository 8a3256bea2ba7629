import * as z from 'zod';
import { backupSchema } from './backup.ts';
import { duration, repositoryPath } from './scalars.ts';

const migrationsSchema = () =>
  z
    .strictObject({
      dir: repositoryPath.default('migrations'),
      format: z
        .enum([
          'plain',
          'golang-migrate',
          'dbmate',
          'flyway',
          'node-pg-migrate',
          'graphile-migrate',
          'sqitch',
          'prisma',
          'drizzle',
        ])
        .optional()
        .describe('What the files are written for. Default: told from the folder.'),
      'out-of-order': z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe('What becomes of a new file below the newest version that was applied.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Program and arguments, without a shell, that migrate instead, such as [npx, knex, migrate:latest]. It finds DATABASE_URL in its environment; lock, backup, time limits and verification are around it.',
        ),
      versions: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Query whose first column lists the applied versions of such a program, oldest first. Default: its version table, where that is a known one.',
        ),
      'contract-migrations': z
        .array(z.string('a version in quotes, as the version table lists it').min(1))
        .default([])
        .describe(
          'Versions of such a program that the version before cannot run on; a rollback behind the release that applies one is refused.',
        ),
    })
    .refine((migrations) => migrations.command || migrations['contract-migrations'].length === 0, {
      path: ['contract-migrations'],
      message: 'nothing without a command: a file says it itself, by the line -- slipway: contract',
    })
    .prefault({})
    .describe('SQL migrations as your tool keeps them; each file is run once.');

const lintSchema = () =>
  z
    .strictObject({
      level: z
        .enum(['enforce', 'warn', 'off'])
        .default('enforce')
        .describe('enforce: a finding of level error refuses the release before anything is changed.'),
      'append-only': z
        .array(z.string().min(1))
        .default(['events', 'emt_messages', 'mt_events'])
        .describe('Tables whose rows are never changed, such as an event store.'),
    })
    .prefault({});

const acceptedWords = 'none, or the name of a schema as a refusal says it, such as schema-0123456789ab';

const verifySchema = () =>
  z
    .strictObject({
      assertions: z
        .array(repositoryPath)
        .default([])
        .describe(
          'SQL files, or folders of them, that must hold after the migrations: no statement may fail, and a query whose first column is boolean must return rows, all of them true.',
        ),
      drift: z
        .enum(['warn', 'enforce', 'off'])
        .default('warn')
        .describe('What becomes of a schema that was changed by hand since the last release.'),
      'accepted-drift': z
        .string(acceptedWords)
        .regex(/^(?:none|schema-[0-9a-f]{12})$/, acceptedWords)
        .default('none')
        .describe(
          'A schema that may be as it is although no release left it so, by the name that the refusal gives it.',
        ),
      failures: z
        .string()
        .min(1)
        .default('projection_failures')
        .describe('Table of events that projections could not apply; open ones must not grow in number.'),
      checkpoints: z
        .string()
        .min(1)
        .default('projection_checkpoints')
        .describe('Table of how far projections have read; none may fall back or vanish.'),
    })
    .prefault({});

const stagingSchema = () =>
  z
    .strictObject({
      url: z.string().min(1).describe('postgresql://… of the staging database; reading is enough.'),
      'min-age': duration.prefault('0s').describe('How long ago a migration must have been applied there.'),
    })
    .describe('Every pending migration must have been applied there, with the same checksum.');

/** The PostgreSQL database that belongs to the release. */
export const databaseSchema = () =>
  z.strictObject({
    url: z.string().min(1).describe('postgresql://… , normally ${DATABASE_URL}.'),
    'direct-url': z
      .string()
      .min(1)
      .optional()
      .describe(
        'The same database past its pooler. Needed for a backup and for statements without a transaction when url leads to a pooler that pools by transaction.',
      ),
    schemas: z
      .array(repositoryPath)
      .default([])
      .describe('Idempotent SQL files that run first, in this order.'),
    migrations: migrationsSchema(),
    lint: lintSchema(),
    backup: backupSchema().prefault({}),
    'shadow-url': z
      .string()
      .min(1)
      .optional()
      .describe(
        'An empty database that is yours to change, where pending migrations are rehearsed on the production schema: up, down and up again.',
      ),
    staging: stagingSchema().optional(),
    verify: verifySchema(),
    'lock-timeout': duration
      .prefault('2s')
      .describe('How long a try may wait for a table lock; it is tried again.'),
    'statement-timeout': duration.prefault('15m'),
  });

export type DatabaseConfig = z.output<ReturnType<typeof databaseSchema>>;
