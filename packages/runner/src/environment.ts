import { parseEnv } from 'node:util';
import { Redactor } from '@slipway/kernel';

/** Names whose values are taken for secrets when they come as plain variables of the step. */
const secretName = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|DSN)$/i;

/** Words and small numbers that people keep among secrets. Blanking them out would tear logs and digests apart. */
const harmless =
  /^(?:true|false|null|none|yes|no|on|off|debug|info|warn(?:ing)?|error|json|text|test|staging|production|development|\d{1,5})$/i;

export interface StepEnvironment {
  /** What configuration placeholders and child processes see. */
  variables: Record<string, string>;
  redactor: Redactor;
}

/**
 * The environment of the step: its own variables, then SLIPWAY_ENV and SLIPWAY_SECRETS (lines of NAME=value, as the
 * reusable workflow passes them); the last one wins. Every value of SLIPWAY_SECRETS, every variable that is
 * named like a secret and every URL with a password is known to the redactor before anything is printed.
 */
export function readEnvironment(source: NodeJS.ProcessEnv): StepEnvironment {
  const redactor = new Redactor();
  const secrets = parseEnv(source.SLIPWAY_SECRETS ?? '') as Record<string, string>;
  const { SLIPWAY_ENV, SLIPWAY_SECRETS, ...own } = source;
  const merged = { ...own, ...parseEnv(SLIPWAY_ENV ?? ''), ...secrets };
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(merged)) {
    if (value === undefined || name.startsWith('INPUT_')) continue;
    variables[name] = value;
    const isSecret =
      secretName.test(name) || hasPassword(value) || (name in secrets && !harmless.test(value));
    if (isSecret) redactor.add(value);
  }
  return { variables, redactor };
}

function hasPassword(value: string): boolean {
  return (URL.parse(value)?.password ?? '') !== '';
}
