import * as z from 'zod';
import { preflightSchema } from './preflight.ts';
import { duration, httpUrl, jsonAssertions, percentage, repositoryPath, slug, whole } from './scalars.ts';

const healthSchema = z
  .strictObject({
    url: httpUrl,
    status: z.int().min(100).max(599).default(200),
    json: jsonAssertions.default({}),
    timeout: duration.prefault('5s'),
  })
  .describe('Asked after the service was rolled out and before the next one starts.');

const serviceSchema = z.strictObject({
  image: z
    .string()
    .min(1)
    .describe('Repository without tag or digest, e.g. registry.example.com/docsense-backend.'),
  build: z
    .strictObject({
      context: z.string().min(1).default('.'),
      dockerfile: z.string().default('Dockerfile').describe('Relative to the context.'),
      target: z.string().optional(),
      args: z
        .record(z.string(), z.string())
        .default({})
        .describe('Build arguments; never secrets: they stay in the image.'),
    })
    .optional()
    .describe('How build-push builds the image. Leave it out when the image comes from elsewhere.'),
  health: healthSchema.optional(),
  'start-timeout': duration
    .prefault('60s')
    .describe('From the start of a new container until it must be running and healthy.'),
  'stable-for': duration
    .prefault('3s')
    .describe('How long a healthy new container is watched for restarts before it gets traffic.'),
  'drain-timeout': duration
    .prefault('30s')
    .describe('How long an old container may finish its requests before it is stopped.'),
});

const composeSchema = z.strictObject({
  files: z.array(repositoryPath).min(1),
  project: slug.optional().describe('Compose project name. Default: the name of the app.'),
  host: z
    .string()
    .regex(/^(ssh|tcp|unix):\/\//, 'ssh://user@host, tcp://host:port or unix:///path')
    .optional()
    .describe('Docker host. Default: what DOCKER_HOST or the current context says.'),
  proxy: z
    .strictObject({
      nginx: z.strictObject({
        service: slug.default('nginx').describe('The Compose service that runs your nginx.'),
        upstreams: z
          .string()
          .startsWith('/')
          .default('/etc/nginx/upstreams')
          .describe(
            'Folder in that container, on a volume, where Slipway writes NAME.conf with one server line per container.',
          ),
        ports: z
          .record(slug, z.int().min(1).max(65535))
          .describe('The services behind nginx, each with the port its containers listen on.'),
      }),
    })
    .optional()
    .describe(
      'Your own reverse proxy. Without one, a service is replaced behind Docker DNS and requests may be lost.',
    ),
});

const databaseSchema = z.strictObject({
  url: z.string().min(1).describe('postgresql://… , normally ${DATABASE_URL}.'),
  schemas: z
    .array(repositoryPath)
    .default([])
    .describe('Idempotent SQL files that run first, in this order.'),
  migrations: z
    .strictObject({ dir: repositoryPath.default('migrations') })
    .prefault({})
    .describe('Numbered .sql files, each run once, in its own transaction.'),
  backup: z
    .strictObject({
      to: z.string().min(1).default('./backups').describe('Folder for the dump and its manifest.'),
    })
    .prefault({}),
  'lock-timeout': duration.prefault('5s').describe('How long a migration may wait for a table lock.'),
  'statement-timeout': duration.prefault('15m'),
  'on-failure': z
    .enum(['stop'])
    .default('stop')
    .describe('stop: the failed file is rolled back by PostgreSQL, the release ends.'),
});

const smokeSchema = z.strictObject({
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
        contains: z.string().optional().describe('Text that the body must contain.'),
        'faster-than': duration.optional(),
      }),
    )
    .min(1),
});

const watchSchema = z.strictObject({
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
      never: z
        .array(z.string())
        .default([])
        .describe('Counters that must not grow at all, e.g. projection_failures_total.'),
    })
    .prefault({}),
  slo: z.strictObject({ errors: percentage.prefault('1%'), p95: duration.prefault('1s') }).prefault({}),
  'false-rollbacks': percentage
    .prefault('1%')
    .describe('Accepted probability that a healthy release is rolled back, over the whole watch.'),
  'at-least': whole.default(1).describe('Requests that must be seen for a verdict.'),
  inconclusive: z
    .enum(['fail', 'pass'])
    .default('fail')
    .describe('What a watch without enough evidence means.'),
});

const programsSchema = z.record(
  z.enum(['docker', 'docker-compose', 'docker-buildx', 'pg_dump']),
  z.strictObject({
    version: z.string(),
    url: z.string().startsWith('https://'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  }),
);

/** Everything but `environments`: the shape after the overrides were merged in. */
export const configSchema = z.strictObject({
  app: slug,
  compose: composeSchema.optional(),
  services: z
    .record(slug, serviceSchema)
    .describe('Rolled out in this order; each is proven before the next starts.'),
  database: databaseSchema.optional(),
  preflight: preflightSchema.prefault({}),
  smoke: smokeSchema.optional(),
  watch: watchSchema.optional(),
  programs: z
    .partialRecord(programsSchema.keyType, programsSchema.valueType)
    .default({})
    .describe('Programs to install at a pinned version instead of taking what PATH has.'),
});

export type Config = z.output<typeof configSchema>;
export type Section = keyof Config;
export type ServiceConfig = z.output<typeof serviceSchema>;
export type ComposeConfig = z.output<typeof composeSchema>;
export type DatabaseConfig = z.output<typeof databaseSchema>;
export type SmokeConfig = z.output<typeof smokeSchema>;
export type WatchConfig = z.output<typeof watchSchema>;
export type ProgramsConfig = Config['programs'];
