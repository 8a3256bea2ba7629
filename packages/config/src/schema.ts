import * as z from 'zod';
import { type DatabaseConfig, databaseSchema } from './database.ts';
import { composeSchema, kubernetesSchema, serviceSchema } from './platform.ts';
import { preflightSchema } from './preflight.ts';
import { slug } from './scalars.ts';
import { smokeSchema, watchSchema } from './signals.ts';

const servicesSchema = () =>
  z
    .record(slug, serviceSchema())
    .refine((services) => Object.keys(services).length > 0, 'at least one service')
    .describe('Rolled out in this order; each is proven before the next starts.');

const programsSchema = () =>
  z
    .partialRecord(
      z.enum(['docker', 'docker-compose', 'docker-buildx', 'kubectl', 'pg_dump']),
      z.strictObject({
        version: z.string(),
        url: z.string().startsWith('https://'),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
      }),
    )
    .default({})
    .describe('Programs to install at a pinned version instead of taking what PATH has.');

/**
 * Everything but `environments`: the keys of the file, once the overrides were merged in. Functions, because a step
 * builds only the sections that its file has or that it reads; all of them would be a good part of its start.
 */
const sections = {
  app: () => slug,
  compose: () => composeSchema().optional(),
  kubernetes: () => kubernetesSchema().optional(),
  services: servicesSchema,
  database: () => databaseSchema().optional(),
  preflight: () => preflightSchema().prefault({}),
  smoke: () => smokeSchema().optional(),
  watch: () => watchSchema().optional(),
  programs: programsSchema,
};

type Schemas = { [Name in keyof typeof sections]: ReturnType<(typeof sections)[Name]> };

export type Config = z.output<z.ZodObject<Schemas>>;
export type Section = keyof Config;
/** A section, or one key of the database: who only asks it has no use for most of what that section demands. */
export type Use = Section | `database.${keyof DatabaseConfig}`;
export type ProgramsConfig = Config['programs'];

export const sectionNames = Object.keys(sections) as Section[];

/** The sections that no file can do without. */
export const required: readonly Section[] = ['app', 'services'];

const built = new Map<Section, z.ZodType>();

/** The schema of the named sections alone: any other is an unknown key to it. */
export function configSchema(names: ReadonlySet<string>): z.ZodObject {
  const shape = sectionNames.filter((name) => names.has(name)).map((name) => [name, sectionSchema(name)]);
  return z.strictObject(Object.fromEntries(shape));
}

/** The schema of what is used; of a section of which only some keys are, it drops the others. */
export function usedSchema(uses: readonly Use[]): z.ZodObject {
  const whole = configSchema(new Set(uses));
  const keys = uses.flatMap((use) => (use.startsWith('database.') ? [use.slice('database.'.length)] : []));
  if (keys.length === 0 || uses.includes('database')) return whole;
  const mask = Object.fromEntries(keys.map((key) => [key, true])) as Record<keyof DatabaseConfig, true>;
  return whole.extend({ database: databaseSchema().pick(mask).strip().optional() });
}

function sectionSchema(name: Section): z.ZodType {
  const schema = built.get(name) ?? sections[name]();
  built.set(name, schema);
  return schema;
}
