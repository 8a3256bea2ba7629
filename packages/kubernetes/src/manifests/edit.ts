import { type Document, isCollection } from 'yaml';
import { marks } from '../cluster/kubectl.ts';
import { field } from './fields.ts';
import type { KubernetesObject, ManifestDocument } from './object.ts';
import { templatePath } from './workload.ts';

/** One value to write at a path. */
export interface Edit {
  path: readonly (string | number)[];
  value: string;
}

/** The manifest with values written into it; its comments and everything else stay as they are. */
export function withEdits(manifest: ManifestDocument, edits: readonly Edit[]): ManifestDocument {
  const document = manifest.document.clone();
  for (const { path, value } of edits) {
    makeRoom(document, path);
    document.setIn(path, value);
  }
  return { ...manifest, document, object: document.toJS() as KubernetesObject };
}

/** `annotations:` with nothing behind it is a null, into which nothing can be written. */
function makeRoom(document: Document, path: readonly (string | number)[]): void {
  for (let length = 1; length < path.length; length++) {
    const prefix = path.slice(0, length);
    if (!document.hasIn(prefix)) return;
    if (!isCollection(document.getIn(prefix, true))) document.setIn(prefix, document.createNode({}));
  }
}

/** Writes the release on the object and, for a workload, on the pods it makes. */
export function stampTemplate(manifest: ManifestDocument, release: string): ManifestDocument {
  const stamp = ['metadata', 'annotations', marks.release];
  const template = templatePath(manifest.object);
  const paths = template ? [stamp, [...template, ...stamp]] : [stamp];
  return withEdits(
    manifest,
    paths.map((path) => ({ path, value: release })),
  );
}

/** The manifest without `spec.replicas`: their number is the autoscaler's to choose. */
export function withoutReplicas(manifest: ManifestDocument): ManifestDocument {
  if (field(manifest.object, 'spec', 'replicas') === undefined) return manifest;
  const document = manifest.document.clone();
  document.deleteIn(['spec', 'replicas']);
  return { ...manifest, document, object: document.toJS() as KubernetesObject };
}

/** The YAML text. */
export function rendered(manifest: ManifestDocument): string {
  return manifest.document.toString(manifest.layout);
}
