import { execOrThrow } from '@slipway/test-services';
import * as z from 'zod';
import type { Stage } from '../../demo/stage.ts';

/** A container or a pod of a service, whatever state it is in. */
export interface Replica {
  name: string;
  service: string;
  /** The image that it was created from. */
  image: string;
  serves: boolean;
}

/** All containers or pods that are there, as the platform itself lists them. */
export type ListReplicas = () => Promise<Replica[]>;

/** How many replicas each service has. */
export const expectedReplicas: Readonly<Record<string, number>> = { backend: 2, frontend: 1 };

const labels = { service: 'com.docker.compose.service', project: 'com.docker.compose.project' };

const containerSchema = z.object({
  Name: z.string(),
  State: z.object({ Status: z.string() }),
  Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
});

export function containersOf({ engine: { env }, project }: Stage): ListReplicas {
  return async () => {
    const filter = `label=${labels.project}=${project}`;
    const list = ['docker', 'ps', '--all', '--quiet', '--filter', filter] as const;
    const ids = (await execOrThrow('list the containers', [...list], { env })).split('\n').filter(Boolean);
    const argv = ['docker', 'inspect', '--type', 'container', ...ids] as const;
    const inspected = JSON.parse(await execOrThrow('inspect the containers', [...argv], { env }));
    return z
      .array(containerSchema)
      .parse(inspected)
      .map(({ Name, State, Config }) => ({
        name: Name.replace(/^\//, ''),
        service: Config.Labels[labels.service] ?? '',
        image: Config.Image,
        serves: State.Status === 'running',
      }))
      .filter(({ service }) => service !== 'nginx');
  };
}

const component = 'app.kubernetes.io/component';

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        deletionTimestamp: z.string().optional(),
      }),
      spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

/** Pods on their way out are counted too: one that never goes is left over. */
export function podsOf(kubeconfig: string, namespace: string): ListReplicas {
  return async () => {
    const argv = [
      'kubectl',
      `--kubeconfig=${kubeconfig}`,
      `--namespace=${namespace}`,
      'get',
      'pods',
    ] as const;
    const printed = await execOrThrow('list the pods', [...argv, '--output=json']);
    return podsSchema.parse(JSON.parse(printed)).items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      service: metadata.labels[component] ?? '',
      image: spec.containers[0]?.image ?? '',
      serves:
        metadata.deletionTimestamp === undefined &&
        status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    }));
  };
}
