import { Redactor, UserError } from '@slipway/kernel';
import { parseNamedValues } from './named-values.ts';

/** Names whose values are taken for secrets when they come as plain variables of the step. */
const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|DSN)$/i;

/** Words and small numbers that people keep among secrets. Blanking them out would tear logs and digests apart. */
const harmless =
  /^(?:true|false|null|none|yes|no|on|off|debug|info|warn(?:ing)?|error|json|text|test|staging|production|development|\d{1,5})$/i;

export interface StepEnvironment {
  /** What configuration placeholders and child processes see. */
  variables: Record<string, string>;
  redactor: Redactor;
  /** Why the variables are incomplete, if they are: to be thrown once the secrets are masked. */
  problem?: UserError;
}

/**
 * The environment of the step: its own variables, then SLIPWAY_ENV and SLIPWAY_SECRETS, as the reusable workflow passes
 * them; the last one wins. Every value of SLIPWAY_SECRETS, every variable that is named like a secret and every URL with
 * a password is known to the redactor before anything is printed; of secrets that cannot be read, every line is.
 */
export function readEnvironment(source: NodeJS.ProcessEnv): StepEnvironment {
  const { SLIPWAY_ENV = '', SLIPWAY_SECRETS = '', ...own } = source;
  const settings = read('SLIPWAY_ENV', SLIPWAY_ENV);
  const secrets = read('SLIPWAY_SECRETS', SLIPWAY_SECRETS);
  const problem = secrets.problem ?? settings.problem;
  const step = { variables: {}, redactor: new Redactor(), ...(problem ? { problem } : {}) };
  if (secrets.problem) hideLines(SLIPWAY_SECRETS, step.redactor);
  collect({ ...own, ...settings.values, ...secrets.values }, secrets.values, step);
  return step;
}

interface Reading {
  values: Record<string, string>;
  problem?: UserError;
}

function read(...[source, text]: Parameters<typeof parseNamedValues>): Reading {
  try {
    return { values: parseNamedValues(source, text) };
  } catch (error) {
    if (error instanceof UserError) return { values: {}, problem: error };
    throw error;
  }
}

/** Nobody knows where the values are: each line is one, and what comes after its `=`. */
function hideLines(text: string, redactor: Redactor): void {
  redactor.add(text, 'SLIPWAY_SECRETS');
  for (const line of text.split('\n'))
    redactor.add(line.slice(line.indexOf('=') + 1).trim(), 'SLIPWAY_SECRETS');
}

function collect(
  values: NodeJS.ProcessEnv,
  secrets: Readonly<Record<string, string>>,
  { variables, redactor }: StepEnvironment,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || name.startsWith('INPUT_')) continue;
    variables[name] = value;
    const isSecret =
      secretName.test(name) || hasPassword(value) || (name in secrets && !harmless.test(value));
    if (isSecret) redactor.add(value, name);
  }
}

function hasPassword(value: string): boolean {
  return (URL.parse(value)?.password ?? '') !== '';
}
