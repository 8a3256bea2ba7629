import * as z from 'zod';
import { parseAnswer } from './read-answer.ts';
import type { EventState } from './snapshot.ts';

const about = z.object({
  kind: z.string().nullish(),
  name: z.string().nullish(),
  uid: z.string().nullish(),
  fieldPath: z.string().nullish(),
});

/** Both shapes of an event: of `v1`, with or without a series, and of `events.k8s.io/v1`. */
const schema = z.object({
  metadata: z.object({ creationTimestamp: z.string().nullish() }),
  involvedObject: about.nullish(),
  regarding: about.nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  note: z.string().nullish(),
  type: z.string().nullish(),
  count: z.number().nullish(),
  deprecatedCount: z.number().nullish(),
  series: z.object({ count: z.number().nullish(), lastObservedTime: z.string().nullish() }).nullish(),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  deprecatedLastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
});

/** @throws Fault when it cannot be read. */
export function readEvent(value: unknown): EventState {
  const raw = parseAnswer(schema, value, 'event');
  const of = raw.involvedObject ?? raw.regarding;
  return {
    kind: of?.kind ?? '',
    name: of?.name ?? '',
    uid: of?.uid ?? '',
    reason: raw.reason ?? '',
    message: raw.message ?? raw.note ?? '',
    warning: raw.type === 'Warning',
    count: raw.series?.count ?? raw.count ?? raw.deprecatedCount ?? 1,
    at: lastTimestampOf(raw),
    // `spec.containers{web}`, `spec.initContainers{migrate}`
    container: /\{([^}]+)\}$/.exec(of?.fieldPath ?? '')?.[1] ?? null,
  };
}

function lastTimestampOf(raw: z.infer<typeof schema>): string {
  const known = [
    raw.series?.lastObservedTime,
    raw.lastTimestamp,
    raw.deprecatedLastTimestamp,
    raw.eventTime,
    raw.firstTimestamp,
    raw.metadata.creationTimestamp,
  ];
  return known.find((time) => time) ?? '';
}
