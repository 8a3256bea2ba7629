import { Fault } from '@slipway/kernel';
import * as z from 'zod';

/** Fields of an object's head that tell what it is and to whom it belongs. */
const headSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    uid: z.string().nullish(),
    ownerReferences: z.array(z.object({ uid: z.string(), controller: z.boolean().nullish() })).nullish(),
  }),
});

/** Events name what they are about in one of two places, after the version of their API. */
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

/** One object of the answer, not yet read further than its head. */
export interface Item {
  name: string;
  uid: string;
  raw: unknown;
}

/** All that the cluster answered, indexed once so that many workloads can be read out of it. */
export interface Answer {
  /** By `Kind/namespace/name`. */
  byName: ReadonlyMap<string, Item>;
  /** By kind and uid of the owner: `Pod <uid>`. */
  byOwner: ReadonlyMap<string, readonly Item[]>;
  /** By uid of what the event is about; by `Kind/name` too, since claims are known by name only. */
  eventsAbout: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Indexes what `kubectl get … -o json` printed, as text or parsed.
 * @throws Fault when it is no complete list; an answer that cannot be read is never taken for an empty one.
 */
export function readAnswer(answer: unknown): Answer {
  const { items, metadata } = demand(
    answerSchema,
    typeof answer === 'string' ? parse(answer) : answer,
    'list',
  );
  if (metadata?.continue) throw new Fault('the cluster answered a part of the list only');
  const byName = new Map<string, Item>();
  const byOwner = new Map<string, Item[]>();
  const eventsAbout = new Map<string, unknown[]>();
  for (const raw of items) {
    const { kind, metadata: head } = demand(headSchema, raw, 'object');
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

export function nameKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

export function ownerKey(kind: string, uid: string): string {
  return `${kind} ${uid}`;
}

/** Reads a value by its schema. @throws Fault that names what could not be read and where. */
export function demand<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') || what;
  throw new Fault(
    `cannot read the ${what} that the cluster answered: ${where}: ${issue?.message ?? 'unknown shape'}`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('the cluster answered something that is no JSON', { cause });
  }
}

function aboutKeys(raw: unknown): string[] {
  const { involvedObject, regarding } = demand(eventHeadSchema, raw, 'event');
  const about = involvedObject ?? regarding;
  const named = about?.kind === 'PersistentVolumeClaim' ? [`${about.kind}/${about.name ?? ''}`] : [];
  return [...(about?.uid ? [about.uid] : []), ...named];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const there = map.get(key);
  if (there) there.push(value);
  else map.set(key, [value]);
}
