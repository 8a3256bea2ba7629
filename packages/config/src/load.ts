import { UserError } from '@slipway/kernel';
import { type Document, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type * as z from 'zod';
import { interpolate } from './interpolate.ts';
import { type Config, configSchema, type Section } from './schema.ts';
import { suggest } from './suggest.ts';

export interface LoadOptions<Uses extends Section> {
  /** Path of the file as the user knows it, for messages. */
  file: string;
  text: string;
  environment: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The sections the caller reads. `${NAME}` is replaced only there; the rest is checked and then left out. */
  uses: readonly Uses[];
}

export type LoadedConfig<Uses extends Section> = Pick<Config, Uses | 'app'>;

interface Problem {
  offset: number;
  message: string;
}

/**
 * Reads slipway.yml: YAML, `${NAME}`, the overrides of the environment, the schema. Pure.
 * @throws UserError that lists every problem at once as `file:line:column: …`.
 */
export function loadConfig<Uses extends Section>(options: LoadOptions<Uses>): LoadedConfig<Uses> {
  const lines = new LineCounter();
  const document = parseDocument(options.text, { lineCounter: lines, uniqueKeys: true });
  const fail = (problems: readonly Problem[]): never => {
    throw configError(options.file, lines, problems);
  };
  if (document.errors.length > 0) {
    fail(
      document.errors.map((error) => ({
        offset: error.pos[0],
        message: error.message.split('\n')[0] ?? 'invalid YAML',
      })),
    );
  }
  if (!isMap(document.contents))
    fail([{ offset: 0, message: 'expected a mapping with "app" and "services"' }]);
  const used = new Set<string>([...options.uses, 'app']);
  const section = (path: readonly string[]): string | undefined =>
    path[0] === 'environments' ? path[2] : path[0];
  const elsewhere = (path: readonly string[]): boolean =>
    path[0] === 'environments' && path[1] !== options.environment;
  const problems = interpolate(
    document,
    options.env,
    (path) => used.has(section(path) ?? '') && !elsewhere(path),
  ).map(({ node, message }) => ({ offset: node.range?.[0] ?? 0, message }));
  const { environments = {}, ...base } = document.toJS() as Record<string, unknown> & {
    environments?: Record<string, unknown>;
  };
  const overrides = (isPlainObject(environments) ? environments[options.environment] : undefined) ?? {};
  const parsed = configSchema.safeParse(merge(base, overrides));
  if (!parsed.success) problems.push(...explain(parsed.error, document, options.environment));
  if (problems.length > 0 || !parsed.success) return fail(problems);
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([key]) => used.has(key)),
  ) as LoadedConfig<Uses>;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mappings merge key by key; anything else in the override replaces what was there. */
function merge(base: unknown, override: unknown): unknown {
  if (!isPlainObject(base) || !isPlainObject(override)) return override ?? base;
  const merged = { ...base };
  for (const [key, value] of Object.entries(override))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged;
}

function explain(error: z.ZodError, document: Document, environment: string): Problem[] {
  return error.issues.flatMap((issue) => issueProblems(issue, document, environment));
}

function issueProblems(issue: z.core.$ZodIssue, document: Document, environment: string): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      offset: locate(document, environment, [...path, key], true),
      message: `unknown key "${[...path, key].join('.')}"${didYouMean(key, path)}`,
    }));
  }
  const found = valueAt(document, environment, path);
  const unresolved = typeof found === 'string' && found.includes('${');
  if (unresolved) return [];
  const offset = locate(document, environment, path, false);
  if (issue.code === 'invalid_key')
    return [{ offset, message: `"${path.join('.')}": ${issue.issues[0]?.message}` }];
  const shown = found === undefined ? 'it is missing' : `found ${JSON.stringify(found)}`;
  return [{ offset, message: `"${path.join('.')}": ${expectation(issue)}, ${shown}` }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  if (issue.code === 'too_small' && issue.origin === 'array')
    return `expected at least ${issue.minimum} item`;
  if (issue.code === 'invalid_union')
    return expectation(issue.errors[0]?.[0] ?? { ...issue, code: 'custom', message: issue.message });
  const text = issue.message.replace(/^(Invalid string|Too small|Too big): /, '');
  return `expected ${text}`;
}

/** Suggests from the keys that the schema knows at this place. */
function didYouMean(key: string, path: readonly string[]): string {
  const known = knownKeys(path);
  const near = suggest(key, known);
  if (near) return `; did you mean "${near}"?`;
  return known.length > 0 ? `; known here: ${known.join(', ')}` : '';
}

function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = configSchema;
  for (const step of path) schema = descend(schema, step);
  const shape = (unwrap(schema) as { shape?: object } | undefined)?.shape;
  return shape ? [...Object.keys(shape), ...(path.length === 0 ? ['environments'] : [])] : [];
}

type Definition = { innerType?: unknown; element?: unknown; valueType?: unknown; in?: unknown };

function unwrap(schema: unknown): unknown {
  const inner = (schema as { def?: Definition } | undefined)?.def?.innerType;
  return inner === undefined ? schema : unwrap(inner);
}

function descend(schema: unknown, step: string): unknown {
  const at = unwrap(schema) as { shape?: Record<string, unknown>; def?: Definition } | undefined;
  return at?.shape?.[step] ?? at?.def?.element ?? at?.def?.valueType;
}

function numbered(path: readonly string[]): (string | number)[] {
  return path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function valueAt(document: Document, environment: string, path: readonly string[]): unknown {
  const overridden = document.getIn(['environments', environment, ...numbered(path)]);
  const value = overridden ?? document.getIn(numbered(path));
  return isNode(value) ? value.toJSON() : value;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}

/** Offset of the override when the environment has one at this path, else of the value, else of the nearest parent. */
function locate(document: Document, environment: string, path: readonly string[], ofKey: boolean): number {
  for (const prefix of [['environments', environment], []]) {
    const offset = offsetOf(document, [...prefix, ...path], ofKey);
    if (offset !== undefined) return offset;
  }
  return path.length === 0 ? 0 : locate(document, environment, path.slice(0, -1), true);
}

function offsetOf(document: Document, path: readonly string[], ofKey: boolean): number | undefined {
  if (path.length === 0) return undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(numbered(path.slice(0, -1)), true);
  const last = path[path.length - 1];
  if (isMap(parent)) {
    const pair = parent.items.find((item: Pair) => isScalar(item.key) && String(item.key.value) === last);
    const node = (ofKey ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined;
    return node?.range?.[0];
  }
  return (document.getIn(numbered(path), true) as Node | undefined)?.range?.[0];
}

function configError(file: string, lines: LineCounter, problems: readonly Problem[]): UserError {
  const located = problems
    .map((problem) => ({ ...problem, at: lines.linePos(problem.offset) }))
    .sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col)
    .map(({ at, message }) => `${file}:${Math.max(1, at.line)}:${Math.max(1, at.col)}: ${message}`);
  const count = located.length === 1 ? 'a problem' : `${located.length} problems`;
  return new UserError(`the configuration has ${count}:\n${[...new Set(located)].join('\n')}`, {
    hint: 'Nothing was done. The keys are described in slipway.schema.json.',
  });
}
