import * as z from 'zod';
import { configSchema, sectionNames } from './schema.ts';

/** The JSON Schema of slipway.yml (draft 2020-12), for editors. Overrides may set any key, so nothing is required there. */
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
      '.github/slipway.yml: what to build, migrate, roll out and watch, and how to know that it is good.',
    properties: {
      ...schema.properties,
      environments: {
        type: 'object',
        description: 'Overrides per environment: any key of this file, merged over it.',
        additionalProperties: { type: 'object' },
      },
    },
  };
}
