import * as z from 'zod';
import { duration, httpUrl, jsonAssertions, slug } from './scalars.ts';

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, without "${}"');

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

/** Whether Docker fetches the build context, such as `https://github.com/owner/repository.git#main`. */
export function isRemoteContext(context: string): boolean {
  return /^(https?|git|ssh):\/\/|^git@/.test(context);
}

const buildSchema = () =>
  z
    .strictObject({
      context: z
        .string()
        .min(1)
        .default('.')
        .describe(
          'Build context, relative to the root of the repository, or an address that Docker fetches.',
        ),
      dockerfile: z
        .string()
        .default('Dockerfile')
        .describe('Path of the Dockerfile, relative to the context.'),
      target: z.string().optional().describe('Stage of a multi-stage Dockerfile. Default: the last one.'),
      args: z
        .record(z.string(), z.string())
        .default({})
        .describe(
          'Build arguments, in addition to VERSION and COMMIT, which are always passed. They remain readable in the image: a secret is refused here and belongs in `secrets`.',
        )
        .meta({ examples: [{ BASE_IMAGE: 'node:24-slim' }] }),
      secrets: z
        .record(z.string().regex(/^[A-Za-z0-9_.-]+$/, 'letters, digits, ".", "_" and "-"'), variableName)
        .default({})
        .describe(
          'Secrets of the build by id, each with the name of the environment variable that holds it. A step of the Dockerfile reads one with `RUN --mount=type=secret,id=…`; none remains in the image.',
        )
        .meta({ examples: [{ npm_token: 'NPM_TOKEN' }] }),
      'stall-timeout': duration
        .prefault('3m')
        .describe('An upload without progress for this long is ended and tried again.'),
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

export type ServiceConfig = z.output<ReturnType<typeof serviceSchema>>;
