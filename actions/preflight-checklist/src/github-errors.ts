import { describeError } from '@slipway/kernel';
import type { Permission } from './github.ts';

/** What Octokit throws: without a response when there was no connection. */
export interface Refusal extends Error {
  status: number;
  response?: { headers: Record<string, string | number | undefined>; data: unknown };
}

/** GitHub gave no answer that can be used. What was asked stays unknown; it is never taken for good. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly hint: string;
  /** HTTP status, or undefined when there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, hint: string, details: { status?: number | undefined; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.hint = hint;
    this.status = details.status;
  }
}

/** A longer wait than this, in milliseconds, is for a later run. */
const longestWait = 20_000;

/** Milliseconds to wait before asking again, or undefined when asking again is of no use. */
export function retryAfter(error: Refusal, attempt: number, now: Date): number | undefined {
  const headers = error.response?.headers ?? {};
  const asked = secondsAsked(headers['retry-after'], now) ?? secondsToReset(error, now);
  const limited = error.status === 429 || (error.status === 403 && asked !== undefined);
  if (error.response && error.status < 500 && !limited) return undefined;
  const wait = asked === undefined ? 500 * 2 ** (attempt - 1) : asked * 1000;
  return wait > longestWait ? undefined : wait;
}

/** `Retry-After` is either seconds or a date (RFC 9110, 10.2.3). */
function secondsAsked(header: string | number | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(String(header))) return Number(header);
  const date = Date.parse(String(header));
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1000);
}

function secondsToReset(error: Refusal, now: Date): number | undefined {
  const headers = error.response?.headers ?? {};
  if (String(headers['x-ratelimit-remaining']) !== '0') return undefined;
  return Math.max(0, Number(headers['x-ratelimit-reset'] ?? 0) - now.getTime() / 1000);
}

/** The sentence for the checklist: what was asked, what came back, which permission or wait would help. */
export function explainRefusal(error: Refusal, route: string, needs: Permission, attempts: number): ApiError {
  const asked = route.replace('/repos/{owner}/{repo}', '');
  if (!error.response) {
    const times = attempts > 1 ? ` (tried ${attempts} times)` : '';
    return new ApiError(
      `GitHub gave no answer to ${asked}${times}: ${describeError(error)}`,
      'Check that the runner reaches the GitHub API, then run again.',
      { cause: error },
    );
  }
  const details = { status: error.status, cause: error };
  const answered = `GitHub answered ${error.status} to ${asked}${messageOf(error)}`;
  if (error.status === 401)
    return new ApiError(answered, 'The token is not valid: check the input github-token.', details);
  if (error.status === 429 || secondsToReset(error, new Date()) !== undefined)
    return new ApiError(`${answered}: the rate limit is used up`, 'Run again later.', details);
  if (error.status >= 500)
    return new ApiError(`${answered}, ${attempts} times`, 'Run again when GitHub is up.', details);
  return new ApiError(
    answered,
    `Add "${needs}" to the permissions of this job, and of the job that calls the reusable workflow.`,
    details,
  );
}

function messageOf(error: Refusal): string {
  const data = error.response?.data as { message?: unknown } | undefined;
  return typeof data?.message === 'string' ? ` (${data.message.slice(0, 200)})` : '';
}
