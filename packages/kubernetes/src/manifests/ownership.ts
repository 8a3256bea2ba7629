import { type Fields, fields, listed, text } from './fields.ts';

/** Another tool that keeps an object as it wants it. */
export interface ForeignOwner {
  /** Argo CD, Flux, Helm, or the kind of an operator's resource. */
  tool: string;
  /** Application, release or resource that the object belongs to. */
  name: string;
  /** What to run instead. */
  command: string;
}

interface Signs {
  labels: Fields;
  annotations: Fields;
}

interface OwnerRule {
  tool: string;
  name: (signs: Signs) => string | null;
  namespace: (signs: Signs) => string | null;
  command: (name: string, namespace: string) => string;
}

const inNamespace = (namespace: string): string => (namespace === '' ? '' : ` --namespace ${namespace}`);

/** The most specific first: what Flux installs by Helm has the marks of both. */
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
    // The label alone proves nothing: charts rendered by "helm template" carry it too.
    name: ({ labels, annotations }) =>
      text(labels, 'app.kubernetes.io/managed-by') === 'Helm'
        ? text(annotations, 'meta.helm.sh/release-name')
        : null,
    namespace: ({ annotations }) => text(annotations, 'meta.helm.sh/release-namespace'),
    command: (name, namespace) => `helm rollback ${name}${inNamespace(namespace)}`,
  },
];

/** The tool that would undo our change of a live object, or be confused by it; null when it is ours to change. */
export function foreignOwner(live: object): ForeignOwner | null {
  const signs: Signs = {
    labels: fields(live, 'metadata', 'labels'),
    annotations: fields(live, 'metadata', 'annotations'),
  };
  for (const { tool, name, namespace, command } of rules) {
    const found = name(signs);
    if (found) return { tool, name: found, command: command(found, namespace(signs) ?? '') };
  }
  return operator(live);
}

/** An object that a controller made is put back by it. */
function operator(live: object): ForeignOwner | null {
  const owner = listed(live, 'metadata', 'ownerReferences').find(({ controller }) => controller === true);
  const kind = text(owner, 'kind');
  const name = text(owner, 'name');
  return kind && name ? { tool: kind, name, command: `kubectl edit ${kind.toLowerCase()} ${name}` } : null;
}
