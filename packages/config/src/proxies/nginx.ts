import * as z from 'zod';
import { slug } from '../scalars.ts';

/** nginx as the reverse proxy. */
export const nginxSchema = () =>
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
