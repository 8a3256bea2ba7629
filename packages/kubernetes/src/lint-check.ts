import { UserError } from '@slipway/kernel';
import { lint, type ManifestDocument, titleOf } from './manifests/index.ts';
import type { KubernetesTarget } from './target.ts';

/** What the rules look at beside the workloads; it may live outside of the manifests. */
const kinds = 'services,poddisruptionbudgets,horizontalpodautoscalers,persistentvolumeclaims';

/**
 * Whether the manifests would lose requests in a rollout: every finding is told as a warning.
 * @param version of the server, such as `1.30.2`.
 * @returns how many findings there are. @throws UserError with all of them when the configuration enforces them.
 */
export async function judgeLint(
  target: KubernetesTarget,
  documents: readonly ManifestDocument[],
  version: string,
): Promise<number> {
  const { config, log } = target;
  if (config.lint === 'off') return 0;
  const live = await liveBeside(target, documents);
  const findings = lint(documents, { server: minorOf(version), live });
  const lines = findings.map(
    ({ file, line, workload, message, add }) => `${file}:${line}: ${workload}: ${message}; add: ${add}`,
  );
  if (lines.length > 0 && config.lint === 'enforce')
    throw new UserError(`the manifests may lose requests in a rollout:\n${lines.join('\n')}`, {
      hint: 'Add the lines, or set kubernetes.lint: warn.',
    });
  for (const line of lines) log.warn(line);
  return lines.length;
}

/** 20 of `1.20.2`; undefined for what does not look like it. */
function minorOf(version: string): number | undefined {
  const minor = /^1\.(\d+)/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** Live objects that the manifests do not have themselves. A kind that the login may not list is left out. */
async function liveBeside(
  { kubectl }: KubernetesTarget,
  documents: readonly ManifestDocument[],
): Promise<object[]> {
  const ended = await kubectl.run(['get', kinds, '--output=json']);
  if (!ended.stdout.data.trimStart().startsWith('{')) return [];
  const { items } = JSON.parse(ended.stdout.data) as { items: object[] };
  const own = new Set(documents.map(({ object }) => titleOf(object)));
  return items.filter((one) => !own.has(titleOf(one)));
}
