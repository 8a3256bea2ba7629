import { type Document, isCollection } from 'yaml';
import { marks } from '../marks.ts';
import { field } from './fields.ts';
import { kubernetesObjectSchema, type ManifestDocument } from './object.ts';
import { templatePath } from './workload.ts';

/** One value to write at a path. */
export interface Edit {
  path: readonly (string | number)[];
  value: string;
}

/** The manifest with values written into it; comments and all other fields stay as they are. */
export function withEdits(manifest: ManifestDocument, edits: readonly Edit[]): ManifestDocument {
  const document = manifest.document.clone();
  for (const { path, value } of edits) {
    makeRoom(document, path);
    document.setIn(path, value);
  }
  return { ...manifest, document, object: kubernetesObjectSchema.parse(document.toJS()) };
}

/** `annotations:` without a value is a null, into which nothing can be written. */
function makeRoom(document: Document, path: readonly (string | number)[]): void {
  for (let length = 1; length < path.length; length++) {
    const prefix = path.slice(0, length);
    if (!document.hasIn(prefix)) return;
    if (!isCollection(document.getIn(prefix, true))) document.setIn(prefix, document.createNode({}));
  }
}

/** Writes the release on the object and, for a workload, on the pods that it creates. */
export function stampTemplate(manifest: ManifestDocument, release: string): ManifestDocument {
  const stamp = ['metadata', 'annotations', marks.release];
  const template = templatePath(manifest.object);
  const paths = template ? [stamp, [...template, ...stamp]] : [stamp];
  return withEdits(
    manifest,
    paths.map((path) => ({ path, value: release })),
  );
}

/** The manifest without `spec.replicas`, which the autoscaler chooses. */
export function withoutReplicas(manifest: ManifestDocument): ManifestDocument {
  if (field(manifest.object, 'spec', 'replicas') === undefined) return manifest;
  const document = manifest.document.clone();
  document.deleteIn(['spec', 'replicas']);
  return { ...manifest, document, object: kubernetesObjectSchema.parse(document.toJS()) };
}

/** The YAML text. */
export function formatManifest(manifest: ManifestDocument): string {
  return manifest.document.toString(manifest.layout);
}
