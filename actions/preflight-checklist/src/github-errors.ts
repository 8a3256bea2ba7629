import {
  describeError,
  type FailureClass,
  OutsideText,
  parseRetryAfter,
  type Redactor,
} from '@slipway/kernel';

/** A permission of the workflow token, as it is written in a workflow. */
export type Permission = `${string}: read`;

/** What Octokit throws: without a response when there was no connection. */
export interface Refusal extends Error {
  status: number;
  response?: { headers: Record<string, string | number | undefined>; data: unknown };
}

/** GitHub gave no usable answer. What was asked stays unknown, and unknown never passes. */
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

/** Whether to send a refused request again, and when. GitHub answers 403 as well when a rate limit is used up. Pure. */
export function classifyRefusal(
  error: Refusal,
  now: Date,
): { class: FailureClass; retryAfterMs: number | undefined } {
  if (!error.response) return { class: 'transport', retryAfterMs: undefined };
  const { headers } = error.response;
  const retryAfterMs = parseRetryAfter(headers['retry-after'], now) ?? msToReset(error, now);
  if (error.status === 429 || (error.status === 403 && retryAfterMs !== undefined))
    return { class: 'throttled', retryAfterMs };
  return { class: error.status >= 500 ? 'server' : 'permanent', retryAfterMs };
}

/** Until the rate limit that is used up begins again; undefined when it is not used up. */
function msToReset(error: Refusal, now: Date): number | undefined {
  const headers = error.response?.headers ?? {};
  if (String(headers['x-ratelimit-remaining']) !== '0') return undefined;
  return Math.max(0, Number(headers['x-ratelimit-reset'] ?? 0) * 1000 - now.getTime());
}

/** For the checklist: what was requested, what came back, and which permission or wait would help. */
export function explainRefusal(
  error: Refusal,
  request: { route: string; needs: Permission; attempts: number },
  redactor: Redactor,
): ApiError {
  const { route, needs, attempts } = request;
  const asked = route.replace('/repos/{owner}/{repo}', '');
  if (!error.response) {
    const times = attempts > 1 ? ` (tried ${attempts} times)` : '';
    return new ApiError(
      `cannot reach GitHub for ${asked}${times}: ${describeError(error)}`,
      'Check that the runner can reach the GitHub API, then re-run this job.',
      { cause: error },
    );
  }
  const details = { status: error.status, cause: error };
  const answered = `GitHub answered ${error.status} to ${asked}${messageOf(error, redactor)}`;
  if (error.status === 401)
    return new ApiError(answered, 'Check the input github-token: the token is not valid.', details);
  if (error.status === 429 || msToReset(error, new Date()) !== undefined)
    return new ApiError(`${answered}: the rate limit is exhausted`, 'Re-run this job later.', details);
  if (error.status >= 500)
    return new ApiError(
      `${answered}, ${attempts} times`,
      'Re-run this job when GitHub has recovered.',
      details,
    );
  return new ApiError(
    answered,
    `Add "${needs}" to the permissions of this job, and of the job that calls the reusable workflow.`,
    details,
  );
}

/** Characters of an answer that a sentence quotes. */
const maxMessageLength = 200;

function messageOf(error: Refusal, redactor: Redactor): string {
  const data = error.response?.data as { message?: unknown } | undefined;
  if (typeof data?.message !== 'string') return '';
  return ` (${OutsideText.of(data.message, redactor).excerpt(maxMessageLength)})`;
}
