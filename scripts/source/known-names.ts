import { globSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { configJsonSchema } from '@slipway/config';
import { parse } from 'yaml';
import { root } from './files.ts';

interface Interface {
  inputs: ReadonlySet<string>;
  outputs: ReadonlySet<string>;
}

/** A part of a JSON Schema, as far as its keys go. */
interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

/** What users can set and call: inputs, outputs, configuration keys, npm scripts. */
export interface KnownNames {
  /** By the name of an action or a reusable workflow. */
  interfaces: ReadonlyMap<string, Interface>;
  scripts: ReadonlySet<string>;
  /** Keys at the top of slipway.yml. */
  sections: ReadonlySet<string>;
  /** Whether the configuration has a key; a part `*` stands for any name. */
  hasKey(parts: readonly string[]): boolean;
}

export function readKnownNames(): KnownNames {
  const schema = configJsonSchema() as Schema;
  const { scripts } = readJson('package.json') as { scripts: Record<string, string> };
  return {
    interfaces: new Map([...actions(), ...workflows()]),
    scripts: new Set(Object.keys(scripts)),
    sections: new Set(Object.keys(schema.properties ?? {})),
    hasKey: (parts) => has(schema, parts),
  };
}

function actions(): [string, Interface][] {
  return globSync('actions/*/action.yml', { cwd: root }).map((file) => [
    path.basename(path.dirname(file)),
    interfaceOf(readYaml(file)),
  ]);
}

function workflows(): [string, Interface][] {
  return globSync('.github/workflows/*.yml', { cwd: root }).map((file) => {
    const { on } = readYaml(file) as { on?: { workflow_call?: unknown } };
    return [path.basename(file), interfaceOf(on?.workflow_call)];
  });
}

function interfaceOf(document: unknown): Interface {
  const { inputs, outputs } = (document ?? {}) as { inputs?: object | null; outputs?: object | null };
  return { inputs: new Set(Object.keys(inputs ?? {})), outputs: new Set(Object.keys(outputs ?? {})) };
}

function has(schema: Schema, [part, ...rest]: readonly string[]): boolean {
  if (part === undefined) return true;
  const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (below.some((one) => has(one, [part, ...rest]))) return true;
  if (schema.items && has(schema.items, [part, ...rest])) return true;
  const named = part === '*' ? Object.values(schema.properties ?? {}) : [schema.properties?.[part]];
  return [...named, schema.additionalProperties].some((one) => typeof one === 'object' && has(one, rest));
}

function readYaml(file: string): unknown {
  return parse(readFileSync(path.join(root, file), 'utf8'));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
