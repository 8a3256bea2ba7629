import { dbmate } from './dbmate/index.ts';
import { drizzle } from './drizzle/index.ts';
import { flyway } from './flyway/index.ts';
import type { FormatName, MigrationFormat } from './format.ts';
import { golangMigrate } from './golang-migrate/index.ts';
import { graphileMigrate } from './graphile-migrate/index.ts';
import { nodePgMigrate } from './node-pg-migrate/index.ts';
import { plain } from './plain/index.ts';
import { prisma } from './prisma/index.ts';
import { sqitch } from './sqitch/index.ts';

/**
 * Every format that `database.migrations.format` can name; the compiler holds both lists together. Those of a tool come
 * before plain numbers, which many of them use as well.
 */
const byName: Readonly<Record<FormatName, MigrationFormat>> = {
  sqitch,
  drizzle,
  prisma,
  'graphile-migrate': graphileMigrate,
  flyway,
  'golang-migrate': golangMigrate,
  dbmate,
  'node-pg-migrate': nodePgMigrate,
  plain,
};

export const formats: readonly MigrationFormat[] = Object.values(byName);

/** The format of a name. */
export function formatOf(name: FormatName): MigrationFormat {
  return byName[name];
}
