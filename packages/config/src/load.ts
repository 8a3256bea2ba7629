import type { DatabaseConfig } from './database.ts';
import { explain } from './explain.ts';
import { type Environment, hasPlaceholder, interpolate } from './interpolate.ts';
import { locate, type Place } from './locate.ts';
import { configError, type Located, type Problem } from './problem.ts';
import { type Config, configSchema, required, type Section, type Use, usedSchema } from './schema.ts';
import { readSource, type Source } from './source.ts';
import { isTree, merge, type Tree, valueAt } from './tree.ts';

export interface LoadOptions<Uses extends Use> {
  /** Path of the file as the user knows it, for messages. */
  file: string;
  text: string;
  environment: string;
  env: Environment;
  /** What the caller reads. `${NAME}` is replaced only there; the rest is checked and then left out. */
  uses: readonly Uses[];
}

export type LoadedConfig<Uses extends Use> = Pick<Config, Extract<Uses, Section> | 'app'> &
  PartOfDatabase<Uses extends `database.${infer Key extends keyof DatabaseConfig}` ? Key : never>;

type PartOfDatabase<Keys extends keyof DatabaseConfig> = [Keys] extends [never]
  ? unknown
  : { database?: Pick<DatabaseConfig, Keys> | undefined };

/**
 * Reads slipway.yml: YAML, the overrides of the environment, `${NAME}`, the schema. The overrides of the other
 * environments are checked as well, but their `${NAME}` need not be set. Pure.
 * @throws UserError that lists every problem at once as `file:line:column: …`.
 */
export function loadConfig<Uses extends Use>(options: LoadOptions<Uses>): LoadedConfig<Uses> {
  const { environment, env, uses } = options;
  const source = readSource(options.file, options.text);
  const { environments, ...base } = source.tree;
  const misshapen = environmentProblems(environments);
  const overrides = isTree(environments) && misshapen.length === 0 ? environments : {};
  const used: readonly Use[] = [...uses, 'app'];
  const isUsed = (path: readonly string[]): boolean => used.some((use) => meets(use, path));
  const written = merge(base, overrides[environment] ?? {}) as Tree;
  const { tree, problems: unset } = interpolate(written, env, isUsed);
  const problems = [
    ...place(source, environment, [...misshapen, ...unset, ...schemaProblems(written, tree, unset, isUsed)]),
    ...Object.keys(overrides).flatMap((other) => overrideProblems(source, base, overrides[other], other)),
  ];
  if (problems.length > 0) throw configError(options.file, source.lines, problems);
  const wanted = Object.entries(tree).filter(([section]) => isUsed([section]));
  return usedSchema(used).parse(Object.fromEntries(wanted), once) as LoadedConfig<Uses>;
}

/** Whether what stands at a path belongs to what is used, or holds it. */
function meets(use: Use, path: readonly string[]): boolean {
  return use.split('.').every((key, depth) => depth >= path.length || path[depth] === key);
}

/** One file is read in a process: compiling code for it first, as zod does, takes longer than to do without. */
const once = { jitless: true } as const;

/** What the schema has against the tree. A value that waits for a `${NAME}` cannot be judged yet. */
function schemaProblems(
  written: Tree,
  tree: Tree,
  unset: readonly Problem[],
  isUsed: (path: readonly string[]) => boolean,
): Problem[] {
  const parsed = configSchema(new Set([...required, ...Object.keys(tree)])).safeParse(tree, once);
  if (parsed.success) return [];
  const waiting = new Set(unset.map(({ path }) => path.join('\0')));
  return parsed.error.issues
    .flatMap((issue) => explain(issue, written, tree))
    .filter(({ path }) => !waiting.has(path.join('\0')))
    .filter(({ path }) => isUsed(path) || !hasPlaceholder(valueAt(written, path)));
}

/** What is wrong in the overrides of one environment, its `${NAME}` aside; the base is judged elsewhere. */
function overrideProblems(source: Source, base: Tree, override: unknown, environment: string): Located[] {
  const written = merge(base, override ?? {}) as Tree;
  const problems = schemaProblems(written, written, [], () => false);
  return place(source, environment, problems).filter(({ overridden }) => overridden);
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

function place(source: Source, environment: string, problems: readonly Problem[]): (Located & Place)[] {
  return problems.map(({ path, of, message }) => ({
    message,
    ...locate(source.document, environment, path, of),
  }));
}
