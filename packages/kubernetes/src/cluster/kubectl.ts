import { rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { KubernetesConfig } from '@slipway/config';
import { type Command, type CommandResult, type Exec, UserError } from '@slipway/kernel';
import { clusterError } from './cluster-error.ts';

/** How kubectl is called: found on PATH, or a pinned one by its path. */
export interface KubernetesPrograms {
  kubectl: readonly [string, ...string[]];
}

/** Name under which Slipway owns fields of objects (server-side apply). */
export const fieldManager = 'slipway';

/**
 * A server-side apply. Its fields are checked by the server's own schema; kubectl would load all of that first, which
 * took 0.4 s of 0.6 s.
 */
export const serverSideApply: readonly string[] = [
  'apply',
  '--server-side',
  '--validate=false',
  `--field-manager=${fieldManager}`,
  '--filename=-',
];

/** Annotations and labels that Slipway puts on what it creates. */
export const marks = {
  release: 'slipway.dev/release',
  stamp: 'slipway.dev/stamp',
  documents: 'slipway.dev/documents',
} as const;

/** No single request waits longer than this; the API server is asked again instead. */
const requestTimeout = 20;

/** kubectl bound to one cluster and namespace. Command lines are plain values; manifests go in by standard input. */
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

  command(args: readonly string[], input?: string, within = requestTimeout): Command {
    const timeout = `--request-timeout=${within}s`;
    const argv = [...this.#prefix, timeout, ...args] as [string, ...string[]];
    // A connection that hangs before the request is sent is not covered by kubectl's own timeout.
    return { argv, timeoutMs: (within + 10) * 1000, ...(input === undefined ? {} : { input }) };
  }

  /** How the command ended; a code other than 0 is for the caller to judge. */
  run(args: readonly string[], input?: string, within?: number): Promise<CommandResult> {
    return this.#exec(this.command(args, input, within));
  }

  /**
   * stdout of a command that must succeed. `within`: seconds that it may take by itself, waiting for something.
   * @throws what `clusterError` makes of its failure.
   */
  async demand(doing: string, args: readonly string[], input?: string, within?: number): Promise<string> {
    const ended = await this.run(args, input, within);
    if (ended.ok) return ended.stdout.data;
    throw clusterError(doing, ended);
  }

  /** The parsed answer to a `get … -o json`; with `--ignore-not-found` null when there is nothing. */
  async get(doing: string, ...args: readonly string[]): Promise<unknown> {
    const text = await this.demand(doing, ['get', ...args, '--output=json']);
    return text.trim() === '' ? null : JSON.parse(text);
  }
}

export interface ClusterAccess {
  namespace: string;
  context?: string | undefined;
  /** Path of a file. */
  kubeconfig?: string | undefined;
}

/**
 * The cluster that the configuration means. A kubeconfig given by its content is written to a file of the step that
 * only its owner can read, and that goes with the step.
 * @throws UserError when the text is neither a path nor a kubeconfig in base64.
 */
export function openAccess(
  config: KubernetesConfig,
  at: { workspace: string; temp: string; hide: (secret: string) => void },
): ClusterAccess {
  const { namespace, context, kubeconfig } = config;
  if (kubeconfig === undefined) return { namespace, context };
  const content = kubeconfigContent(kubeconfig);
  if (content === null) return { namespace, context, kubeconfig: path.resolve(at.workspace, kubeconfig) };
  at.hide(kubeconfig);
  for (const [, secret] of content.matchAll(/(?:token|password|client-key-data):\s*"?([^\s"]+)/g))
    if (secret) at.hide(secret);
  const file = path.join(at.temp, 'kubeconfig');
  rmSync(file, { force: true });
  writeFileSync(file, content, { mode: 0o600 });
  return { namespace, context, kubeconfig: file };
}

/** The kubeconfig inside the text; null when the text is a path. */
function kubeconfigContent(text: string): string | null {
  if (/^\s*(apiVersion|kind|clusters|{)/.test(text) && text.includes('clusters')) return text;
  if (text.length < 200 && !text.includes('\n')) return null;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  if (decoded.includes('clusters')) return decoded;
  throw new UserError('kubernetes.kubeconfig is neither a path nor a kubeconfig in base64', {
    hint: 'Store the output of "base64 -w0 kubeconfig" in the secret.',
  });
}
