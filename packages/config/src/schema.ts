import * as z from 'zod';
import { databaseSchema } from './database.ts';
import { composeSchema, kubernetesSchema, serviceSchema } from './platform.ts';
import { preflightSchema } from './preflight.ts';
import { slug } from './scalars.ts';
import { smokeSchema, watchSchema } from './signals.ts';

const programsSchema = z.record(
  z.enum(['docker', 'docker-compose', 'docker-buildx', 'kubectl', 'pg_dump']),
  z.strictObject({
    version: z.string(),
    url: z.string().startsWith('https://'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  }),
);

/** Everything but `environments`: the shape after the overrides were merged in. */
export const configSchema = z.strictObject({
  app: slug,
  compose: composeSchema.optional(),
  kubernetes: kubernetesSchema.optional(),
  services: z
    .record(slug, serviceSchema)
    .refine((services) => Object.keys(services).length > 0, 'at least one service')
    .describe('Rolled out in this order; each is proven before the next starts.'),
  database: databaseSchema.optional(),
  preflight: preflightSchema.prefault({}),
  smoke: smokeSchema.optional(),
  watch: watchSchema.optional(),
  programs: z
    .partialRecord(programsSchema.keyType, programsSchema.valueType)
    .default({})
    .describe('Programs to install at a pinned version instead of taking what PATH has.'),
});

export type Config = z.output<typeof configSchema>;
export type Section = keyof Config;
export type ProgramsConfig = Config['programs'];
