import * as z from 'zod';
import { backupSchema } from './backup.ts';
import { duration, repositoryPath } from './scalars.ts';

const formats = [
  'plain',
  'golang-migrate',
  'dbmate',
  'flyway',
  'node-pg-migrate',
  'graphile-migrate',
  'sqitch',
  'prisma',
  'drizzle',
] as const;

const migrationsSchema = () =>
  z
    .strictObject({
      dir: repositoryPath.default('migrations').describe('Folder of the migration files.'),
      format: z
        .enum(formats)
        .optional()
        .describe('Migration tool that the files are written for. Default: detected from the folder.'),
      'out-of-order': z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe('What to do about a new file whose version is below the newest one that is applied.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Program, with its arguments, that runs the migrations instead of Slipway. It is started without a shell and receives DATABASE_URL; lock, backup, time limits and verification still apply.',
        )
        .meta({ examples: [['npx', 'knex', 'migrate:latest']] }),
      versions: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Query whose first column lists the versions that "command" has applied, oldest first. Default: its version table, when that is a known one.',
        )
        .meta({ examples: ['SELECT version FROM schema_migrations ORDER BY 1'] }),
      'contract-migrations': z
        .array(z.string('a version in quotes, as the version table lists it').min(1))
        .default([])
        .describe(
          'Versions that "command" applies and that the previous application version cannot run on. Rolling back past a release that applies one is refused.',
        )
        .meta({ examples: [['20260131120000']] }),
    })
    .refine((migrations) => migrations.command || migrations['contract-migrations'].length === 0, {
      path: ['contract-migrations'],
      message: 'nothing without "command": a file says it itself, with the line -- slipway: contract',
    })
    .prefault({})
    .describe('The migrations. Each file is run once.');

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
        .describe('Tables whose rows never change, such as an event store.'),
    })
    .prefault({})
    .describe('Lint of the pending SQL.');

const acceptedWords = 'none, or the fingerprint from a refusal, such as schema-0123456789ab';

const verifySchema = () =>
  z
    .strictObject({
      assertions: z
        .array(repositoryPath)
        .default([])
        .describe(
          'SQL files, or folders of them, that must hold after the migrations: no statement may fail, and a query whose first column is boolean must return rows, all of them true.',
        )
        .meta({ examples: [['verify']] }),
      drift: z
        .enum(['warn', 'enforce', 'off'])
        .default('warn')
        .describe('What to do when the schema was changed by hand since the last release.'),
      'accepted-drift': z
        .string(acceptedWords)
        .regex(/^(?:none|schema-[0-9a-f]{12})$/, acceptedWords)
        .default('none')
        .describe('Fingerprint of one drifted schema to accept, as printed when drift is refused.')
        .meta({ examples: ['schema-0123456789ab'] }),
      failures: z
        .string()
        .min(1)
        .default('projection_failures')
        .describe(
          'Table of events that a projection could not apply. The number of open ones must not increase.',
        ),
      checkpoints: z
        .string()
        .min(1)
        .default('projection_checkpoints')
        .describe('Table of how far each projection has read. None may move back or disappear.'),
    })
    .prefault({})
    .describe('What is verified before and after the migrations.');

const stagingSchema = () =>
  z
    .strictObject({
      url: z
        .string()
        .min(1)
        .describe('postgresql:// address of the staging database. Read access is enough.')
        .meta({ examples: ['${STAGING_URL}'] }),
      'min-age': duration.prefault('0s').describe('How long ago each migration must have run there.'),
    })
    .describe('Every pending migration must have run there first, with the same checksum.');

/** The PostgreSQL database that belongs to the release. */
export const databaseSchema = () =>
  z
    .strictObject({
      url: z
        .string()
        .min(1)
        .describe('postgresql:// address of the database.')
        .meta({ examples: ['${DATABASE_URL}'] }),
      'direct-url': z
        .string()
        .min(1)
        .optional()
        .describe(
          'Address of the same database without its pooler. Needed when "url" leads to a pooler in transaction mode.',
        )
        .meta({ examples: ['${DIRECT_URL}'] }),
      schemas: z
        .array(repositoryPath)
        .default([])
        .describe('Idempotent SQL files that run before the pending migrations, in this order.')
        .meta({ examples: [['db/schema.sql']] }),
      migrations: migrationsSchema(),
      lint: lintSchema(),
      backup: backupSchema().prefault({}),
      'shadow-url': z
        .string()
        .min(1)
        .optional()
        .describe(
          'Address of an empty database that Slipway may change. Pending migrations are rehearsed there on the production schema: up, down and up again.',
        )
        .meta({ examples: ['${SHADOW_URL}'] }),
      staging: stagingSchema().optional(),
      verify: verifySchema(),
      'lock-timeout': duration
        .prefault('2s')
        .describe('lock_timeout of each attempt. Contention is retried.'),
      'statement-timeout': duration
        .prefault('15m')
        .describe('Time limit of one statement. CONCURRENTLY statements have none.'),
    })
    .describe('The PostgreSQL database that is migrated with the release.');

export type DatabaseConfig = z.output<ReturnType<typeof databaseSchema>>;
