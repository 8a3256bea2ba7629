import { Fault } from '@slipway/kernel';
import * as z from 'zod';
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
export async function missingRights(kubectl: Kubectl, kinds: ReadonlySet<string>): Promise<string[]> {
  const applied = workloads
    .filter(([kind]) => kinds.has(kind))
    .map(
      ([kind, group, resource]): Right => ({
        group,
        resource,
        verbs: ['get', 'create', 'patch', ...(kind === 'Job' ? ['delete'] : [])],
      }),
    );
  // A StatefulSet never replaces a broken pod.
  const pods: Right[] = kinds.has('StatefulSet') ? [{ group: '', resource: 'pods', verbs: ['delete'] }] : [];
  const items = [...always, ...applied, ...pods].flatMap(({ group, resource, subresource, verbs }) =>
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

function review(resourceAttributes: object): object {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
}
