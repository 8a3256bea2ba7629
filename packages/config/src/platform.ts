import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, repositoryPath, slug } from './scalars.ts';

const healthSchema = () =>
  z
    .strictObject({
      url: httpUrl,
      status: z.int().min(100).max(599).default(200),
      json: jsonAssertions.default({}),
      timeout: duration.prefault('5s'),
    })
    .describe('Asked after the service was rolled out and before the next one starts.');

/** One thing that is rolled out: its image, and what proves that it is up. */
export const serviceSchema = () =>
  z.strictObject({
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
    health: healthSchema().optional(),
    'start-timeout': duration
      .prefault('60s')
      .describe(
        'From the start of a new replica until it must be running and healthy. On Kubernetes per batch: replicas that start one after the other have it one after the other.',
      ),
    workloads: z
      .array(
        z
          .string()
          .regex(/^(Deployment|StatefulSet|DaemonSet|Job)\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'Kind/name'),
      )
      .min(1)
      .optional()
      .describe(
        'Kubernetes workloads that run this image, such as Deployment/backend. Default: every one with a container of that repository.',
      ),
    containers: z
      .array(slug)
      .min(1)
      .optional()
      .describe(
        'Containers and init containers that get the image. Default: those whose image is of that repository.',
      ),
    'stable-for': duration
      .optional()
      .describe(
        'How long new replicas that are ready are watched for restarts. Default on Compose 3s; on Kubernetes as long as the liveness probe needs to kill, 10s at least.',
      ),
    'drain-timeout': duration
      .prefault('30s')
      .describe('How long an old container may finish its requests before it is stopped.'),
  });

/** Docker Compose as the platform. */
export const composeSchema = () =>
  z.strictObject({
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

/** Kubernetes as the platform. */
export const kubernetesSchema = () =>
  z.strictObject({
    namespace: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a namespace')
      .describe('Everything of the release lives in it.'),
    manifests: z
      .array(repositoryPath)
      .min(1)
      .describe('YAML files, folders of them, or kustomize directories.'),
    context: z.string().min(1).optional().describe('Context of the kubeconfig. Default: its current one.'),
    kubeconfig: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Path of a kubeconfig, or its content in base64, for example from a secret: ${KUBE_CONFIG}. Default: what kubectl finds by itself.',
      ),
    'fail-fast': z
      .enum(['balanced', 'strict', 'off'])
      .default('balanced')
      .describe(
        'balanced: a cause that cannot heal ends the rollout at once, one that can after its hold. strict: also at the first crash and on a readiness that takes three times its budget. off: only the deadline ends it.',
      ),
    lint: z
      .enum(['warn', 'enforce', 'off'])
      .default('warn')
      .describe('What the manifests lack for a rollout without lost requests: told, or refused.'),
    'force-conflicts': z
      .boolean()
      .default(false)
      .describe('Take fields over that another field manager owns, instead of refusing.'),
  });

export type KubernetesConfig = z.output<ReturnType<typeof kubernetesSchema>>;
export type ServiceConfig = z.output<ReturnType<typeof serviceSchema>>;
export type ComposeConfig = z.output<ReturnType<typeof composeSchema>>;
