/** Of the registry that is read and written, as sqitch's releases table says it. */
export const registryVersion = '1.1';

const now = 'timestamptz NOT NULL DEFAULT clock_timestamp()';
const committed = `committed_at ${now}, committer_name text NOT NULL, committer_email text NOT NULL`;
const planned = 'planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL';
const ofProject = 'text NOT NULL REFERENCES sqitch.projects (project) ON UPDATE CASCADE';
const ofChange = 'REFERENCES sqitch.changes (change_id) ON UPDATE CASCADE';

/**
 * The tables of sqitch's registry, version 1.1, column by column as in its Engine/pg.sql; idempotent.
 * @param installer SQL of two values, the name and the e-mail of who makes it.
 */
export function createSqitchRegistry(installer: string): string {
  return `CREATE SCHEMA IF NOT EXISTS sqitch;
CREATE TABLE IF NOT EXISTS sqitch.releases (
  version real PRIMARY KEY, installed_at ${now}, installer_name text NOT NULL, installer_email text NOT NULL
);
CREATE TABLE IF NOT EXISTS sqitch.projects (
  project text PRIMARY KEY, uri text NULL UNIQUE, created_at ${now}, creator_name text NOT NULL, creator_email text NOT NULL
);
CREATE TABLE IF NOT EXISTS sqitch.changes (
  change_id text PRIMARY KEY, script_hash text NULL, change text NOT NULL, project ${ofProject},
  note text NOT NULL DEFAULT '', ${committed}, ${planned}, UNIQUE (project, script_hash)
);
CREATE TABLE IF NOT EXISTS sqitch.tags (
  tag_id text PRIMARY KEY, tag text NOT NULL, project ${ofProject}, change_id text NOT NULL ${ofChange},
  note text NOT NULL DEFAULT '', ${committed}, ${planned}, UNIQUE (project, tag)
);
CREATE TABLE IF NOT EXISTS sqitch.dependencies (
  change_id text NOT NULL ${ofChange} ON DELETE CASCADE, type text NOT NULL, dependency text NOT NULL,
  dependency_id text NULL ${ofChange} CONSTRAINT dependencies_check CHECK (
    (type = 'require' AND dependency_id IS NOT NULL) OR (type = 'conflict' AND dependency_id IS NULL)
  ),
  PRIMARY KEY (change_id, dependency)
);
CREATE TABLE IF NOT EXISTS sqitch.events (
  event text NOT NULL CONSTRAINT events_event_check CHECK (event IN ('deploy', 'revert', 'fail', 'merge')),
  change_id text NOT NULL, change text NOT NULL, project ${ofProject}, note text NOT NULL DEFAULT '',
  requires text[] NOT NULL DEFAULT '{}', conflicts text[] NOT NULL DEFAULT '{}', tags text[] NOT NULL DEFAULT '{}',
  ${committed}, ${planned}, PRIMARY KEY (change_id, committed_at)
);
INSERT INTO sqitch.releases (version, installer_name, installer_email)
SELECT ${registryVersion}, ${installer} WHERE NOT EXISTS (SELECT FROM sqitch.releases)`;
}
