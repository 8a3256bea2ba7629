import * as z from 'zod';
import { proxySchema } from '../proxies/index.ts';
import { repositoryPath, slug } from '../scalars.ts';

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
      proxy: proxySchema()
        .optional()
        .describe(
          'Reverse proxy in front of the services. Without one, a service is reached through Docker DNS, and requests can fail during a rollout.',
        ),
    })
    .describe('Deploy to Docker Compose. Set either "compose" or "kubernetes".');

export type ComposeConfig = z.output<ReturnType<typeof composeSchema>>;
