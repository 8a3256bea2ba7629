import type { Command, CommandResult, Exec } from '@slipway/kernel';
import { clusterError } from './cluster-error.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** How kubectl is called: found on PATH, or a pinned one by its path. */
export interface KubernetesPrograms {
  kubectl: readonly [string, ...string[]];
}

/** Name under which Slipway owns fields of objects (server-side apply). */
const fieldManager = 'slipway';

/**
 * A server-side apply. The server checks the fields by its own schema; kubectl would load all of that first, which
 * took 0.4 s of 0.6 s.
 */
export const serverSideApply: readonly string[] = [
  'apply',
  '--server-side',
  '--validate=false',
  `--field-manager=${fieldManager}`,
  '--filename=-',
];

/** No single request waits longer than this; the API server is asked again instead. */
const requestTimeoutSeconds = 20;

/** Fields of conditions, container states and events with text from outside. */
const messageFields: ReadonlySet<string> = new Set(['message', 'note']);

/** kubectl for one cluster and namespace. Command lines are plain values; manifests are passed by standard input. */
export class Kubectl {
  readonly #exec: Exec;
  readonly #prefix: readonly [string, ...string[]];
  readonly namespace: string;

  constructor(exec: Exec, programs: KubernetesPrograms, access: ClusterAccess) {
    const { namespace, context, kubeconfig } = access;
    this.#exec = exec;
    this.namespace = namespace;
    this.#prefix = [
      ...programs.kubectl,
      ...(kubeconfig ? [`--kubeconfig=${kubeconfig}`] : []),
      ...(context ? [`--context=${context}`] : []),
      `--namespace=${namespace}`,
    ];
  }

  command(args: readonly string[], input?: string, timeoutSeconds = requestTimeoutSeconds): Command {
    const timeout = `--request-timeout=${timeoutSeconds}s`;
    const [program, ...prefix] = this.#prefix;
    return {
      argv: [program, ...prefix, timeout, ...args],
      // A connection that hangs before the request is sent is not covered by kubectl's own timeout.
      timeoutMs: (timeoutSeconds + 10) * 1000,
      ...(input === undefined ? {} : { input }),
    };
  }

  /** The result of a command; a code other than 0 is for the caller to judge. */
  run(args: readonly string[], input?: string, timeoutSeconds?: number): Promise<CommandResult> {
    return this.#exec(this.command(args, input, timeoutSeconds));
  }

  /**
   * stdout of a command that must succeed. `timeoutSeconds`: how long it may take where it waits for something.
   * @throws what `clusterError` makes of its failure.
   */
  async execOrThrow(
    doing: string,
    args: readonly string[],
    input?: string,
    timeoutSeconds?: number,
  ): Promise<string> {
    const result = await this.run(args, input, timeoutSeconds);
    if (result.ok) return result.stdout.data;
    throw clusterError(doing, result);
  }

  /**
   * The parsed answer to a `get … -o json`; with `--ignore-not-found` null when nothing was found. Messages, which quote
   * what programs and registries printed, are safe to print before anything is cut out of them.
   */
  async get(doing: string, ...args: readonly string[]): Promise<unknown> {
    const result = await this.run(['get', ...args, '--output=json']);
    if (!result.ok) throw clusterError(doing, result);
    const { stdout } = result;
    if (stdout.isEmpty) return null;
    return JSON.parse(stdout.data, (key, value: unknown) =>
      messageFields.has(key) && typeof value === 'string' ? String(stdout.part(value)) : value,
    );
  }
}
