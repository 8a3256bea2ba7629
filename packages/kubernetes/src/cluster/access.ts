import { Fault } from '@slipway/kernel';
import * as z from 'zod';
import { groupOf, isTraffic, type KubernetesObject } from '../manifests/index.ts';
import type { Kubectl } from './kubectl.ts';
import { parsePrintedValues } from './printed-objects.ts';

/** What Slipway does with one kind of object: `verbs` as RBAC names them. */
interface Right {
  group: string;
  resource: string;
  verbs: readonly string[];
  subresource?: string;
}

const workloads: readonly [kind: string, group: string, resource: string][] = [
  ['Deployment', 'apps', 'deployments'],
  ['StatefulSet', 'apps', 'statefulsets'],
  ['DaemonSet', 'apps', 'daemonsets'],
  ['Job', 'batch', 'jobs'],
];

/** Those that are applied, and that a rollback removes when a newer release has added them. */
const applied: typeof workloads = [...workloads, ['CronJob', 'batch', 'cronjobs']];

/** Needed whatever the manifests contain: to inspect, to explain failures, and to save the state of the release. */
const always: readonly Right[] = [
  ...workloads.map(([, group, resource]): Right => ({ group, resource, verbs: ['list'] })),
  { group: 'apps', resource: 'replicasets', verbs: ['list'] },
  { group: '', resource: 'pods', verbs: ['list'] },
  { group: '', resource: 'pods', subresource: 'log', verbs: ['get'] },
  { group: '', resource: 'events', verbs: ['list'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'] },
  { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update'] },
];

const reviewed = z.object({
  spec: z.object({
    resourceAttributes: z.object({
      verb: z.string(),
      resource: z.string(),
      subresource: z.string().optional(),
    }),
  }),
  status: z.object({ allowed: z.boolean().default(false) }),
});
/**
 * Rights that the rollout needs and the login lacks, one `verb resource` each: what `kubectl auth can-i` asks for
 * (SelfSubjectAccessReview), for all rights in one call of kubectl.
 */
export async function missingRights(
  kubectl: Kubectl,
  objects: readonly Pick<KubernetesObject, 'apiVersion' | 'kind'>[],
): Promise<string[]> {
  const kinds = new Set(objects.map(({ kind }) => kind));
  const verbs = ['get', 'create', 'patch'];
  const rolled = applied
    .filter(([kind]) => kinds.has(kind))
    .map(
      ([, group, resource]): Right => ({
        group,
        resource,
        // A Job is replaced; of the others, a rollback removes those that a release has added.
        verbs: [...verbs, 'delete'],
      }),
    );
  const routed = objects.filter(isTraffic).map((one): [string, Right] => {
    const right = { group: groupOf(one), resource: pluralOf(one.kind), verbs };
    return [`${right.resource}.${right.group}`, right];
  });
  const own = [...rolled, ...new Map(routed).values()];
  // A StatefulSet never replaces a broken pod.
  const pods: Right[] = kinds.has('StatefulSet') ? [{ group: '', resource: 'pods', verbs: ['delete'] }] : [];
  const items = [...always, ...own, ...pods].flatMap(({ group, resource, subresource, verbs }) =>
    verbs.map((verb) => review({ namespace: kubectl.namespace, group, resource, subresource, verb })),
  );
  const asked = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const args = ['create', '--filename=-', '--output=json'];
  const text = await kubectl.execOrThrow('check the rights of this login', args, asked);
  const answers = parsePrintedValues(text).map((answer) => reviewed.parse(answer));
  if (answers.length < items.length)
    throw new Fault('the cluster did not answer every question about rights');
  return answers
    .filter(({ status }) => !status.allowed)
    .map(
      ({ spec: { resourceAttributes: of } }) =>
        `${of.verb} ${of.subresource ? `${of.resource}/${of.subresource}` : of.resource}`,
    );
}

/** The resource of a Service or route: `services`, `ingresses`. */
function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`;
}

function review(resourceAttributes: object): object {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
}
