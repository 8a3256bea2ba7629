import { directHttp } from '@slipway/kernel';

/** What users saw. */
export interface Traffic {
  requests: number;
  /** Answered with 500 by a version that was known to be bad. */
  answeredBad: number;
  /** Everything else that was not a good answer, in words. */
  lost: string[];
}

/** A constant stream of users. */
export interface Users {
  /**
   * Counts the answers to the requests from now on. An error counts as lost unless the bad version itself answered it.
   * @returns what waits for the last of them.
   */
  observe(badVersion: string | null): () => Promise<Traffic>;
  stop(): void;
}

/** Requests a second. */
const rate = 20;
const timeoutMs = 10_000;

/** Sends requests at a constant rate, half of them POST, to each address in turn, each on a separate connection. */
export function startUsers(addresses: readonly string[]): Users {
  let observer: Observer | undefined;
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * rate);
    for (; sent < due; sent++) {
      const base = addresses[sent % addresses.length] ?? '';
      const method = Math.floor(sent / addresses.length) % 2 === 0 ? 'GET' : 'POST';
      const answered = directHttp.send({ url: `${base}/documents`, method, timeoutMs });
      observer?.add(`${method} ${base}`, answered);
    }
  }, 10);
  return {
    observe(badVersion) {
      const own = new Observer(badVersion);
      observer = own;
      return () => {
        observer = undefined;
        return own.traffic();
      };
    },
    stop: () => clearInterval(timer),
  };
}

type Answer = Awaited<ReturnType<typeof directHttp.send>>;

class Observer {
  readonly #badVersion: string | null;
  readonly #pending: Promise<void>[] = [];
  readonly #start = performance.now();
  readonly #traffic: Traffic = { requests: 0, answeredBad: 0, lost: [] };

  constructor(badVersion: string | null) {
    this.#badVersion = badVersion;
  }

  add(request: string, answered: Promise<Answer>): void {
    const at = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.#pending.push(answered.then((answer) => this.#count(`${at} s: ${request}`, answer)));
  }

  #count(request: string, answer: Answer): void {
    const traffic = this.#traffic;
    traffic.requests += 1;
    if (answer.ok && answer.status < 400) return;
    if (answer.ok && answer.status === 500 && versionIn(answer.body.data) === this.#badVersion)
      traffic.answeredBad += 1;
    else traffic.lost.push(`${request}: ${answer.ok ? answer.status : answer.error}`);
  }

  async traffic(): Promise<Traffic> {
    await Promise.all(this.#pending);
    return this.#traffic;
  }
}

/** The version that an answer names; undefined for one that is not of the application. */
export function versionIn(body: string): string | undefined {
  try {
    return JSON.parse(body).version;
  } catch {
    return undefined;
  }
}
