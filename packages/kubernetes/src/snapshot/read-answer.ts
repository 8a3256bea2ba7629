import { Fault } from '@slipway/kernel';
import * as z from 'zod';

/** Fields that identify an object and its owner. */
const headSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    uid: z.string().nullish(),
    ownerReferences: z.array(z.object({ uid: z.string(), controller: z.boolean().nullish() })).nullish(),
  }),
});

/** Events name their object in one of two fields, by the version of their API. */
const aboutSchema = z.object({
  uid: z.string().nullish(),
  kind: z.string().nullish(),
  name: z.string().nullish(),
});
const eventHeadSchema = z.object({ involvedObject: aboutSchema.nullish(), regarding: aboutSchema.nullish() });

const answerSchema = z.object({
  kind: z.string().endsWith('List'),
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()),
});

/** One object of the answer, of which only the identity was read. */
export interface AnsweredObject {
  name: string;
  uid: string;
  raw: unknown;
}

/** The answer of the cluster, indexed once so that many workloads can be read from it. */
export interface AnswerIndex {
  /** By `Kind/namespace/name`. */
  byName: ReadonlyMap<string, AnsweredObject>;
  /** By kind and uid of the owner: `Pod <uid>`. */
  byOwner: ReadonlyMap<string, readonly AnsweredObject[]>;
  /** By uid of the object of the event; by `Kind/name` too, since claims are known by name only. */
  eventsAbout: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Indexes what `kubectl get … -o json` printed, as text or parsed.
 * @throws Fault when it is not a complete list; an unreadable answer never counts as an empty one.
 */
export function indexAnswer(answer: unknown): AnswerIndex {
  const { items, metadata } = parseAnswer(
    answerSchema,
    typeof answer === 'string' ? parseJson(answer) : answer,
    'list',
  );
  if (metadata?.continue) throw new Fault('the cluster returned only a part of the list');
  const byName = new Map<string, AnsweredObject>();
  const byOwner = new Map<string, AnsweredObject[]>();
  const eventsAbout = new Map<string, unknown[]>();
  for (const raw of items) {
    const { kind, metadata: head } = parseAnswer(headSchema, raw, 'object');
    if (kind === 'Event') {
      for (const key of aboutKeys(raw)) push(eventsAbout, key, raw);
      continue;
    }
    const item = { name: head.name, uid: head.uid ?? '', raw };
    byName.set(nameKey(kind, head.namespace ?? '', head.name), item);
    const owner = head.ownerReferences?.find(({ controller }) => controller !== false);
    if (owner) push(byOwner, ownerKey(kind, owner.uid), item);
  }
  return { byName, byOwner, eventsAbout };
}

/** Key of `AnswerIndex.byName`. */
export function nameKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

/** Key of `AnswerIndex.byOwner`. */
export function ownerKey(kind: string, uid: string): string {
  return `${kind} ${uid}`;
}

/** Parses a value by its schema. @throws Fault that names what cannot be read and where. */
export function parseAnswer<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') || what;
  throw new Fault(
    `cannot read a ${what} in the cluster's answer: ${where}: ${issue?.message ?? 'unknown shape'}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("the cluster's answer is not JSON", { cause });
  }
}

function aboutKeys(raw: unknown): string[] {
  const { involvedObject, regarding } = parseAnswer(eventHeadSchema, raw, 'event');
  const about = involvedObject ?? regarding;
  const named = about?.kind === 'PersistentVolumeClaim' ? [`${about.kind}/${about.name ?? ''}`] : [];
  return [...(about?.uid ? [about.uid] : []), ...named];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
