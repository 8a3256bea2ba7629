import type { FolderListing, FolderReading, MigrationFormat } from '../format.ts';
import { digest, readDown, readSource, userPath } from '../source.ts';
import { readSqitchPlan } from './plan.ts';
import type { SqitchChange, SqitchMigration } from './sqitch-migration.ts';
import { readSqitchTable, sqitchTable } from './version-table.ts';

const planFile = 'sqitch.plan';

/** sqitch: a plan, and per change a script each to deploy, revert and verify it. */
export const sqitch: MigrationFormat = {
  name: 'sqitch',
  reads: /(?:\.sql|(?:^|\/)sqitch\.plan)$/,
  table: sqitchTable,

  matches({ files }) {
    return files.has(planFile);
  },

  read(listing: FolderListing): FolderReading {
    const plan = readSource(listing, planFile);
    const { changes, problems } = readSqitchPlan(plan.sql);
    const found = plan.problems.length > 0 ? plan.problems : problems.map((one) => `${plan.file}:${one}`);
    const migrations: SqitchMigration[] = [];
    for (const change of changes) {
      const version = versionOf(listing, change);
      const script = `deploy/${version}.sql`;
      if (!listing.files.has(script)) {
        found.push(`${plan.file}:${change.line}: there is no file ${userPath(listing, script)}`);
        continue;
      }
      const { content, problems: wrong, ...source } = readSource(listing, script);
      found.push(...wrong);
      migrations.push({
        ...source,
        version,
        checksum: digest('sha1', content),
        kind: 'versioned',
        down: readDown(listing, `revert/${version}.sql`),
        verify: readDown(listing, `verify/${version}.sql`),
        change,
      });
    }
    return { migrations, problems: found };
  },

  readTable: readSqitchTable,
};

/** Of the tags since which a change was reworked, sqitch takes the first for which there is a script. */
function versionOf({ files }: FolderListing, { name, reworkTags }: SqitchChange): string {
  const tag = reworkTags.find((one) => files.has(`deploy/${name}${one}.sql`)) ?? reworkTags[0] ?? '';
  return `${name}${tag}`;
}
