import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, repositoryPath, slug } from './scalars.ts';

const healthSchema = () =>
  z
    .strictObject({
      url: httpUrl
        .describe('Address that must answer.')
        .meta({ examples: ['https://api.example.com/health'] }),
      status: z.int().min(100).max(599).default(200).describe('Status code of a healthy answer.'),
      json: jsonAssertions
        .default({})
        .describe('JSONPaths into the answer and the value that each must have.')
        .meta({ examples: [{ '$.status': 'healthy' }] }),
      timeout: duration.prefault('5s').describe('Time limit of one request.'),
    })
    .describe(
      'Request that must succeed once the new replicas serve. It is retried, and the next service starts only after it has passed.',
    );

const buildSchema = () =>
  z
    .strictObject({
      context: z
        .string()
        .min(1)
        .default('.')
        .describe('Build context, relative to the root of the repository.'),
      dockerfile: z
        .string()
        .default('Dockerfile')
        .describe('Path of the Dockerfile, relative to the context.'),
      target: z.string().optional().describe('Stage of a multi-stage Dockerfile. Default: the last one.'),
      args: z
        .record(z.string(), z.string())
        .default({})
        .describe(
          'Build arguments, in addition to VERSION and COMMIT, which are always passed. They remain readable in the image: never put a secret here.',
        )
        .meta({ examples: [{ BASE_IMAGE: 'node:24-slim' }] }),
    })
    .describe('How build-push builds the image. Leave it out when the image is built elsewhere.');

const workload = () =>
  z.string().regex(/^(Deployment|StatefulSet|DaemonSet|Job)\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'Kind/name');

/** One thing that is rolled out: its image, and what proves that it is up. */
export const serviceSchema = () =>
  z.strictObject({
    image: z
      .string()
      .min(1)
      .describe('Image repository, without a tag or digest.')
      .meta({ examples: ['registry.example.com/docsense-backend'] }),
    build: buildSchema().optional(),
    health: healthSchema().optional(),
    'start-timeout': duration
      .prefault('60s')
      .describe(
        'Time for a new replica to start and become ready. On Kubernetes each batch of replicas has this long.',
      ),
    workloads: z
      .array(workload())
      .min(1)
      .optional()
      .describe(
        'Kubernetes only: the workloads that run this image. Default: every workload with a container of that repository.',
      )
      .meta({ examples: [['Deployment/backend']] }),
    containers: z
      .array(slug)
      .min(1)
      .optional()
      .describe(
        'Kubernetes only: the containers and init containers that receive the image. Default: those whose image has that repository.',
      ),
    'stable-for': duration
      .optional()
      .describe(
        'How long new replicas must stay ready before they count. Default on Compose: 3s. Default on Kubernetes: as long as the liveness probe needs to kill a container, at least 10s.',
      ),
    'drain-timeout': duration
      .prefault('30s')
      .describe('Compose only: time for an old container to finish its requests before it is stopped.'),
  });

const nginxSchema = () =>
  z
    .strictObject({
      service: slug.default('nginx').describe('Name of the Compose service that runs nginx.'),
      upstreams: z
        .string()
        .startsWith('/')
        .default('/etc/nginx/upstreams')
        .describe(
          'Folder in the nginx container, on a volume. Slipway writes SERVICE.conf there, with one server line per container.',
        ),
      ports: z
        .record(slug, z.int().min(1).max(65535))
        .describe('The services behind nginx, and the port that the containers of each listen on.')
        .meta({ examples: [{ backend: 3000 }] }),
    })
    .describe('Your nginx, in the same Compose project.');

/** Docker Compose as the platform. */
export const composeSchema = () =>
  z
    .strictObject({
      files: z
        .array(repositoryPath)
        .min(1)
        .describe('Compose files, merged in this order.')
        .meta({ examples: [['docker-compose.prod.yml']] }),
      project: slug.optional().describe('Name of the Compose project. Default: the name of the app.'),
      host: z
        .string()
        .regex(/^(ssh|tcp|unix):\/\//, 'ssh://user@host, tcp://host:port or unix:///path')
        .optional()
        .describe('Address of the Docker Engine. Default: DOCKER_HOST, else the current Docker context.')
        .meta({ examples: ['ssh://deploy@production.example.com'] }),
      proxy: z
        .strictObject({ nginx: nginxSchema() })
        .optional()
        .describe(
          'Reverse proxy in front of the services. Without one, a service is reached through Docker DNS, and requests can fail during a rollout.',
        ),
    })
    .describe('Deploy to Docker Compose. Set either "compose" or "kubernetes".');

/** Kubernetes as the platform. */
export const kubernetesSchema = () =>
  z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a namespace')
        .describe('Namespace of everything that is deployed. It must exist.')
        .meta({ examples: ['production'] }),
      manifests: z
        .array(repositoryPath)
        .min(1)
        .describe('YAML files, folders of YAML files, or kustomize directories.')
        .meta({ examples: [['k8s/']] }),
      context: z
        .string()
        .min(1)
        .optional()
        .describe('Context of the kubeconfig. Default: its current context.'),
      kubeconfig: z
        .string()
        .min(1)
        .optional()
        .describe('Path of a kubeconfig, or its content in base64. Default: what kubectl finds.')
        .meta({ examples: ['${KUBE_CONFIG}'] }),
      'fail-fast': z
        .enum(['balanced', 'strict', 'off'])
        .default('balanced')
        .describe(
          'When a failing rollout stops. balanced: at once for a cause that cannot heal, after a grace period for one that can. strict: also at the first crash, and when readiness takes three times as long as its probe allows. off: only at start-timeout.',
        ),
      lint: z
        .enum(['warn', 'enforce', 'off'])
        .default('warn')
        .describe(
          'What to do about manifests that can drop requests during a rollout: warn about them, refuse the release, or skip the check.',
        ),
      'force-conflicts': z
        .boolean()
        .default(false)
        .describe('Take over fields that another field manager owns. By default such a conflict is refused.'),
    })
    .describe('Deploy to Kubernetes. Set either "compose" or "kubernetes".');

export type KubernetesConfig = z.output<ReturnType<typeof kubernetesSchema>>;
export type ServiceConfig = z.output<ReturnType<typeof serviceSchema>>;
export type ComposeConfig = z.output<ReturnType<typeof composeSchema>>;
