import type { SmokeConfig } from '@slipway/config';
import { type Duration, UserError } from '@slipway/kernel';
import type { Expectation } from '../checks/assertions.ts';
import { checkPath } from '../checks/json-path.ts';

export interface PlannedCheck {
  name: string;
  request: { url: string; method: string; headers: Record<string, string>; body?: string; http2: boolean };
  expected: Expectation;
}

/** Every request of a smoke test, before the first is sent. */
export interface SmokePlan {
  /** Which version must answer where, and on how many connections in a row; null when the version is not checked. */
  version: { url: string; json: string; expected: string; samples: number } | null;
  checks: PlannedCheck[];
  /** One deadline for everything. */
  withinMs: Duration;
  /** For one request. */
  timeoutMs: Duration;
}

/** @throws UserError for whatever would prove nothing: no check, no address, no version, a malformed JSONPath. */
export function planSmoke(smoke: SmokeConfig | undefined, version: string): SmokePlan {
  if (!smoke) {
    throw new UserError('cannot run the smoke test: the configuration has no section "smoke"', {
      hint: 'Add it, for example: smoke: {base: https://example.com, checks: [{path: /health}]}',
    });
  }
  if (smoke.checks.length === 0) throw new UserError('smoke.checks is empty');
  return {
    version: smoke.version ? planVersion(smoke, smoke.version, version) : null,
    checks: smoke.checks.map((check, at) => planCheck(smoke, check, `smoke.checks[${at}]`)),
    withinMs: smoke.within,
    timeoutMs: smoke.timeout,
  };
}

type Configured<Key extends keyof SmokeConfig> = NonNullable<SmokeConfig[Key]>;

function planVersion(
  smoke: SmokeConfig,
  { path, json, samples }: Configured<'version'>,
  expected: string,
): SmokePlan['version'] {
  if (expected === '') {
    throw new UserError('cannot check smoke.version: this release has no version', {
      hint: 'Set the input "version", pass the output "release" of an earlier action, or run on a tag.',
    });
  }
  checkPath(json, 'smoke.version.json');
  return { url: addressOf(smoke, path, 'smoke.version'), json, expected, samples };
}

function planCheck(smoke: SmokeConfig, check: Configured<'checks'>[number], key: string): PlannedCheck {
  if (check.url !== undefined && check.path !== undefined)
    throw new UserError(`${key} has both "url" and "path": keep one of them`);
  for (const path of Object.keys(check.json)) checkPath(path, `${key}.json`);
  const url = check.url ?? addressOf(smoke, check.path, key);
  return {
    name: check.name ?? `${check.method} ${check.path ?? (URL.parse(url)?.pathname || url)}`,
    request: {
      url,
      method: check.method,
      headers: check.send,
      http2: check.http2,
      ...(check.body === undefined ? {} : { body: check.body }),
    },
    expected: {
      status: check.status,
      json: check.json,
      headers: check.headers,
      contains: check.contains,
      fasterThanMs: check['faster-than'],
    },
  };
}

function addressOf({ base }: SmokeConfig, path: string | undefined, key: string): string {
  if (path === undefined) throw new UserError(`${key} has neither "path" nor "url"`);
  if (base === undefined) {
    throw new UserError(`${key} has the path ${path}, but smoke.base is not set`, {
      hint: 'Set smoke.base to the URL that the paths are relative to.',
    });
  }
  return `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}
