import type { SmokeConfig } from '@slipway/config';
import { type Duration, UserError } from '@slipway/kernel';
import { checkPath, type Expectation } from '@slipway/signals';

export interface PlannedCheck {
  name: string;
  request: { url: string; method: string; headers: Record<string, string>; body?: string };
  expected: Expectation;
}

/** Every request of a smoke test, before the first is sent. */
export interface SmokePlan {
  /** Which version must answer where, and how often in a row; null when it is not to be asked. */
  version: { url: string; json: string; expected: string; samples: number } | null;
  checks: PlannedCheck[];
  /** One deadline for all of it. */
  within: Duration;
  /** For one request. */
  timeout: Duration;
}

/** @throws UserError for whatever would make the test say nothing: no check, no address, no version, a wrong path. */
export function planSmoke(smoke: SmokeConfig | undefined, version: string): SmokePlan {
  if (!smoke) {
    throw new UserError('the configuration has no section "smoke": there is nothing to ask', {
      hint: 'Add it, for example: smoke: {base: https://example.com, checks: [{path: /health}]}',
    });
  }
  if (smoke.checks.length === 0) throw new UserError('smoke.checks is empty: there is nothing to ask');
  return {
    version: smoke.version ? planVersion(smoke, smoke.version, version) : null,
    checks: smoke.checks.map((check, at) => planCheck(smoke, check, `smoke.checks[${at}]`)),
    within: smoke.within,
    timeout: smoke.timeout,
  };
}

type Configured<Key extends keyof SmokeConfig> = NonNullable<SmokeConfig[Key]>;

function planVersion(
  smoke: SmokeConfig,
  { path, json, samples }: Configured<'version'>,
  expected: string,
): SmokePlan['version'] {
  if (expected === '') {
    throw new UserError('smoke.version asks which version answers, but this release has no version', {
      hint: 'Set the input "version", pass the "release" output of an earlier action, or run on a tag.',
    });
  }
  checkPath(json, 'smoke.version.json');
  return { url: addressOf(smoke, path, 'smoke.version'), json, expected, samples };
}

function planCheck(smoke: SmokeConfig, check: Configured<'checks'>[number], place: string): PlannedCheck {
  if (check.url !== undefined && check.path !== undefined)
    throw new UserError(`${place} has both "url" and "path": keep one of them`);
  for (const path of Object.keys(check.json)) checkPath(path, `${place}.json`);
  const url = check.url ?? addressOf(smoke, check.path, place);
  return {
    name: check.name ?? `${check.method} ${check.path ?? (URL.parse(url)?.pathname || url)}`,
    request: {
      url,
      method: check.method,
      headers: check.send,
      ...(check.body === undefined ? {} : { body: check.body }),
    },
    expected: {
      status: check.status,
      json: check.json,
      headers: check.headers,
      contains: check.contains,
      fasterThan: check['faster-than'],
    },
  };
}

function addressOf({ base }: SmokeConfig, path: string | undefined, place: string): string {
  if (path === undefined) throw new UserError(`${place} has neither "path" nor "url"`);
  if (base === undefined) {
    throw new UserError(`${place} has the path ${path}, but smoke.base is not set`, {
      hint: 'Set smoke.base to the address that the paths belong to.',
    });
  }
  return `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}
