import {
  type Clock,
  type Duration,
  Fault,
  failureClass,
  type HttpAnswer,
  type HttpReply,
  type RetryPolicy,
  replyAttempt,
  retry,
} from '@slipway/kernel';
import type { Credentials } from './credentials.ts';
import type { RegistryAddress } from './registry-address.ts';
import { type AuthOptions, authorize, parseChallenge, TokenServerFault } from './registry-auth.ts';

export interface RegistryOptions extends AuthOptions {
  clock: Clock;
  /** The login for a registry, if there is one. */
  credentials(host: string): Promise<Credentials | undefined>;
  /**
   * How long requests are repeated in all, from the first one on, also while nothing listens. Default: three attempts
   * for each.
   */
  retryForMs?: Duration;
  /** Called before each wait. */
  onRetry?: (problem: string, delayMs: Duration) => void;
}

/** What a request does with the repository. */
export type Access = 'pull' | 'pull,push';

export interface RegistryRequest {
  method: string;
  /** Below the repository, such as `manifests/1.0.0`. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

const limits = {
  timeoutMs: 30_000,
  /** The specification asks registries to accept manifests of this size at least. */
  maxBodyBytes: 4 * 1024 * 1024,
  connection: 'shared',
} as const;
const briefRetries: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1000, factor: 3 };
const longRetries: RetryPolicy = {
  maxAttempts: Number.POSITIVE_INFINITY,
  firstDelayMs: 1000,
  maxDelayMs: 20_000,
};

/** Sends requests to registries: logs in where one asks for it, and repeats what a temporary error has stopped. */
export class RegistryRequests {
  readonly #options: RegistryOptions;
  /** Authorization by host, repository and access. */
  readonly #known = new Map<string, string>();
  #firstAt: number | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** @throws Fault when the registry, or its token server, does not answer. */
  send(address: RegistryAddress, request: RegistryRequest, access: Access): Promise<HttpAnswer> {
    const { http, signal } = this.#options;
    const { method, body } = request;
    const url = `${address.origin}/v2/${address.name}/${request.path}`;
    const key = `${address.host} ${address.name} ${access}`;
    const attempt = (): Promise<HttpReply> => {
      const authorization = this.#known.get(key);
      const headers = { ...request.headers, ...(authorization ? { authorization } : {}) };
      return http.send({ method, url, headers, ...(body ? { body } : {}), ...limits, signal });
    };
    return this.#repeat(address.host, async () => {
      const reply = await attempt();
      if (!reply.ok || reply.status !== 401) return reply;
      return (await this.#authorize(key, address, access, reply)) ? attempt() : reply;
    });
  }

  /** Reads an address that the registry has named, without a login. */
  fetch(url: string): Promise<HttpAnswer> {
    const { http, signal } = this.#options;
    return this.#repeat(new URL(url).host, () => http.send({ url, ...limits, signal }));
  }

  async #repeat(host: string, attempt: () => Promise<HttpReply>): Promise<HttpAnswer> {
    const { clock, signal, retryForMs } = this.#options;
    const options = { ...this.#policy(), clock, signal, during: `a request to ${host}` };
    const onRetry = ({ error, delayMs }: { error: Trouble; delayMs: Duration }): void =>
      this.#options.onRetry?.(describe(host, error), delayMs);
    const result = await retry<HttpAnswer, Trouble>({ ...options, onRetry }, async () => {
      try {
        const reply = await attempt();
        // Nothing listens there: a wrong name is more likely than a registry that is starting.
        if (!reply.ok && reply.kind === 'refused' && retryForMs === undefined)
          return { state: 'failed', class: 'permanent', error: reply };
        return replyAttempt(reply, clock.now());
      } catch (error) {
        if (!(error instanceof TokenServerFault)) throw error;
        return { state: 'failed', class: failureClass(error.reply), error };
      }
    });
    if (result.ok) return result.value;
    const { error } = result;
    if (error instanceof TokenServerFault) throw error;
    if (error.ok) return error;
    throw new Fault(describe(host, error), {
      hint: 'Check its name in services.*.image, that it is up, and that this machine can reach it.',
    });
  }

  #policy(): RetryPolicy {
    const { clock, retryForMs } = this.#options;
    if (retryForMs === undefined) return briefRetries;
    this.#firstAt ??= clock.monotonic();
    const left = Math.max(0, retryForMs - (clock.monotonic() - this.#firstAt));
    return { ...longRetries, deadlineMs: left, maxRetryAfterMs: left };
  }

  async #authorize(
    key: string,
    address: RegistryAddress,
    access: Access,
    reply: HttpAnswer,
  ): Promise<boolean> {
    const challenge = parseChallenge(reply.headers['www-authenticate'] ?? '');
    if (!challenge) return false;
    const credentials = await this.#options.credentials(address.host);
    const header = await authorize(address, challenge, access, credentials, this.#options);
    if (!header || header === this.#known.get(key)) return false;
    this.#known.set(key, header);
    return true;
  }
}

type Trouble = HttpReply | TokenServerFault;

function describe(host: string, trouble: Trouble): string {
  if (trouble instanceof TokenServerFault) return trouble.message;
  return trouble.ok
    ? `registry ${host} answered ${trouble.status}`
    : `cannot reach registry ${host}: ${trouble.error}`;
}
