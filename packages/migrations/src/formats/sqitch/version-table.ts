import { UserError } from '@slipway/kernel';
import { quoteLiteral } from '@slipway/postgres';
import type { Client } from 'pg';
import type { AppliedMigration, TableOfTool, VersionTable } from '../format.ts';
import { type FoundTable, findTable, hasColumns, readRows } from '../found-table.ts';
import { createSqitchRegistry, registryVersion } from './registry.ts';
import type { SqitchChange, SqitchDependency, SqitchMigration } from './sqitch-migration.ts';

/** Who wrote the row: sqitch takes it from its configuration, we from the connection. */
const committer = "current_user, current_user || '@localhost'";

export const sqitchTable: TableOfTool = {
  name: 'changes',
  schema: 'sqitch',
  accepts: (table) => hasColumns(table, 'change_id', 'change', 'project'),
  versions: null,
};

/**
 * The registry of sqitch in its schema `sqitch`, as App::Sqitch::Role::DBIEngine writes it: a change, its dependencies
 * and tags, and an event for each thing that happened.
 */
export async function readSqitchTable(
  client: Client,
  table: FoundTable,
  migrations: readonly SqitchMigration[],
): Promise<VersionTable<SqitchMigration>> {
  if (table.exists) await assertRegistry(client, hasColumns(table, 'script_hash'));
  const project = migrations[0]?.change.project ?? '';
  const rows = await readRows<{ id: string; change: string; hash: string | null }>(client, table, {
    columns: 'change_id AS id, change, script_hash AS hash',
    where: `project = ${quoteLiteral(project)}`,
    order: 'committed_at',
  });
  const byId = new Map(migrations.map(({ change, version }) => [change.id, version]));
  const applied = rows?.map(({ id, change, hash }): AppliedMigration => {
    // The same name with another id: the plan was edited above it.
    return { version: byId.get(id) ?? `${change} (${id.slice(0, 7)})`, checksum: hash, state: 'applied' };
  });
  const uri = migrations[0]?.change.uri ?? null;
  return {
    table: table.name,
    lists: { versions: 'all' },
    rows: applied ?? null,
    creation: `${createSqitchRegistry(committer)};
INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES (${quoteLiteral(project)}, ${orNull(uri)}, ${committer}) ON CONFLICT DO NOTHING`,
    begin: () => null,
    record: (migration) =>
      [
        insertChange(migration),
        ...migration.change.dependencies.map((one) => insertDependency(migration.change, one)),
        ...insertTags(migration.change),
        insertEvent('deploy', migration.change),
      ].join(';\n'),
    forget: ({ change }) =>
      [
        `DELETE FROM sqitch.tags WHERE change_id = ${quoteLiteral(change.id)}`,
        `DELETE FROM sqitch.changes WHERE change_id = ${quoteLiteral(change.id)}`,
        insertEvent('revert', change),
      ].join(';\n'),
    locks: ['75474063::bigint'],
  };
}

async function assertRegistry(client: Client, hashed: boolean): Promise<void> {
  const releases = await findTable(client, 'releases', 'sqitch');
  const rows = await readRows<{ version: string }>(client, releases, {
    columns: 'max(version)::text AS version',
    order: '1',
  });
  const version = rows?.[0]?.version ?? 'unknown';
  if (hashed && version === registryVersion) return;
  throw new UserError(
    `the registry of sqitch has version ${version}, but only ${registryVersion} is supported; nothing was changed`,
    {
      hint: 'Run "sqitch upgrade" if it is older; let sqitch itself deploy with database.migrations.command if it is newer.',
    },
  );
}

function insertChange({ change, checksum }: SqitchMigration): string {
  const { id, name, project } = change;
  const values = [id, checksum, name, project].map(orNull).join(', ');
  return `INSERT INTO sqitch.changes (change_id, script_hash, change, project, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES (${values}, ${plannedOf(change)})`;
}

function insertDependency({ id }: SqitchChange, dependency: SqitchDependency): string {
  const { type, text, id: known, project, change } = dependency;
  const ofOtherProject = `(SELECT change_id FROM sqitch.changes WHERE project = ${quoteLiteral(project)} AND change = ${quoteLiteral(change)} ORDER BY committed_at LIMIT 1)`;
  const target = type === 'conflict' ? 'NULL' : known === null ? ofOtherProject : quoteLiteral(known);
  return `INSERT INTO sqitch.dependencies (change_id, type, dependency, dependency_id)
VALUES (${quoteLiteral(id)}, '${type}', ${quoteLiteral(text)}, ${target})`;
}

function insertTags({ id, project, tags }: SqitchChange): string[] {
  return tags.map((tag) => {
    const values = [tag.id, tag.name, project, id].map(quoteLiteral).join(', ');
    return `INSERT INTO sqitch.tags (tag_id, tag, project, change_id, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES (${values}, ${plannedOf(tag)})`;
  });
}

function insertEvent(event: 'deploy' | 'revert', change: SqitchChange): string {
  const { id, name, project, tags, dependencies } = change;
  const texts = (type: SqitchDependency['type']): string[] =>
    dependencies.filter((one) => one.type === type).map(({ text }) => text);
  const lists = [texts('require'), texts('conflict'), tags.map((tag) => tag.name)].map(
    (list) => `ARRAY[${list.map(quoteLiteral).join(', ')}]::text[]`,
  );
  return `INSERT INTO sqitch.events (event, change_id, change, project, requires, conflicts, tags, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES ('${event}', ${[id, name, project].map(quoteLiteral).join(', ')}, ${lists.join(', ')}, ${plannedOf(change)})`;
}

/** Note, committer, and who planned it when: columns that three tables share. */
function plannedOf({ note, date, planner }: Pick<SqitchChange, 'note' | 'date' | 'planner'>): string {
  const planned = [date, planner.name, planner.email].map(quoteLiteral).join(', ');
  return `${quoteLiteral(note)}, ${committer}, ${planned}`;
}

function orNull(value: string | null): string {
  return value === null ? 'NULL' : quoteLiteral(value);
}
