import { type Fields, field, fields, isFields } from './fields.ts';
import type { KubernetesObject } from './object.ts';

const serverMetadata: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** Written by kubectl and by controllers, never by the author. */
const serverAnnotations: ReadonlySet<string> = new Set([
  'deployment.kubernetes.io/revision',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** A Job gets these from its uid; with them it could not be created again. */
const jobLabels: ReadonlySet<string> = new Set([
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
]);

/** A live object without its status and the fields of the server, so that it can be applied again later. */
export function storedForm(live: object): KubernetesObject {
  const { status: _, ...rest } = live as KubernetesObject & Fields;
  const metadata = storedMetadata(rest.metadata);
  const stored = { ...rest, metadata } as KubernetesObject;
  const template = field(stored, 'spec', 'template', 'metadata');
  if (!isFields(template)) return stored;
  const { creationTimestamp: __, ...metadataLeft } = template;
  const changed = withTemplateMetadata(stored, metadataLeft);
  return changed.kind === 'Job' ? storedJob(changed) : changed;
}

function storedMetadata(metadata: Fields): Fields {
  const own = without(metadata, serverMetadata);
  if (!isFields(own.annotations)) return own;
  const annotations = without(own.annotations, serverAnnotations);
  if (Object.keys(annotations).length > 0) return { ...own, annotations };
  const { annotations: _, ...bare } = own;
  return bare;
}

/** The selector of a Job is generated unless its author chose it. */
function storedJob(job: KubernetesObject): KubernetesObject {
  if (field(job, 'spec', 'manualSelector') === true) return job;
  const { selector: _, ...spec } = fields(job, 'spec');
  const metadata = fields(job, 'spec', 'template', 'metadata');
  const labels = without(fields(metadata, 'labels'), jobLabels);
  const own = { ...job.metadata, labels: without(fields(job, 'metadata', 'labels'), jobLabels) };
  return withTemplateMetadata({ ...job, metadata: own, spec }, { ...metadata, labels });
}

function withTemplateMetadata(object: KubernetesObject, metadata: Fields): KubernetesObject {
  const spec = fields(object, 'spec');
  return { ...object, spec: { ...spec, template: { ...fields(spec, 'template'), metadata } } };
}

function without(from: Fields, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.has(name)));
}
