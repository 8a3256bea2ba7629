import type { DatabaseConfig } from './database.ts';
import { explain } from './explain.ts';
import { type Environment, hasPlaceholder, interpolate } from './interpolate.ts';
import { type Location, locate } from './locate.ts';
import { platformNames, type TargetConfig, targetOf } from './platforms/index.ts';
import { ConfigError, type Located, type Problem } from './problem.ts';
import { rollbackProblems } from './rollback.ts';
import { type Config, configSchema, required, type Use, usedSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';
import { isTree, merge, type Tree, valueAt } from './tree.ts';

export interface LoadOptions<Uses extends Use> {
  /** Path of the file as the user wrote it, for messages. */
  file: string;
  text: string;
  environment: string;
  env: Environment;
  /** What the caller reads. `${NAME}` is replaced only there; everything else is checked and then dropped. */
  uses: readonly Uses[];
}

/** The sections, and the one platform among them. */
type Loaded = Config & { target: TargetConfig | null };

export type LoadedConfig<Uses extends Use> = Pick<Loaded, Extract<Uses, keyof Loaded> | 'app'> &
  PartOfDatabase<Uses extends `database.${infer Key extends keyof DatabaseConfig}` ? Key : never>;

type PartOfDatabase<Keys extends keyof DatabaseConfig> = [Keys] extends [never]
  ? unknown
  : { database?: Pick<DatabaseConfig, Keys> | undefined };

/**
 * Reads slipway.yml: parses the YAML, merges the overrides of the environment, replaces `${NAME}` and applies the
 * schema. The overrides of other environments are checked too, but their `${NAME}` may be unset. Pure.
 * @throws ConfigError that lists every problem as `file:line:column: …`.
 */
export function loadConfig<Uses extends Use>(options: LoadOptions<Uses>): LoadedConfig<Uses> {
  const { environment, env, uses } = options;
  const source = readSource(options.file, options.text);
  const { environments, ...base } = source.tree;
  const malformed = environmentProblems(environments);
  const overrides = isTree(environments) && malformed.length === 0 ? environments : {};
  const used = sectionsOf([...uses, 'app']);
  const isUsed = (path: readonly string[]): boolean => used.some((use) => overlaps(use, path));
  const written = merge(base, overrides[environment] ?? {}) as Tree;
  const { tree, problems: unset } = interpolate(written, env, isUsed);
  const problems = [
    ...locateAll(source, environment, [
      ...malformed,
      ...unset,
      ...schemaProblems(written, tree, unset, isUsed),
    ]),
    ...Object.keys(overrides).flatMap((other) => overrideProblems(source, base, overrides[other], other)),
  ];
  if (problems.length > 0) throw new ConfigError(options.file, source.lines, problems);
  const usedSections = Object.entries(tree).filter(([section]) => isUsed([section]));
  const config = usedSchema(used).parse(Object.fromEntries(usedSections), withoutCompiling);
  const target = uses.some((use) => use === 'target') ? { target: targetOf(config) } : {};
  return { ...config, ...target } as LoadedConfig<Uses>;
}

/** The sections that are read: any platform may be the target. */
function sectionsOf(uses: readonly Use[]): Exclude<Use, 'target'>[] {
  return uses.flatMap((use) => (use === 'target' ? platformNames : [use]));
}

/** Whether the value at a path is part of what is used, or contains it. */
function overlaps(use: Use, path: readonly string[]): boolean {
  return use.split('.').every((key, depth) => depth >= path.length || path[depth] === key);
}

/** A process reads one file. Compiling a parser for it first, as zod does by default, takes longer than it saves. */
const withoutCompiling = { jitless: true } as const;

/** The problems that the schema finds in the tree. A value whose `${NAME}` is unset cannot be checked. */
function schemaProblems(
  written: Tree,
  tree: Tree,
  unset: readonly Problem[],
  isUsed: (path: readonly string[]) => boolean,
): Problem[] {
  const parsed = configSchema(new Set([...required, ...Object.keys(tree)])).safeParse(tree, withoutCompiling);
  if (parsed.success) return rollbackProblems(tree);
  const unsetPaths = new Set(unset.map(({ path }) => path.join('\0')));
  return parsed.error.issues
    .flatMap((issue) => explain(issue, written, tree))
    .filter(({ path }) => !unsetPaths.has(path.join('\0')))
    .filter(({ path }) => isUsed(path) || !hasPlaceholder(valueAt(written, path)));
}

/** The problems in the overrides of one environment, without its `${NAME}`. The base is checked separately. */
function overrideProblems(source: Source, base: Tree, override: unknown, environment: string): Located[] {
  const written = merge(base, override ?? {}) as Tree;
  const problems = schemaProblems(written, written, [], () => false);
  return locateAll(source, environment, problems).filter(({ overridden }) => overridden);
}

function environmentProblems(environments: unknown): Problem[] {
  const path = ['environments'];
  if (environments === undefined) return [];
  if (!isTree(environments))
    return [{ path, of: 'value', message: '"environments": expected a mapping of names to overrides' }];
  return Object.entries(environments)
    .filter(([, override]) => override !== null && !isTree(override))
    .map(([name]) => ({
      path: [...path, name],
      of: 'value' as const,
      message: `"environments.${name}": expected a mapping of keys to override`,
    }));
}

function locateAll(
  source: Source,
  environment: string,
  problems: readonly Problem[],
): (Located & Location)[] {
  return problems.map(({ path, of, ...problem }) => ({
    ...problem,
    ...locate(source.document, environment, path, of),
  }));
}
