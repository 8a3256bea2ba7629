import { type Fields, isFields, text } from './fields.ts';
import { announcesSecret, isSecretField, namesSecret, showsSecret } from './secret-patterns.ts';

/** A single value of an object. */
export interface Leaf {
  value: unknown;
  /** Must not be shown. */
  secret: boolean;
}

/** Fields that identify the items of a list, the best first. */
const identities: readonly (readonly string[])[] = [
  ['name'],
  ['mountPath'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['ip'],
  ['key', 'operator', 'effect'],
  ['topologyKey'],
  ['type'],
  ['path'],
  ['host'],
];

/** Parts of an object with keys of the author's choice and texts as values. */
const texts: ReadonlySet<string> = new Set(['annotations', 'labels', 'data', 'binaryData', 'stringData']);

interface Context {
  into: Map<string, Leaf>;
  /** All values below are secrets. */
  secret: boolean;
  /** The keys here are chosen by the author. */
  named: boolean;
}

/** The values of an object by their path, such as `spec.template.spec.containers[web].image`. */
export function leavesOf(object: Fields): Map<string, Leaf> {
  const into = new Map<string, Leaf>();
  const isSecret = object.kind === 'Secret';
  for (const [key, value] of Object.entries(object)) {
    const secret = isSecret && key !== 'kind' && key !== 'apiVersion' && key !== 'type' && key !== 'metadata';
    walk(value, key, { into, secret, named: texts.has(key) });
  }
  // Tools write copies of a Secret into its annotations.
  if (isSecret)
    for (const [path, leaf] of into) if (path.startsWith('metadata.annotations')) leaf.secret = true;
  return into;
}

function walk(value: unknown, path: string, context: Context): void {
  if (Array.isArray(value)) walkList(value, path, context);
  else if (isFields(value) && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value)) {
      const at = /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
      walk(inner, at, {
        ...context,
        secret: context.secret || isSecretValue(value, key, inner, context.named),
        named: texts.has(key),
      });
    }
  else {
    // `token:1.2` is an image; anything else of that form could be a secret.
    const byForm = typeof value === 'string' && !path.endsWith('.image') && showsSecret(value);
    const secret = context.secret || byForm;
    context.into.set(path, { value, secret });
  }
}

/** `{name: DB_PASSWORD, value: …}`, an annotation, or a field that holds a secret itself. */
function isSecretValue(parent: Fields, key: string, value: unknown, named: boolean): boolean {
  if (key === 'value' && namesSecret(text(parent, 'name') ?? '')) return true;
  if (typeof value !== 'string') return false;
  return named ? namesSecret(key) : isSecretField(key);
}

function walkList(list: readonly unknown[], path: string, context: Context): void {
  if (list.length === 0) context.into.set(path, { value: list, secret: false });
  const names = itemNames(list);
  for (const [index, item] of list.entries()) {
    const secret = context.secret || announcesSecret(list[index - 1]);
    walk(item, `${path}[${names[index] ?? index}]`, { ...context, secret, named: false });
  }
}

/** Names for the items; empty when only their position distinguishes them. */
function itemNames(list: readonly unknown[]): readonly string[] {
  if (!list.every(isFields)) return [];
  for (const [first = '', ...more] of identities) {
    if (!list.every((item) => item[first] !== undefined && typeof item[first] !== 'object')) continue;
    const names = list.map((item) =>
      [first, ...more]
        .map((key) => item[key])
        .filter(Boolean)
        .join('/'),
    );
    if (new Set(names).size === names.length) return names;
  }
  return [];
}
