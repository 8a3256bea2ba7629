import { rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { KubernetesConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';

/** How the cluster is reached. */
export interface ClusterAccess {
  namespace: string;
  context?: string | undefined;
  /** Path of a file. */
  kubeconfig?: string | undefined;
}

/**
 * The cluster that the configuration names. A kubeconfig that is given by its content is written to a file of the step
 * that only its owner can read, and that is deleted with the step.
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
