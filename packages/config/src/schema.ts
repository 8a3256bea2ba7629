import * as z from 'zod';
import { type DatabaseConfig, databaseSchema } from './database.ts';
import { networkSchema } from './network.ts';
import { platforms } from './platforms/index.ts';
import { preflightSchema } from './preflight.ts';
import { rollbackSchema } from './rollback.ts';
import { slug } from './scalars.ts';
import { serviceSchema } from './services.ts';
import { smokeSchema, watchSchema } from './signals.ts';

const servicesSchema = () =>
  z
    .record(slug, serviceSchema())
    .refine((services) => Object.keys(services).length > 0, 'at least one service')
    .describe(
      'The services of the application, by name. They are rolled out in this order, and each is proven before the next starts.',
    );

const programSchema = () =>
  z.strictObject({
    version: z
      .string()
      .describe('Version that the program must report.')
      .meta({ examples: ['2.29.7'] }),
    url: z
      .string()
      .startsWith('https://')
      .describe('Address of the program, or of a .tar.gz archive that contains it.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
      .describe('sha256 of what the address returns.'),
  });

const programsSchema = () =>
  z
    .partialRecord(
      z.enum(['docker', 'docker-compose', 'docker-buildx', 'kubectl', 'pg_dump']),
      programSchema(),
    )
    .default({})
    .describe('Programs to install at a pinned version. Those that are not listed are taken from PATH.');

/**
 * Everything but `environments`: the keys of the file, once the overrides are merged in. Functions, because a step
 * builds only the sections that its file has or that it reads; building all of them would slow its start.
 */
const sections = {
  app: () =>
    slug
      .describe(
        'Name of the application. Its state on the target, Compose projects and locks are named after it.',
      )
      .meta({ examples: ['docsense'] }),
  ...platforms,
  services: servicesSchema,
  database: () => databaseSchema().optional(),
  rollback: () => rollbackSchema().prefault({}),
  preflight: () => preflightSchema().prefault({}),
  smoke: () => smokeSchema().optional(),
  watch: () => watchSchema().optional(),
  programs: programsSchema,
  network: networkSchema,
};

type Schemas = { [Name in keyof typeof sections]: ReturnType<(typeof sections)[Name]> };

export type Config = z.output<z.ZodObject<Schemas>>;
export type Section = keyof Config;
/**
 * What a step reads: a section, `target` for the section of the platform, or one key of the database, where a step that
 * only queries it does not need the rest of that section.
 */
export type Use = Section | 'target' | `database.${keyof DatabaseConfig}`;
export type ProgramsConfig = Config['programs'];

export const sectionNames = Object.keys(sections) as Section[];

/** The sections that every file must have. */
export const required: readonly Section[] = ['app', 'services'];

const built = new Map<Section, z.ZodType>();

/** The schema of the named sections alone: any other is an unknown key to it. */
export function configSchema(names: ReadonlySet<string>): z.ZodObject {
  const shape = sectionNames.filter((name) => names.has(name)).map((name) => [name, sectionSchema(name)]);
  return z.strictObject(Object.fromEntries(shape));
}

/** The schema of what is used. Where only some keys of a section are used, it drops the others. */
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
