import { outcomes } from '@slipway/kernel';
import * as z from 'zod';

// Functions, because most steps begin a record and read none: the schema is built only when a record is passed in.

/** One line of the preflight checklist. `unknown` is missing evidence: it blocks like `failed`. `deferred` is checked after the approval. */
const checklistItem = () =>
  z.strictObject({
    id: z.string(),
    title: z.string(),
    state: z.enum(['passed', 'failed', 'unknown', 'waived', 'manual', 'skipped', 'deferred']),
    /** What was checked and what was observed. Never the value of a variable. */
    evidence: z.string(),
    /** What to do when it did not pass. */
    remedy: z.string().optional(),
  });

const migrationFile = () =>
  z.strictObject({
    version: z.string(),
    file: z.string(),
    state: z.enum(['applied', 'pending', 'failed', 'schema']),
    ms: z.number().optional(),
    /** `contract`: the previous version may not run on the schema any more. */
    class: z.enum(['none', 'expand', 'contract']).optional(),
    /** Its run on a copy: milliseconds, and what it locked, as `users: AccessExclusiveLock`. */
    rehearsed: z.strictObject({ ms: z.number(), locks: z.array(z.string()) }).optional(),
  });

/** A container or pod that was seen running. The digest is null when the target knows none. */
const observedReplica = () => z.strictObject({ id: z.string(), digest: z.string().nullable() });

const rolledService = () =>
  z.strictObject({
    name: z.string(),
    /** The digest that was asked for. */
    digest: z.string(),
    previous: z.string().nullable(),
    /** Containers or pods that serve: those of the release, or after a failure the old ones. */
    running: z.int(),
    /** The replicas that were observed at the end, with the digests that the target reports for them. */
    replicas: z.array(observedReplica()),
    state: z.enum(['rolled', 'unchanged', 'restored', 'failed', 'untouched']),
    ms: z.number(),
    detail: z.string().optional(),
  });

const smokeCheck = () =>
  z.strictObject({
    name: z.string(),
    url: z.string(),
    state: z.enum(['passed', 'failed']),
    attempts: z.int(),
    /** Latency of the deciding answer in milliseconds. */
    ms: z.number().nullable(),
    detail: z.string(),
  });

const watchedMetric = () =>
  z.strictObject({
    id: z.string(),
    title: z.string(),
    /** The objective as a fraction, e.g. 0.01 for "errors below 1 %". */
    objective: z.number(),
    state: z.enum(['met', 'broken', 'no-evidence']),
    /** Evidence against the release: the objective counts as broken when it reaches `bar`. */
    wealth: z.number(),
    bar: z.number(),
    events: z.number(),
    bad: z.number(),
    detail: z.string(),
    /** [seconds since the watch began, fraction of bad events or null when there were none]. */
    points: z.array(z.tuple([z.number(), z.number().nullable()])),
  });

/**
 * What an action observed, in a compact form for the report. It travels in the record between jobs, so it holds no secret and
 * nothing derived from one.
 */
const evidenceSchema = () =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('checklist'), items: z.array(checklistItem()) }),
    z.strictObject({
      kind: z.literal('migration'),
      files: z.array(migrationFile()),
      /** The checks before and after them: lint, rehearsal, staging, drift, assertions. */
      checks: z.array(checklistItem()).optional(),
    }),
    z.strictObject({
      kind: z.literal('images'),
      images: z.array(
        z.strictObject({ service: z.string(), reference: z.string(), digest: z.string(), ms: z.number() }),
      ),
    }),
    z.strictObject({ kind: z.literal('services'), services: z.array(rolledService()) }),
    z.strictObject({
      kind: z.literal('smoke'),
      consensus: z.strictObject({ expected: z.string(), answers: z.record(z.string(), z.int()) }).nullable(),
      checks: z.array(smokeCheck()),
    }),
    z.strictObject({ kind: z.literal('watch'), seconds: z.number(), metrics: z.array(watchedMetric()) }),
  ]);

/** One phase of a release: which action ran, when, and its outcome in one sentence. Times are ISO 8601 in UTC. */
export const phaseSchema = () =>
  z.strictObject({
    name: z.string(),
    outcome: z.enum(outcomes),
    /** An inconclusive outcome that the configuration tolerates: the release continues without this proof. */
    tolerated: z.literal(true).optional(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime(),
    summary: z.string(),
    /** A few lines that show more: the end of a log. */
    details: z.array(z.string()).optional(),
    evidence: evidenceSchema().optional(),
  });

export type Evidence = z.infer<ReturnType<typeof evidenceSchema>>;
export type ChecklistItem = z.infer<ReturnType<typeof checklistItem>>;
export type MigrationFile = z.infer<ReturnType<typeof migrationFile>>;
export type RolledService = z.infer<ReturnType<typeof rolledService>>;
export type SmokeCheck = z.infer<ReturnType<typeof smokeCheck>>;
export type WatchedMetric = z.infer<ReturnType<typeof watchedMetric>>;
export type Phase = z.infer<ReturnType<typeof phaseSchema>>;
