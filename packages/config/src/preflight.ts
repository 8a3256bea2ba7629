import * as z from 'zod';
import { repositoryPath, whole } from './scalars.ts';

const variableSchema = () =>
  z.strictObject({
    type: z.enum(['text', 'integer', 'boolean', 'url', 'postgres-url', 'origins']).default('text'),
    optional: z.boolean().default(false),
    'one-of': z.array(z.string()).min(1).optional(),
    'starts-with': z.string().optional().describe('Prefix of a genuine value, e.g. sk-ant- .'),
    'min-length': z.int().min(1).optional(),
    min: z.int().optional(),
    max: z.int().optional(),
    'at-most': z.string().optional().describe('Name of another variable that this integer must not exceed.'),
    why: z.string().optional().describe('Printed when the variable is missing or wrong.'),
  });

/** What must be true before anything is touched. */
export const preflightSchema = () =>
  z.strictObject({
    env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), variableSchema()).default({}),
    'any-of': z
      .array(z.array(z.string()).min(2))
      .default([])
      .describe('Groups of variables of which at least one must be set, e.g. the AI keys.'),
    checks: z
      .strictObject({
        require: z
          .array(z.string())
          .default([])
          .describe(
            'Names of checks that must exist and be green. Empty: every check that there is, and at least one.',
          ),
        ignore: z.array(z.string()).default([]),
      })
      .optional()
      .describe('Checks and statuses on the commit.'),
    reviews: z.strictObject({ approvals: whole.default(1) }).optional(),
    gate: z
      .enum(['required', 'optional'])
      .default('required')
      .describe('required: the environment ENVIRONMENT-approval must have required reviewers.'),
    'rollback-plan': repositoryPath.optional().describe('A document that must exist in the repository.'),
    manual: z.array(z.string()).default([]).describe('Items that people confirm by approving the release.'),
  });

export type PreflightConfig = z.output<ReturnType<typeof preflightSchema>>;
export type VariableRule = z.output<ReturnType<typeof variableSchema>>;
