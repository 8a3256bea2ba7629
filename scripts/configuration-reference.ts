import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { configJsonSchema } from '@slipway/config';
import { stringify } from 'yaml';
import { wrapLine } from './wrap.ts';

/** The page that holds the reference, between two markers; the text around them is written by hand. */
export const referenceFile = path.join(path.dirname(import.meta.dirname), 'docs/configuration.md');

const begin = '<!-- configuration -->';
const end = '<!-- /configuration -->';

/** What the reference reads of a JSON Schema. */
interface Schema {
  title?: string;
  description?: string;
  type?: string;
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema;
}

/** Where the keys of a mapping are free: what the reference writes in their place. */
const placeholders: Record<string, string> = {
  services: '<name>',
  'preflight.env': '<NAME>',
  programs: '<program>',
};

/** A schema whose keys are documented under a separate heading. */
interface Group {
  path: string;
  schema: Schema;
  description: string;
}

/** The page with its reference generated from the schema. @throws Error for a missing marker or description. */
export function refreshReference(text: string, schema = configJsonSchema() as Schema): string {
  const [before, rest] = text.split(`${begin}\n`);
  const after = rest?.split(`${end}\n`)[1];
  if (before === undefined || after === undefined) throw new Error(`${begin} … ${end} is missing`);
  return `${before}${begin}\n\n${renderReference(schema)}\n${end}\n${after}`;
}

/** Every key of the schema: scalars of the file first, then one section for each mapping. */
export function renderReference(schema: Schema): string {
  return renderGroup({ path: '', schema, description: '' }).join('\n');
}

function renderGroup({ path: at, schema, description }: Group): string[] {
  const entries = Object.entries(schema.properties ?? {}).map(([key, one]) => ({
    path: at === '' ? key : `${at}.${key}`,
    schema: one,
    required: schema.required?.includes(key) ?? false,
  }));
  const groups = entries.map((entry) => ({ entry, group: groupOf(entry.path, entry.schema) }));
  const keys = groups.flatMap(({ entry, group }) => (group ? [] : renderKey(entry)));
  const depth = '#'.repeat(Math.min(4, at.replaceAll(/\.<\w+>/g, '').split('.').length + 1));
  const heading = at === '' ? [] : [`${depth} \`${at}\``, '', ...wrapLine('', '', description), ''];
  const nested = groups.flatMap(({ group }) => (group ? renderGroup(group) : []));
  return [...heading, ...keys, ...(keys.length > 0 ? [''] : []), ...nested];
}

/** The mapping at a path, when its keys are documented one by one. */
function groupOf(at: string, schema: Schema): Group | null {
  const described = (inner?: Schema): string =>
    [schema.description, inner?.description].filter(Boolean).join(' ');
  if (schema.properties) return { path: at, schema, description: described() };
  const inner = schema.additionalProperties;
  if (typeof inner === 'object' && inner.properties)
    return {
      path: `${at}.${placeholderOf(at)}`,
      schema: inner,
      description: described(inner) + namesOf(schema),
    };
  if (schema.items?.properties)
    return { path: `${at}[]`, schema: schema.items, description: described(schema.items) };
  return null;
}

function placeholderOf(at: string): string {
  const placeholder = placeholders[at];
  if (placeholder === undefined) throw new Error(`"${at}" needs a placeholder for its free keys`);
  return placeholder;
}

/** The keys of a mapping that has a fixed set of them. */
function namesOf({ propertyNames }: Schema): string {
  return propertyNames?.enum ? ` One of ${list(propertyNames.enum)}.` : '';
}

function renderKey({
  path: at,
  schema,
  required,
}: {
  path: string;
  schema: Schema;
  required: boolean;
}): string[] {
  if (!schema.description) throw new Error(`the key "${at}" has no description`);
  const facts = [typeOf(schema), required ? 'required' : defaultOf(schema)].filter((fact) => fact !== '');
  const example = schema.examples?.[0] === undefined ? '' : ` Example: ${code(schema.examples[0])}.`;
  return wrapLine('- ', '  ', `\`${at}\` (${facts.join(', ')}): ${schema.description}${example}`);
}

function typeOf(schema: Schema): string {
  if (schema.title) return schema.title;
  if (schema.enum) return list(schema.enum);
  if (schema.items) return `list of ${plural(typeOf(schema.items))}`;
  if (schema.type === 'object') {
    const inner = schema.additionalProperties;
    return typeof inner === 'object' && inner.type !== 'object'
      ? `mapping of name to ${typeOf(inner)}`
      : 'mapping';
  }
  return { string: 'text', boolean: '`true` or `false`' }[String(schema.type)] ?? String(schema.type);
}

function plural(type: string): string {
  return type === 'text' ? type : type.startsWith('list') ? type.replace('list', 'lists') : `${type}s`;
}

function defaultOf({ default: value }: Schema): string {
  return value === undefined || value === '' ? '' : `default ${code(value)}`;
}

function list(values: readonly unknown[]): string {
  const all = values.map(code);
  return all.length === 1 ? String(all[0]) : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** A value as YAML writes it in one line. */
function code(value: unknown): string {
  const style = typeof value === 'object' ? 'flow' : 'any';
  const text = stringify(value, { collectionStyle: style, flowCollectionPadding: false, lineWidth: 0 });
  return `\`${text.trim()}\``;
}

if (import.meta.main) {
  const text = readFileSync(referenceFile, 'utf8');
  const fresh = refreshReference(text);
  if (!process.argv.includes('--check')) writeFileSync(referenceFile, fresh);
  else if (fresh !== text) {
    console.error('docs/configuration.md is stale: run "node scripts/configuration-reference.ts"');
    process.exitCode = 1;
  }
}
