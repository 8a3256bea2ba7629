import { isOneWayChange } from './one-way.ts';

/** Why the cluster refuses an object. */
export interface Refusal {
  /** A clause that names the field and, for a conflict, its owner. */
  what: string;
  remedy: string;
  /** Field managers that own the fields of a conflict; empty for any other refusal. */
  managers: readonly string[];
  /** The fields of a conflict, as `spec.replicas`; empty for any other refusal. */
  fields: readonly string[];
  /** The object as it is live does not accept the change, now or later: an immutable field, a claim that would shrink. */
  isOneWay: boolean;
}

interface Rule {
  pattern: RegExp;
  what: (match: readonly string[]) => string;
  remedy: (match: readonly string[]) => string;
  /** Whether the object does not accept the change for good, by the whole output. */
  isOneWay?: (words: string) => boolean;
}

/** What kubectl prints for a refusal, most specific first. */
const rules: readonly Rule[] = [
  {
    pattern: /The (\S+) "([^"]+)" is invalid: ?(?=[^\n]*ValidatingAdmissionPolicy )([\s\S]+)/,
    what: ([, kind, name, words = '']) => `${kind} ${name} is denied: ${oneLine(withoutValues(words, kind))}`,
    remedy: () => 'Change the manifest to comply with the policy, or ask its owner for an exception.',
  },
  {
    pattern: /The (\S+) "([^"]+)" is invalid: (\S+): .*field is immutable/,
    what: ([, kind, name, field]) => `${kind} ${name} cannot be changed in place: ${field} is immutable`,
    remedy: ([, kind, , field]) =>
      `Restore the running value of ${field}, or give the ${kind} a new name and delete the old one afterwards.`,
    isOneWay: isOneWayChange,
  },
  {
    pattern: /The StatefulSet "([^"]+)" is invalid: spec: Forbidden: (.+)/,
    what: ([, name, words]) => `StatefulSet ${name} does not allow this change: ${words}`,
    remedy: () => 'Restore the other fields, or delete it with --cascade=orphan and deploy again.',
    isOneWay: isOneWayChange,
  },
  {
    pattern: /The (\S+) "([^"]+)" is invalid: ?([\s\S]+)/,
    what: ([, kind, name, words = '']) =>
      `${kind} ${name} is invalid: ${oneLine(withoutValues(words, kind))}`,
    remedy: () => 'Correct the manifest. Nothing was applied for it.',
    isOneWay: isOneWayChange,
  },
  {
    pattern: /admission webhook "([^"]+)" denied the request:? ?([\s\S]*)/,
    what: ([, webhook, words = '']) => `the admission webhook ${webhook} denied it: ${oneLine(words)}`,
    remedy: () => 'Change the manifest to comply with the policy, or ask its owner for an exception.',
  },
  {
    pattern:
      /(?:forbidden: )((?:exceeded quota|violates PodSecurity|(?:maximum|minimum) |error looking up service account|unable to validate against|failed quota)[^\n]*)/,
    what: ([, words = '']) => words.trim(),
    remedy: () => 'Change what the pod requests, or have the policy of the namespace changed.',
  },
  {
    pattern: /persistentvolumeclaims "([^"]+)" is forbidden: ([^\n]*resize[^\n]*)/,
    what: ([, name, words]) => `PersistentVolumeClaim ${name} cannot be changed: ${words}`,
    remedy: () => 'Restore the size of the claim, or let its StorageClass allow the expansion.',
    isOneWay: () => true,
  },
  {
    pattern: /no matches for kind "([^"]+)" in version "([^"]+)"/,
    what: ([, kind, version]) => `the cluster has no kind ${kind} in ${version}`,
    remedy: () => 'Install its CustomResourceDefinition first, or correct apiVersion and kind.',
  },
  {
    pattern: /(?:\.([\w.[\]"=]+): field not declared in schema|unknown field "([^"]+)")/,
    what: ([, path, name]) => `the schema of the cluster has no field ${path ?? name}`,
    remedy: () => 'Correct or remove the field.',
  },
  {
    pattern:
      /\.([\w.]+): element (\d+): associative list with keys has an element that omits key field "(\w+)"/,
    what: ([, path, index, key]) => `${path}[${index}] has no ${key}, which this server requires`,
    remedy: ([, , , key]) => (key === 'protocol' ? 'Add protocol: TCP.' : `Add ${key} to it.`),
  },
  {
    pattern: /\.(\S+): expected string, got/,
    what: ([, path]) => `${path} must be a string`,
    remedy: () => 'Quote the value: without quotes, YAML reads yes, on, 1 and 1e3 as other types.',
  },
  {
    pattern:
      /(?:failed to create typed patch object|unable to decode|cannot unmarshal|ValidationError)([^\n]*)/,
    what: ([, words = '']) => `it does not match the schema of the cluster${withoutValues(words, 'Secret')}`,
    remedy: () => 'Correct the manifest.',
  },
];

/** Why an apply was refused; null when the output does not state a refusal. The exit code proved the failure. */
export function readRefusal(words: string): Refusal | null {
  const conflict = readConflict(words);
  if (conflict) return conflict;
  for (const { pattern, what, remedy, isOneWay } of rules) {
    const match = pattern.exec(words);
    if (match)
      return {
        what: what(match),
        remedy: remedy(match),
        managers: [],
        fields: [],
        isOneWay: isOneWay?.(words) ?? false,
      };
  }
  return null;
}

/** `conflict with "other" using apps/v1: .spec.replicas`, or the fields below, a line each with a dash. */
const conflictOf = /^.*conflicts? with "([^"]+)"[^:]*:[ \t]*(.*)$/;

function readConflict(words: string): Refusal | null {
  if (!/Apply failed with \d+ conflict/.test(words)) return null;
  const conflicts: { manager: string; fields: string[] }[] = [];
  for (const line of words.split('\n')) {
    const [, manager, field] = conflictOf.exec(line) ?? [];
    if (manager !== undefined) conflicts.push({ manager, fields: field ? [field.replace(/^\./, '')] : [] });
    else if (line.startsWith('- .')) conflicts.at(-1)?.fields.push(line.slice(3));
  }
  const owned = conflicts.map(
    ({ manager, fields }) =>
      `${fields.join(', ')} ${fields.length === 1 ? 'belongs' : 'belong'} to "${manager}"`,
  );
  return {
    what: `another field manager owns fields of the manifest: ${owned.join('; ')}`,
    remedy:
      'Remove those fields from the manifest, or set kubernetes.force-conflicts: true to take them over.',
    managers: conflicts.map(({ manager }) => manager),
    fields: conflicts.flatMap(({ fields }) => fields),
    isOneWay: false,
  };
}

/** The API server quotes its input, which in a Secret is the secret. */
function withoutValues(words: string, kind: string | undefined): string {
  const left = words.replace(/Value:[^}]*/g, 'Value:***');
  return kind === 'Secret'
    ? left.replace(/Invalid value: ("(?:[^"\\]|\\.)*"|\S+)/g, 'Invalid value: ***')
    : left;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*\*?\s*/g, '; ');
}
