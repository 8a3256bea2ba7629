import * as z from 'zod';
import { clusterError } from '../cluster/cluster-error.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { autoscaled, mayScaleToZero } from '../manifests/index.ts';
import type { KubernetesTarget } from '../target.ts';

const listSchema = z.object({ items: z.array(z.looseObject({})) });

/**
 * Autoscalers may exist outside the manifests. A login that may not list them gets a warning: if one owns the replicas,
 * the apply is refused with a conflict that names it.
 */
export async function readAutoscalers({ kubectl, log }: KubernetesTarget): Promise<object[]> {
  const found = await listAutoscalers(kubectl);
  if (found) return found;
  log.warn('this login may not list horizontalpodautoscalers: replicas are taken from the manifests');
  return [];
}

/** Whether a workload, as `Deployment/name`, has an autoscaler, as far as the login may see. */
export interface Autoscaling {
  exists: boolean;
  /** It may choose to have no pods. */
  toZero: boolean;
}

/** What the cluster has for the workload now. */
export async function readAutoscaling(kubectl: Kubectl, title: string): Promise<Autoscaling> {
  const all = (await listAutoscalers(kubectl)) ?? [];
  const own = all.filter((one) => autoscaled([], [one]).has(title));
  return { exists: own.length > 0, toZero: own.some(mayScaleToZero) };
}

async function listAutoscalers(kubectl: Kubectl): Promise<object[] | null> {
  const result = await kubectl.run(['get', 'horizontalpodautoscalers', '--output=json']);
  if (result.ok) return listSchema.parse(JSON.parse(result.stdout.data)).items;
  if (/forbidden/i.test(result.stderr.data)) return null;
  throw clusterError('list the autoscalers', result);
}
