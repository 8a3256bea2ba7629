import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, percentage, whole } from './scalars.ts';
import { sources } from './sources/index.ts';

const versionCheckSchema = () =>
  z
    .strictObject({
      path: z.string().default('/version').describe('Path that answers with the version, below "base".'),
      json: z
        .string()
        .startsWith('$')
        .default('$.version')
        .describe('JSONPath of the version in the answer.'),
      samples: z
        .int()
        .min(1)
        .max(1000)
        .default(10)
        .describe('Number of new connections in a row that must all answer the new version.'),
    })
    .describe('Version check, made before the other checks. Left out: the version is not checked.');

const checkSchema = () =>
  z.strictObject({
    name: z.string().optional().describe('Name in logs and reports. Default: the method and the path.'),
    path: z
      .string()
      .optional()
      .describe('Path below "base".')
      .meta({ examples: ['/health'] }),
    url: httpUrl.optional().describe('Full address, in place of "base" and "path".'),
    method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).default('GET').describe('Request method.'),
    body: z.string().optional().describe('Request body.'),
    status: z.int().min(100).max(599).default(200).describe('Status code that the answer must have.'),
    json: jsonAssertions
      .default({})
      .describe('JSONPaths into the answer and the value that each must have.')
      .meta({ examples: [{ '$.status': 'healthy' }] }),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Response headers and the value that each must have.'),
    send: z.record(z.string(), z.string()).default({}).describe('Request headers.'),
    contains: z.string().min(1).optional().describe('Text that the response body must contain.'),
    http2: z
      .boolean()
      .default(false)
      .describe('Offer HTTP/2 in the TLS handshake; the server chooses the protocol.'),
    'faster-than': duration.optional().describe('Longest time that the answer may take.'),
  });

/** Requests that must be answered right once the new version serves. */
export const smokeSchema = () =>
  z
    .strictObject({
      base: httpUrl
        .optional()
        .describe('Base URL of every path below.')
        .meta({ examples: ['https://api.example.com'] }),
      within: duration.prefault('60s').describe('Time limit for all checks together, retries included.'),
      timeout: duration.prefault('5s').describe('Time limit of one request.'),
      version: versionCheckSchema().optional(),
      checks: z
        .array(checkSchema())
        .min(1)
        .describe(
          'Requests and what their answers must be. They run concurrently, each retried until it passes.',
        ),
    })
    .describe('Smoke test: requests that must be answered correctly once the new version serves.');

const metricsSchema = () =>
  z
    .strictObject({
      requests: z
        .string()
        .default('http_requests_total')
        .describe('Counter of requests, with a label that holds the status code.'),
      'status-label': z
        .string()
        .default('status')
        .describe('Label with the status code. Values that begin with 5 are errors.'),
      latency: z
        .string()
        .default('http_request_duration_seconds')
        .describe('Histogram of request durations, in seconds.'),
      'must-not-increase': z
        .array(z.string())
        .default([])
        .describe('Counters that must not increase at all during the watch.')
        .meta({ examples: [['projection_failures_total']] }),
    })
    .prefault({})
    .describe('Names of the metrics to watch.');

const sloSchema = () =>
  z
    .strictObject({
      errors: percentage.prefault('1%').describe('Largest acceptable share of requests that fail.'),
      p95: duration
        .prefault('1s')
        .describe('Time within which at least 95 % of the requests must be answered.'),
    })
    .prefault({})
    .describe('Objectives that the new version must meet.');

/** What is measured while the new version serves, and how good it must be. */
export const watchSchema = () =>
  z
    .strictObject({
      for: duration.prefault('30m').describe('How long to watch.'),
      every: duration.prefault('15s').describe('Time between two samples.'),
      ...sources(),
      metrics: metricsSchema(),
      slo: sloSchema(),
      'false-rollbacks': percentage
        .prefault('1%')
        .describe('Accepted probability of rolling back a healthy release, over the whole watch.'),
      'min-requests': whole
        .prefault(1)
        .describe('Smallest number of requests with which a release may pass.'),
      inconclusive: z
        .enum(['fail', 'pass'])
        .default('fail')
        .describe(
          'Whether a watch without enough evidence fails the release or lets it pass with a warning.',
        ),
    })
    .describe('Watch: the metrics that decide whether the new version stays.');

export type SmokeConfig = z.output<ReturnType<typeof smokeSchema>>;
export type WatchConfig = z.output<ReturnType<typeof watchSchema>>;
