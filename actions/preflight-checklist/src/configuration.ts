import { readdirSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { ConfigError, isRemoteContext, type LoadedConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { NamedFile } from '@slipway/platform';
import type { ActionContext } from '@slipway/runner';
import { targetFiles } from '@slipway/targets';
import { type Finding, failed, passed, skipped } from './checklist.ts';
import type { Stage } from './stage.ts';

const sections = ['services', 'target', 'database', 'smoke', 'watch', 'programs'] as const;

type SectionName = (typeof sections)[number];

/** The sections that could be read, and why others could not. */
export interface ReadSections {
  config: Partial<LoadedConfig<SectionName>>;
  unread: Map<SectionName, ConfigError['problems']>;
  /** The keys of the database that name files: they need no secret. */
  schema: LoadedConfig<'database.schemas' | 'database.migrations'>['database'];
}

/** Reads section by section, so that an unset `${NAME}` in one does not prevent checks of the others. */
export function readSections({
  readConfig,
}: Pick<ActionContext<unknown, never>, 'readConfig'>): ReadSections {
  const read: ReadSections = { config: {}, unread: new Map(), schema: undefined };
  for (const section of sections) {
    const { config, problems } = tryReading(() => readConfig([section]));
    Object.assign(read.config, config);
    if (problems) read.unread.set(section, problems);
  }
  const { config } = tryReading(() => readConfig(['database.schemas', 'database.migrations']));
  return { ...read, schema: config?.database };
}

function tryReading<Part>(read: () => Part): { config?: Part; problems?: ConfigError['problems'] } {
  try {
    return { config: read() };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    if (error instanceof UserError) return { problems: [{ text: error.message }] };
    throw error;
  }
}

/** Before the approval, a `${NAME}` that is not set may be a secret, which nobody has yet. */
export function judgeConfiguration({ unread }: ReadSections, file: string, stage: Stage): Finding {
  const problems = [...unread.values()].flat();
  const isLater = ({ unset }: (typeof problems)[number]): boolean =>
    stage === 'before-approval' && unset !== undefined;
  const wrong = new Set(problems.filter((problem) => !isLater(problem)).map(({ text }) => text));
  if (wrong.size > 0)
    return failed(
      [...wrong].join('; '),
      'Correct the file, or pass the named variables to the step (secrets and variables of the workflow).',
    );
  const later = [...new Set(problems.flatMap(({ unset }) => unset ?? []))].sort();
  if (later.length === 0) return passed(`${file} is valid and every \${NAME} in it is set`);
  return passed(`${file} is valid; ${later.join(', ')} must be set after the approval`);
}

/** Every path in the repository that the configuration names. */
function namedFiles({ config: { target, services }, schema }: ReadSections): NamedFile[] {
  const files = (key: string, paths: readonly string[]): NamedFile[] =>
    paths.map((path) => ({ path, kind: 'file', key }));
  const builds = Object.entries(services ?? {}).flatMap(([name, { build }]) =>
    build && !isRemoteContext(build.context)
      ? files(`services.${name}.build`, [path.join(build.context, build.dockerfile)])
      : [],
  );
  const migrations: NamedFile[] = schema
    ? [{ path: schema.migrations.dir, kind: 'folder', key: 'database.migrations.dir' }]
    : [];
  return [
    ...(target ? targetFiles(target) : []),
    ...files('database.schemas', schema?.schemas ?? []),
    ...migrations,
    ...builds,
  ];
}

/** Whether everything that the configuration names is in the checkout. */
export function judgeFiles(sections: ReadSections, workspace: string): Finding {
  const named = namedFiles(sections);
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
