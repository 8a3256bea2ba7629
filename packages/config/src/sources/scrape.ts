import * as z from 'zod';
import { httpUrl } from '../scalars.ts';

/** The metrics pages of the application as the source. */
export const scrapeSchema = () =>
  z
    .strictObject({
      urls: z
        .array(httpUrl)
        .min(1)
        .describe('Metrics pages in the Prometheus text format.')
        .meta({ examples: [['https://api.example.com/metrics']] }),
      samples: z
        .int()
        .min(1)
        .max(50)
        .default(4)
        .describe(
          'Requests to each page per sample. Behind a load balancer, one request reaches only one replica.',
        ),
      'instance-label': z
        .string()
        .default('instance')
        .describe('Label that distinguishes one replica from another.'),
    })
    .describe('Metrics source: the application\'s own metrics pages. Set either this or "prometheus".');
