import type { Document, LineCounter, ToStringOptions } from 'yaml';
import * as z from 'zod';
import { field, text } from './fields.ts';

/** An object of the Kubernetes API. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** The form of such an object where it comes from outside. */
export const kubernetesObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

/** One object of the manifests, with the text that it came from. Never changed; edits return another one. */
export interface ManifestDocument {
  /** Relative to the workspace. */
  readonly file: string;
  /** Where the object begins. */
  readonly line: number;
  /** The YAML, comments and all. */
  readonly document: Document;
  /** The same as plain values. */
  readonly object: KubernetesObject;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** The configured one unless the kind is cluster-wide; then null. */
  readonly namespace: string | null;
  /** null when the nodes of the document differ from the file (anchors were expanded). */
  readonly lines: LineCounter | null;
  /** How the author formats YAML. */
  readonly layout: ToStringOptions;
}

/** Built-in and widespread kinds that are not namespaced. */
const clusterWide: ReadonlySet<string> = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterIssuer',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'CustomResourceDefinition',
  'FlowSchema',
  'GatewayClass',
  'IngressClass',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
  'VolumeSnapshotClass',
]);

/** Whether objects of the kind live outside namespaces. */
export function isClusterWide(kind: string): boolean {
  return clusterWide.has(kind);
}

/** `Deployment/backend`: the name of an object in configuration, messages and maps. */
export function titleOf(object: object): string {
  return `${text(object, 'kind') ?? 'object'}/${text(object, 'metadata', 'name') ?? '?'}`;
}

/** Whether the object is the namespace of that name. */
export function isNamespace({ kind, metadata }: KubernetesObject, name: string): boolean {
  return kind === 'Namespace' && metadata.name === name;
}

/** The group of `apps/v1`; empty for the core. */
export function groupOf(object: object): string {
  const version = String(field(object, 'apiVersion') ?? '');
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
}

/** `file:line` of a field of the object, or of its nearest parent that is in the file. */
export function locationOf(manifest: ManifestDocument, path: readonly (string | number)[] = []): string {
  return `${manifest.file}:${lineOf(manifest, path)}`;
}

/** @see locationOf */
export function lineOf(
  { document, lines, line }: ManifestDocument,
  path: readonly (string | number)[] = [],
): number {
  if (!lines) return line;
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return line;
}
