import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { lint, type ManifestDocument, titleOf } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';

/** What the rules read in addition to the workloads; it may exist outside the manifests. */
const kinds = 'services,poddisruptionbudgets,horizontalpodautoscalers,persistentvolumeclaims';

const listSchema = z.object({ items: z.array(z.looseObject({})) });

/**
 * Whether the manifests could drop requests during a rollout: every finding is a warning.
 * @param version of the server, such as `1.30.2`.
 * @returns the number of findings. @throws UserError with all of them when the configuration enforces them.
 */
export async function checkLint(
  target: KubernetesTarget,
  documents: readonly ManifestDocument[],
  version: string,
): Promise<number> {
  const { config, log } = target;
  if (config.lint === 'off') return 0;
  const live = await otherLiveObjects(target, documents);
  const findings = lint(documents, { server: minorOf(version), live });
  const lines = findings.map(
    ({ file, line, workload, message, add }) => `${file}:${line}: ${workload}: ${message}; add: ${add}`,
  );
  if (lines.length > 0 && config.lint === 'enforce')
    throw new UserError(`the manifests may drop requests during a rollout:\n${lines.join('\n')}`, {
      hint: 'Add the lines, or set kubernetes.lint: warn.',
    });
  for (const line of lines) log.warn(line);
  return lines.length;
}

/** 20 of `1.20.2`; undefined for any other form. */
function minorOf(version: string): number | undefined {
  const minor = /^1\.(\d+)/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** Live objects that the manifests do not contain. A kind that the login may not list is left out. */
async function otherLiveObjects(
  { kubectl }: KubernetesTarget,
  documents: readonly ManifestDocument[],
): Promise<object[]> {
  const result = await kubectl.run(['get', kinds, '--output=json']);
  if (!result.stdout.data.trimStart().startsWith('{')) return [];
  const { items } = listSchema.parse(JSON.parse(result.stdout.data));
  const own = new Set(documents.map(({ object }) => titleOf(object)));
  return items.filter((one) => !own.has(titleOf(one)));
}
