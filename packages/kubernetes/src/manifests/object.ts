import type { Document, LineCounter, ToStringOptions } from 'yaml';
import { field, text } from './fields.ts';

/** An object of the Kubernetes API. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** One object of the manifests, with the text it came from. Never changed; edits return another one. */
export interface ManifestDocument {
  /** As the user knows it, relative to the workspace. */
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
  /** null when the nodes of the document do not stand in the file as they are (anchors were expanded). */
  readonly lines: LineCounter | null;
  /** How the author lays YAML out. */
  readonly layout: ToStringOptions;
}

/** Built-in and widespread kinds that live outside of namespaces. */
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

export function isClusterWide(kind: string): boolean {
  return clusterWide.has(kind);
}

/** `Deployment/backend`: how an object is called in configuration, messages and maps. */
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

/** `file:line` of a field of the object, or of its nearest parent that is written down. */
export function placeOf(manifest: ManifestDocument, path: readonly (string | number)[] = []): string {
  return `${manifest.file}:${lineOf(manifest, path)}`;
}

/** @see placeOf */
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
