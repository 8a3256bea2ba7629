import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import * as core from './commands.ts';

/** `true` or `false`, nothing else: GitHub passes text, and `yes` or `on` must not quietly mean false. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Inputs that every action has. Their defaults are in action.yml as well; a test compares the two. */
const commonInputs = {
  config: z.string().min(1).default('.github/slipway.yml'),
  environment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of an environment')
    .default('production'),
  version: z.string().default(''),
  release: z.string().default(''),
  requires: z.string().default(''),
  'dry-run': flag.prefault('false'),
};

export type CommonInputs = z.output<z.ZodObject<typeof commonInputs>>;

/** The parsed inputs of an action: those of every action, and its own. */
export type InputsOf<Shape extends z.ZodRawShape> = CommonInputs & z.output<z.ZodObject<Shape>>;

/** The schema of all inputs of an action. */
export type InputSchema<Shape extends z.ZodRawShape> = z.ZodType<InputsOf<Shape>> & {
  readonly shape: z.ZodRawShape;
};

/** The whole input schema of an action: what every action has and what is its own. */
export function inputSchema<Shape extends z.ZodRawShape>(own: Shape): InputSchema<Shape> {
  return z.strictObject({ ...commonInputs, ...own }) as unknown as InputSchema<Shape>;
}

/**
 * Reads the inputs of the step by the schema. An empty text is an input that was not given.
 * @throws UserError that names every wrong input at once.
 */
export function parseInputs<Shape extends z.ZodRawShape>(schema: InputSchema<Shape>): InputsOf<Shape> {
  const given = Object.keys(schema.shape)
    .map((name) => [name, core.getInput(name)] as const)
    .filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(given), { jitless: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `input "${issue.path.join('.')}": ${expected(issue)}`);
  const hint = 'See the table of inputs in the README of the action.';
  if (problems.length === 1) throw new UserError(problems.join(), { hint });
  throw new UserError(`${problems.length} inputs are wrong`, { hint, details: problems });
}

function expected(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `expected ${issue.values.join(' or ')}`;
  if (issue.code === 'invalid_type') return 'is required';
  return `expected ${issue.message.replace(/^Invalid (string|input): (expected )?/, '')}`;
}
