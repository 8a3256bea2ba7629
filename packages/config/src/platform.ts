import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, repositoryPath, slug } from './scalars.ts';

const healthSchema = z
  .strictObject({
    url: httpUrl,
    status: z.int().min(100).max(599).default(200),
    json: jsonAssertions.default({}),
    timeout: duration.prefault('5s'),
  })
  .describe('Asked after the service was rolled out and before the next one starts.');

/** One thing that is rolled out: its image, and what proves that it is up. */
export const serviceSchema = z.strictObject({
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

/** Docker Compose as the platform. */
export const composeSchema = z.strictObject({
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

export type ServiceConfig = z.output<typeof serviceSchema>;
export type ComposeConfig = z.output<typeof composeSchema>;
