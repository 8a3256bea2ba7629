import { UserError } from '@slipway/kernel';
import type * as z from 'zod';
import { type Chosen, chosen } from '../chosen.ts';
import { prometheusSchema } from './prometheus.ts';
import { scrapeSchema } from './scrape.ts';

/** The sources of metrics, by their key under `watch`. A further one is one line here. */
export const sources = () => ({
  scrape: scrapeSchema().optional(),
  prometheus: prometheusSchema().optional(),
});

type Sections = z.output<z.ZodObject<ReturnType<typeof sources>>>;

/** The metrics source of a watch, tagged with its name. */
export type SourceConfig<Name extends SourceName = SourceName> = Chosen<Required<Sections>, Name>;
export type SourceName = keyof Sections;

/** The one metrics source of a watch. @throws UserError when there is none, or several. */
export function sourceOf(watch: Sections): SourceConfig {
  const names = Object.keys(sources()) as SourceName[];
  const written = Object.fromEntries(names.map((name) => [name, watch[name]]));
  const [source, ...others] = chosen(written as Required<Sections>);
  if (!source) {
    throw new UserError(`watch has no metrics source: expected one of ${names.join(', ')}`, {
      hint: 'Set watch.prometheus.url, or watch.scrape.urls to the metrics pages of the application.',
    });
  }
  if (others.length === 0) return source;
  const several = [source, ...others].map(({ name }) => `"${name}"`).join(' and ');
  throw new UserError(`watch has ${others.length + 1} metrics sources: ${several}`, {
    hint: 'Keep one, or the same requests would be counted several times. Prometheus sees every replica.',
  });
}
