import * as z from 'zod';
import { configSchema, sectionNames } from './schema.ts';

/** The JSON Schema of slipway.yml (draft 2020-12), for editors. An override may set any key, so nothing is required there. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema(new Set(sectionNames)), {
    io: 'input',
    unrepresentable: 'any',
  }) as {
    properties: Record<string, unknown>;
  };
  return {
    ...schema,
    title: 'Slipway configuration',
    description:
      '.github/slipway.yml: what to build, migrate, roll out and watch, and what proves a release.',
    properties: {
      ...schema.properties,
      environments: {
        type: 'object',
        description:
          'Overrides per environment, by its name: any key of this file. Mappings are merged key by key; lists and other values replace the base.',
        additionalProperties: { type: 'object' },
      },
    },
  };
}
