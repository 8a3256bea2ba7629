import * as z from 'zod';
import { httpUrl } from '../scalars.ts';

/** A Prometheus server as the source. */
export const prometheusSchema = () =>
  z
    .strictObject({
      url: httpUrl
        .describe('Address of the Prometheus server. May contain a user and password.')
        .meta({ examples: ['https://prometheus.example.com'] }),
      matchers: z
        .string()
        .default('')
        .describe('PromQL label matchers that are added to every selector.')
        .meta({ examples: ['job="docsense"'] }),
    })
    .describe('Metrics source: a Prometheus server. Set either this or "scrape".');
