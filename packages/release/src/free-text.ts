import type { Phase } from './evidence.ts';
import type { ReleaseRecord } from './record.ts';

/**
 * What identifies something or is one of a few words: never rewritten, although a secret may have the same value. Keys
 * of evidence that are not listed hold free text.
 */
const identity: ReadonlySet<string> = new Set([
  ...[
    'kind',
    'state',
    'class',
    'id',
    'version',
    'file',
    'service',
    'reference',
    'digest',
    'previous',
    'expected',
  ],
  ...['services.name', 'locks'],
]);

/**
 * The record without secrets in its free text: summaries, details and observations. Names, versions, digests and times
 * stay as they are; the next step compares them.
 */
export function redactFreeText(record: ReleaseRecord, redact: (text: string) => string): ReleaseRecord {
  return { ...record, phases: record.phases.map((phase) => redactPhase(phase, redact)) };
}

function redactPhase(phase: Phase, redact: (text: string) => string): Phase {
  const { summary, details, evidence } = phase;
  return {
    ...phase,
    summary: redact(summary),
    ...(details ? { details: details.map(redact) } : {}),
    ...(evidence ? { evidence: redactIn(evidence, '', redact) } : {}),
  };
}

function redactIn<Value>(value: Value, parent: string, redact: (text: string) => string): Value {
  if (typeof value === 'string') return redact(value) as Value;
  if (Array.isArray(value)) return value.map((item) => redactIn(item, parent, redact)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const known = identity.has(key) || identity.has(`${parent}.${key}`);
    // Keys of the record are words of ours, except where they are answers of servers.
    const name = parent === 'answers' ? redact(key) : key;
    return [name, known ? item : redactIn(item, key, redact)];
  });
  return Object.fromEntries(entries) as Value;
}
