import { readdirSync, statSync } from 'node:fs';
import * as path from 'node:path';
import type { LoadedConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { NamedFile } from '@slipway/platform';
import type { ActionContext } from '@slipway/runner';
import { targetFiles } from '@slipway/targets';
import { type Finding, failed, passed, skipped } from './checklist.ts';

const sections = ['services', 'target', 'database', 'smoke', 'watch', 'programs'] as const;

type SectionName = (typeof sections)[number];

/** The sections that could be read, and why others could not. */
export interface ReadSections {
  config: Partial<LoadedConfig<SectionName>>;
  unread: Map<SectionName, readonly string[]>;
}

/** Reads section by section, so that an unset `${NAME}` in one does not prevent checks of the others. */
export function readSections({
  readConfig,
}: Pick<ActionContext<unknown, never>, 'readConfig'>): ReadSections {
  const read: ReadSections = { config: {}, unread: new Map() };
  for (const section of sections) {
    try {
      Object.assign(read.config, readConfig([section]));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const [title, ...lines] = error.message.split('\n');
      read.unread.set(section, lines.length > 0 ? lines : [title ?? '']);
    }
  }
  return read;
}

export function judgeConfiguration({ unread }: ReadSections, file: string): Finding {
  const problems = new Set([...unread.values()].flat());
  if (problems.size === 0) return passed(`${file} is valid and every \${NAME} in it is set`);
  return failed(
    [...problems].join('; '),
    'Correct the file, or pass the named variables to the step (secrets and variables of the workflow).',
  );
}

/** Every path in the repository that the configuration names. */
function namedFiles({ target, database, services }: ReadSections['config']): NamedFile[] {
  const files = (key: string, paths: readonly string[]): NamedFile[] =>
    paths.map((path) => ({ path, kind: 'file', key }));
  const builds = Object.entries(services ?? {}).flatMap(([name, { build }]) =>
    build ? files(`services.${name}.build`, [path.join(build.context, build.dockerfile)]) : [],
  );
  const migrations: NamedFile[] = database
    ? [{ path: database.migrations.dir, kind: 'folder', key: 'database.migrations.dir' }]
    : [];
  return [
    ...(target ? targetFiles(target) : []),
    ...files('database.schemas', database?.schemas ?? []),
    ...migrations,
    ...builds,
  ];
}

/** Whether everything that the configuration names is in the checkout. */
export function judgeFiles(config: ReadSections['config'], workspace: string): Finding {
  const named = namedFiles(config);
  if (named.length === 0) return skipped('the configuration names no file');
  const problems = named.flatMap(({ path: file, kind, key }) => {
    const problem = problemWith(path.join(workspace, file), kind);
    return problem ? [`${file} (${key}) ${problem}`] : [];
  });
  if (problems.length > 0)
    return failed(
      problems.join('; '),
      'Commit the missing files, or correct the paths in the configuration.',
    );
  return passed(
    named.length === 1
      ? 'the file that the configuration names exists'
      : `all ${named.length} files and folders that the configuration names exist`,
  );
}

function problemWith(file: string, kind: NamedFile['kind']): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return 'does not exist';
  if (kind === 'file' || (kind === 'either' && stat.isFile()))
    return stat.isFile() ? (stat.size === 0 ? 'is empty' : undefined) : 'is not a file';
  if (!stat.isDirectory()) return 'is not a folder';
  return readdirSync(file, { withFileTypes: true }).some((entry) => entry.isFile())
    ? undefined
    : 'contains no file';
}
