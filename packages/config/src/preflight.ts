import * as z from 'zod';
import { repositoryPath, whole } from './scalars.ts';

const variableSchema = () =>
  z
    .strictObject({
      type: z
        .enum(['text', 'integer', 'boolean', 'url', 'postgres-url', 'origins'])
        .default('text')
        .describe(
          'Kind of value. url: http:// or https://. postgres-url: postgresql:// with a host and a database. origins: comma-separated web origins, without "*".',
        ),
      secret: z
        .boolean()
        .optional()
        .describe(
          'Whether it is a secret of the environment, which no step has before the approval. false: it must be set before the approval. true: it must not. Left out: it is checked before the approval when it is set then, and after it in any case.',
        ),
      optional: z.boolean().default(false).describe('Whether the variable may be unset.'),
      'one-of': z
        .array(z.string())
        .min(1)
        .optional()
        .describe('The allowed values.')
        .meta({ examples: [['INFO', 'WARNING', 'ERROR']] }),
      'starts-with': z
        .string()
        .optional()
        .describe('Text that the value must begin with.')
        .meta({ examples: ['sk-ant-'] }),
      'min-length': z.int().min(1).optional().describe('Smallest number of characters.'),
      min: z.int().optional().describe('Smallest allowed integer.'),
      max: z.int().optional().describe('Largest allowed integer.'),
      'at-most': z
        .string()
        .optional()
        .describe('Name of another variable, whose integer this one must not exceed.')
        .meta({ examples: ['DB_POOL_MAX_SIZE'] }),
      why: z
        .string()
        .optional()
        .describe('Shown as part of the remedy when the variable is missing or wrong.'),
    })
    .describe('Rules for one variable. Its value is never printed.');

const checksSchema = () =>
  z
    .strictObject({
      require: z
        .array(z.string())
        .default([])
        .describe(
          'Names of the checks that must exist and be green. Empty: every check counts, and at least one must be green.',
        )
        .meta({ examples: [['test', 'lint']] }),
      ignore: z
        .array(z.string())
        .default([])
        .describe('Names of checks that do not count. Has no effect when "require" is set.'),
    })
    .describe('Check runs and statuses of the commit. Left out: they are not checked.');

/** What must be true before anything is touched. */
export const preflightSchema = () =>
  z
    .strictObject({
      env: z
        .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), variableSchema())
        .default({})
        .describe('Environment variables that the release needs, by name.')
        .meta({ examples: [{ DATABASE_URL: { type: 'postgres-url' } }] }),
      'any-of': z
        .array(z.array(z.string()).min(2))
        .default([])
        .describe('Groups of variables. At least one variable of each group must be set.')
        .meta({ examples: [[['OPENAI_API_KEY', 'GEMINI_API_KEY']]] }),
      checks: checksSchema().optional(),
      reviews: z
        .strictObject({ approvals: whole.prefault(1).describe('Number of approvals that are needed.') })
        .optional()
        .describe('Approvals of the pull request that brought the commit. Left out: they are not checked.'),
      gate: z
        .enum(['required', 'optional'])
        .default('required')
        .describe(
          'required: the environment ENVIRONMENT-approval must have required reviewers. optional: it may have none, and the checklist shows the item as waived.',
        ),
      'rollback-path': z
        .enum(['required', 'optional'])
        .default('required')
        .describe(
          'required: what a rollback would restore must be there: images and configuration. optional: the release may go out without it, and the checklist shows the item as waived.',
        ),
      'rollback-plan': repositoryPath
        .optional()
        .describe('Document in the repository that describes how to roll back. It must not be empty.')
        .meta({ examples: ['ROLLBACK.md'] }),
      manual: z
        .array(z.string())
        .default([])
        .describe('Items that people confirm by approving the run.')
        .meta({ examples: [['On-call engineer identified']] }),
    })
    .describe('What preflight-checklist checks before anything is changed.');

export type PreflightConfig = z.output<ReturnType<typeof preflightSchema>>;
export type VariableRule = z.output<ReturnType<typeof variableSchema>>;
