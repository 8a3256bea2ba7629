import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, percentage, whole } from './scalars.ts';

/** Requests that must be answered right once the new version serves. */
export const smokeSchema = () =>
  z.strictObject({
    base: httpUrl.optional().describe('Prefix of every path below.'),
    within: duration.prefault('60s').describe('One deadline for all checks together.'),
    timeout: duration.prefault('5s').describe('For one request.'),
    version: z
      .strictObject({
        path: z.string().default('/version'),
        json: z.string().startsWith('$').default('$.version'),
        samples: z.int().min(1).max(1000).default(10),
      })
      .optional()
      .describe('Before the checks, this many fresh connections in a row must all answer the new version.'),
    checks: z
      .array(
        z.strictObject({
          name: z.string().optional(),
          path: z.string().optional(),
          url: httpUrl.optional().describe('Instead of base + path.'),
          method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET'),
          body: z.string().optional(),
          status: z.int().min(100).max(599).default(200),
          json: jsonAssertions.default({}),
          headers: z
            .record(z.string(), z.string())
            .default({})
            .describe('Response headers and the value each must have.'),
          send: z.record(z.string(), z.string()).default({}).describe('Request headers.'),
          contains: z.string().min(1).optional().describe('Text that the body must contain.'),
          'faster-than': duration.optional(),
        }),
      )
      .min(1),
  });

/** What is measured while the new version serves, and how good it must be. */
export const watchSchema = () =>
  z.strictObject({
    for: duration.prefault('30m'),
    every: duration.prefault('15s'),
    scrape: z
      .strictObject({
        urls: z.array(httpUrl).min(1),
        samples: z
          .int()
          .min(1)
          .max(50)
          .default(4)
          .describe('Fetches of each URL per look; behind a load balancer one fetch sees one replica.'),
        'instance-label': z.string().default('instance').describe('Label that tells replicas apart.'),
      })
      .optional(),
    prometheus: z
      .strictObject({
        url: httpUrl,
        matchers: z
          .string()
          .default('')
          .describe('PromQL label matchers put into every selector, e.g. job="docsense".'),
      })
      .optional(),
    metrics: z
      .strictObject({
        requests: z
          .string()
          .default('http_requests_total')
          .describe('Counter of requests with a status label.'),
        'status-label': z.string().default('status'),
        latency: z.string().default('http_request_duration_seconds').describe('Histogram, in seconds.'),
        'must-not-increase': z
          .array(z.string())
          .default([])
          .describe('Counters that must not grow at all, e.g. projection_failures_total.'),
      })
      .prefault({}),
    slo: z.strictObject({ errors: percentage.prefault('1%'), p95: duration.prefault('1s') }).prefault({}),
    'false-rollbacks': percentage
      .prefault('1%')
      .describe('Accepted probability that a healthy release is rolled back, over the whole watch.'),
    'min-requests': whole.default(1).describe('Requests that must be seen for a verdict.'),
    inconclusive: z
      .enum(['fail', 'pass'])
      .default('fail')
      .describe('What a watch without enough evidence means.'),
  });

export type SmokeConfig = z.output<ReturnType<typeof smokeSchema>>;
export type WatchConfig = z.output<ReturnType<typeof watchSchema>>;
