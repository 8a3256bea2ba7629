import { type Fields, fields, listed, text } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import { templateOf } from './workload.ts';

/** Kinds with pods that finish; the API server has no default for their restart policy. */
const finiteKinds: ReadonlySet<string> = new Set(['Job', 'CronJob']);

/**
 * One pod as the workload would create it, to ask the API server whether it would be admitted (`--dry-run=server`). It
 * has the labels and annotations of the template, by which policies decide.
 */
export function podFromTemplate(workload: object, name: string): KubernetesObject {
  const template = templateOf(workload) ?? {};
  const spec = fields(template, 'spec');
  const ends = finiteKinds.has(text(workload, 'kind') ?? '');
  const restartPolicy = text(spec, 'restartPolicy') ?? (ends ? 'Never' : 'Always');
  const claims = claimVolumes(workload, name);
  const volumes = [...listed(spec, 'volumes'), ...claims];
  const namespace = text(workload, 'metadata', 'namespace');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: fields(template, 'metadata', 'labels'),
      annotations: fields(template, 'metadata', 'annotations'),
    },
    spec: { ...spec, restartPolicy, ...(volumes.length > 0 ? { volumes } : {}) },
  };
}

/** A StatefulSet adds a volume for each of its claim templates; without them the mounts have no volume. */
function claimVolumes(workload: object, pod: string): Fields[] {
  return listed(workload, 'spec', 'volumeClaimTemplates').flatMap((claim) => {
    const name = text(claim, 'metadata', 'name');
    return name ? [{ name, persistentVolumeClaim: { claimName: `${name}-${pod}` } }] : [];
  });
}
