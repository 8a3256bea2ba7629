import { fields, text } from './fields.ts';
import type { PodReference, PodReferences } from './references.ts';

/** Names in the namespace, and the keys of what has keys; null where the login may not list them. */
export interface LiveNames {
  secrets: ReadonlyMap<string, ReadonlySet<string>> | null;
  configMaps: ReadonlyMap<string, ReadonlySet<string>> | null;
  serviceAccounts: ReadonlySet<string> | null;
  claims: ReadonlySet<string> | null;
}

/** The node ignores a missing pull secret; the pull itself fails when it was needed. */
type Needed = Exclude<keyof PodReferences, 'pullSecrets'>;

const nouns: Readonly<Record<Needed, string>> = {
  secrets: 'secret',
  configMaps: 'config map',
  claims: 'volume claim',
  serviceAccounts: 'service account',
};

const holders: Readonly<Record<Needed, { kind: string; live: keyof LiveNames }>> = {
  secrets: { kind: 'Secret', live: 'secrets' },
  configMaps: { kind: 'ConfigMap', live: 'configMaps' },
  claims: { kind: 'PersistentVolumeClaim', live: 'claims' },
  serviceAccounts: { kind: 'ServiceAccount', live: 'serviceAccounts' },
};

/** Parts of an object whose keys pods refer to. */
const keyed = ['data', 'stringData', 'binaryData'];

/**
 * What pods need and neither the namespace nor the release has, one sentence each. Optional references, and what cannot
 * be listed, are left out.
 */
export function missingReferences(
  references: PodReferences,
  live: LiveNames,
  provided: readonly object[],
): string[] {
  const sentences = (Object.keys(nouns) as Needed[]).flatMap((kind) => {
    const known = knownNames(kind, live, provided);
    if (known === null) return [];
    const made = secretsOfControllers(provided);
    return references[kind]
      .filter(({ name }) => kind !== 'secrets' || !made.has(name))
      .flatMap((one) => explain(nouns[kind], one, known));
  });
  return [...new Set(sentences)];
}

/** Where kinds with a controller name the Secret that it creates; by default it has the name of the object. */
const secretControllers: Readonly<Record<string, readonly string[]>> = {
  ExternalSecret: ['spec', 'target', 'name'],
  SealedSecret: ['spec', 'template', 'metadata', 'name'],
  Certificate: ['spec', 'secretName'],
};

/** Secrets that a controller will create from objects of the release. */
function secretsOfControllers(provided: readonly object[]): Set<string> {
  return new Set(
    provided.flatMap((object) => {
      const path = secretControllers[text(object, 'kind') ?? ''];
      if (!path) return [];
      return [text(object, ...path) ?? text(object, 'metadata', 'name') ?? ''];
    }),
  );
}

/** Names with their keys; null when they cannot be known. */
function knownNames(
  kind: Needed,
  live: LiveNames,
  provided: readonly object[],
): Map<string, ReadonlySet<string>> | null {
  const holder = holders[kind];
  const listed = live[holder.live];
  if (listed === null) return null;
  const known = new Map<string, ReadonlySet<string>>();
  for (const name of listed.keys())
    known.set(name, listed instanceof Map ? (listed.get(name) ?? new Set()) : new Set());
  for (const object of provided) {
    const name = text(object, 'metadata', 'name');
    if (text(object, 'kind') !== holder.kind || name === null) continue;
    // Keys that others added stay when the object is applied.
    const keys = keyed.flatMap((part) => Object.keys(fields(object, part)));
    known.set(name, new Set([...(known.get(name) ?? []), ...keys]));
  }
  // Created by the cluster in every namespace, possibly a moment after it.
  if (kind === 'serviceAccounts') known.set('default', new Set());
  if (kind === 'configMaps')
    known.set('kube-root-ca.crt', known.get('kube-root-ca.crt') ?? new Set(['ca.crt']));
  return known;
}

function explain(
  noun: string,
  { name, key, optional, from }: PodReference,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  if (optional) return [];
  const keys = known.get(name);
  if (!keys)
    return [
      `${from} needs ${key ? `key ${key} of ` : ''}${noun} ${name}, which does not exist${similarName(name, known)}`,
    ];
  if (key === null || keys.has(key)) return [];
  const has = keys.size === 0 ? 'which has no keys' : `whose keys are ${[...keys].sort().join(', ')}`;
  return [`${from} needs key ${key} of ${noun} ${name}, ${has}`];
}

/** A name that differs in case, dashes or a suffix is probably the one that was meant. */
function similarName(name: string, known: ReadonlyMap<string, ReadonlySet<string>>): string {
  const plain = (word: string): string => word.toLowerCase().replace(/[-_.]/g, '');
  const wanted = plain(name);
  const found = [...known.keys()].find((other) => {
    const candidate = plain(other);
    return candidate.includes(wanted) || wanted.includes(candidate);
  });
  return found ? `; similar name: ${found}` : '';
}
