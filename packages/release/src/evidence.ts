import { outcomes } from '@slipway/kernel';
import * as z from 'zod';

// Functions, because most steps begin a record and read none: what checks one is built when one is handed over.

/** One line of the preflight checklist. `unknown` is missing evidence: it blocks like `failed`. */
const checklistItem = () =>
  z.strictObject({
    id: z.string(),
    title: z.string(),
    state: z.enum(['passed', 'failed', 'unknown', 'waived', 'manual', 'skipped']),
    /** What was looked at and what was seen. Never a value of a variable. */
    evidence: z.string(),
    /** What to do when it is not passed. */
    remedy: z.string().optional(),
  });

const migrationFile = () =>
  z.strictObject({
    version: z.string(),
    file: z.string(),
    state: z.enum(['applied', 'pending', 'failed', 'schema']),
    ms: z.number().optional(),
    /** `contract`: the version before cannot run on the schema any more. */
    class: z.enum(['none', 'expand', 'contract']).optional(),
    /** How it went on a copy: milliseconds, and what it locked, as `users: AccessExclusiveLock`. */
    rehearsed: z.strictObject({ ms: z.number(), locks: z.array(z.string()) }).optional(),
  });

const rolledService = () =>
  z.strictObject({
    name: z.string(),
    digest: z.string(),
    previous: z.string().nullable(),
    /** Containers or pods proven to run the digest. */
    running: z.int(),
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
    /** Evidence against the release: it is broken when this reaches `bar`. */
    wealth: z.number(),
    bar: z.number(),
    events: z.number(),
    bad: z.number(),
    detail: z.string(),
    /** [seconds since the watch began, fraction of bad events or null when there were none]. */
    points: z.array(z.tuple([z.number(), z.number().nullable()])),
  });

/**
 * What an action saw, compact, for the report. It travels in the record between jobs, so it holds no secret and
 * nothing derived from one.
 */
const evidenceSchema = () =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('checklist'), items: z.array(checklistItem()) }),
    z.strictObject({
      kind: z.literal('migration'),
      files: z.array(migrationFile()),
      /** What was proven around them: lint, rehearsal, staging, drift, assertions. */
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

/** One phase of a release: an action that ran, when, how it ended, in one sentence. Times are ISO 8601 in UTC. */
export const phaseSchema = () =>
  z.strictObject({
    name: z.string(),
    outcome: z.enum(outcomes),
    /** An inconclusive end that the configuration lets pass: the release goes on, unproven in this. */
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
