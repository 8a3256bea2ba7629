import type { FolderListing, FolderReading, Migration, MigrationFormat } from './format.ts';
import { digest, readDown, readSource, userPath } from './source.ts';
import { openSqitchLedger } from './sqitch-ledger.ts';
import { readSqitchPlan, type SqitchChange } from './sqitch-plan.ts';

const planFile = 'sqitch.plan';

/** A change with its scripts. `version` is its name; that of one that was reworked since has a tag, `name@v1`. */
export interface SqitchMigration extends Migration {
  change: SqitchChange;
  /** Statements that fail when the change is not in place. */
  verify: Migration['down'];
}

/** sqitch: a plan, and per change a script each to deploy, revert and verify it. */
export const sqitch: MigrationFormat = {
  name: 'sqitch',

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

  openLedger: openSqitchLedger,
};

/** Of the tags since which a change was reworked, sqitch takes the first for which there is a script. */
function versionOf({ files }: FolderListing, { name, reworkTags }: SqitchChange): string {
  const tag = reworkTags.find((one) => files.has(`deploy/${name}${one}.sql`)) ?? reworkTags[0] ?? '';
  return `${name}${tag}`;
}
