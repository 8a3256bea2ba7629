import { type Fields, fields, listed, text } from './fields.ts';

/** Another tool that manages an object. */
export interface ThirdPartyOwner {
  /** Argo CD, Flux, Helm, or the kind of an operator's resource. */
  tool: string;
  /** Application, release or resource that the object belongs to. */
  name: string;
  /** What to run instead. */
  command: string;
}

interface OwnershipMarks {
  labels: Fields;
  annotations: Fields;
}

interface OwnerRule {
  tool: string;
  name: (signs: OwnershipMarks) => string | null;
  namespace: (signs: OwnershipMarks) => string | null;
  command: (name: string, namespace: string) => string;
}

const inNamespace = (namespace: string): string => (namespace === '' ? '' : ` --namespace ${namespace}`);

/** The most specific first: what Flux installs with Helm has the annotations of both. */
const rules: readonly OwnerRule[] = [
  {
    tool: 'Argo CD',
    name: ({ labels, annotations }) =>
      text(labels, 'argocd.argoproj.io/instance') ??
      text(annotations, 'argocd.argoproj.io/instance') ??
      text(annotations, 'argocd.argoproj.io/tracking-id')?.split(':')[0] ??
      null,
    namespace: () => null,
    command: (name) => `argocd app rollback ${name}`,
  },
  {
    tool: 'Flux',
    name: ({ labels }) => text(labels, 'helm.toolkit.fluxcd.io/name'),
    namespace: ({ labels }) => text(labels, 'helm.toolkit.fluxcd.io/namespace'),
    command: (name, namespace) =>
      `git revert, then flux reconcile helmrelease ${name}${inNamespace(namespace)} --with-source`,
  },
  {
    tool: 'Flux',
    name: ({ labels }) => text(labels, 'kustomize.toolkit.fluxcd.io/name'),
    namespace: ({ labels }) => text(labels, 'kustomize.toolkit.fluxcd.io/namespace'),
    command: (name, namespace) =>
      `git revert, then flux reconcile kustomization ${name}${inNamespace(namespace)} --with-source`,
  },
  {
    tool: 'Helm',
    // The label alone proves nothing: charts rendered by "helm template" have it too.
    name: ({ labels, annotations }) =>
      text(labels, 'app.kubernetes.io/managed-by') === 'Helm'
        ? text(annotations, 'meta.helm.sh/release-name')
        : null,
    namespace: ({ annotations }) => text(annotations, 'meta.helm.sh/release-namespace'),
    command: (name, namespace) => `helm rollback ${name}${inNamespace(namespace)}`,
  },
];

/** The tool that would revert our change of a live object, or conflict with it; null when Slipway may change it. */
export function thirdPartyOwner(live: object): ThirdPartyOwner | null {
  const ownership: OwnershipMarks = {
    labels: fields(live, 'metadata', 'labels'),
    annotations: fields(live, 'metadata', 'annotations'),
  };
  for (const { tool, name, namespace, command } of rules) {
    const found = name(ownership);
    if (found) return { tool, name: found, command: command(found, namespace(ownership) ?? '') };
  }
  return ownerReference(live);
}

/** A controller restores the objects that it creates. */
function ownerReference(live: object): ThirdPartyOwner | null {
  const owner = listed(live, 'metadata', 'ownerReferences').find(({ controller }) => controller === true);
  const kind = text(owner, 'kind');
  const name = text(owner, 'name');
  return kind && name ? { tool: kind, name, command: `kubectl edit ${kind.toLowerCase()} ${name}` } : null;
}
