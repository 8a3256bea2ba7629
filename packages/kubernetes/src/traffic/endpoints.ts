import type { CommandResult } from '@slipway/kernel';
import * as z from 'zod';
import { clusterError } from '../cluster/cluster-error.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { portsOf, type ServicePorts } from '../manifests/index.ts';

/** A Service of the namespace, and the pods that it sends requests to. */
export interface ServiceEndpoints {
  name: string;
  /** null when it selects no pods itself. */
  selector: Readonly<Record<string, unknown>> | null;
  ports: ServicePorts;
  /** Ready addresses, by the uid of the pod, or by its name where the cluster does not report one. */
  pods: ReadonlySet<string>;
}

const name = z.object({ name: z.string() });
const servicesSchema = z.object({
  items: z.array(
    z.object({
      metadata: name,
      spec: z.looseObject({ selector: z.record(z.string(), z.string()).nullish() }).nullish(),
    }),
  ),
});
const targetSchema = z
  .object({ kind: z.string().nullish(), name: z.string().nullish(), uid: z.string().nullish() })
  .nullish();
const slicesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
      endpoints: z
        .array(
          z.object({
            conditions: z.object({ ready: z.boolean().nullish() }).nullish(),
            targetRef: targetSchema,
          }),
        )
        .nullish(),
    }),
  ),
});
const endpointsSchema = z.object({
  items: z.array(
    z.object({
      metadata: name,
      subsets: z
        .array(z.object({ addresses: z.array(z.object({ targetRef: targetSchema })).nullish() }))
        .nullish(),
    }),
  ),
});

type Target = z.infer<typeof targetSchema>;
/** A ready address: the Service that has it, and what it leads to. */
type Address = readonly [service: string, target: Target];

/**
 * Where the Services of the namespace send requests, by the EndpointSlices, or by the Endpoints where the cluster has only
 * those, or where the login may list only those. null when it may not list them or the Services.
 * @throws ClusterUnreachable
 */
export async function readEndpoints(kubectl: Kubectl): Promise<ServiceEndpoints[] | null> {
  const list = (resource: string) => kubectl.run(['get', resource, '--output=json']);
  const [services, slices] = await Promise.all([list('services'), list('endpointslices.discovery.k8s.io')]);
  if (isWithheld(services)) return null;
  if (!services.ok) throw clusterError('list the services', services);
  const addresses = slices.ok ? sliceAddresses(slices) : await fallBack(slices, await list('endpoints'));
  if (addresses === null) return null;
  return servicesSchema.parse(JSON.parse(services.stdout.data)).items.map(({ metadata, spec }) => ({
    name: metadata.name,
    selector: spec?.selector ?? null,
    ports: portsOf({ spec }),
    pods: new Set(addresses.flatMap(([of, target]) => (of === metadata.name ? podOf(target) : []))),
  }));
}

function fallBack(slices: CommandResult, endpoints: CommandResult): Address[] | null {
  if (!isWithheld(slices)) throw clusterError('list the endpoint slices', slices);
  if (endpoints.ok) return endpointsAddresses(endpoints);
  if (isWithheld(endpoints)) return null;
  throw clusterError('list the endpoints', endpoints);
}

/** The login may not list it, or the cluster does not have it. */
function isWithheld({ ok, stderr }: CommandResult): boolean {
  return !ok && /forbidden|doesn't have a resource type/i.test(stderr.data);
}

/** Where `ready` is missing, it counts as true. */
function sliceAddresses({ stdout }: CommandResult): Address[] {
  return slicesSchema.parse(JSON.parse(stdout.data)).items.flatMap(({ metadata, endpoints }) => {
    const service = metadata.labels?.['kubernetes.io/service-name'];
    if (service === undefined) return [];
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return ready.map(({ targetRef }): Address => [service, targetRef]);
  });
}

function endpointsAddresses({ stdout }: CommandResult): Address[] {
  return endpointsSchema
    .parse(JSON.parse(stdout.data))
    .items.flatMap(({ metadata, subsets }) =>
      (subsets ?? [])
        .flatMap(({ addresses }) => addresses ?? [])
        .map(({ targetRef }): Address => [metadata.name, targetRef]),
    );
}

function podOf(target: Target): string[] {
  const pod = target?.kind === 'Pod' ? (target.uid ?? target.name) : null;
  return pod ? [pod] : [];
}
