import * as z from 'zod';
import { duration, repositoryPath } from './scalars.ts';

/** The PostgreSQL database that belongs to the release. */
export const databaseSchema = z.strictObject({
  url: z.string().min(1).describe('postgresql://… , normally ${DATABASE_URL}.'),
  schemas: z
    .array(repositoryPath)
    .default([])
    .describe('Idempotent SQL files that run first, in this order.'),
  migrations: z
    .strictObject({ dir: repositoryPath.default('migrations') })
    .prefault({})
    .describe('Numbered .sql files, each run once, in its own transaction.'),
  backup: z
    .strictObject({
      to: z.string().min(1).default('./backups').describe('Folder for the dump and its manifest.'),
    })
    .prefault({}),
  'lock-timeout': duration.prefault('5s').describe('How long a migration may wait for a table lock.'),
  'statement-timeout': duration.prefault('15m'),
  'on-failure': z
    .enum(['stop'])
    .default('stop')
    .describe('stop: the failed file is rolled back by PostgreSQL, the release ends.'),
});

export type DatabaseConfig = z.output<typeof databaseSchema>;
