import type { SourceConfig, SourceName } from '@slipway/config';
import { prometheus } from './prometheus/index.ts';
import { scrape } from './scrape/index.ts';
import type { MetricsSource, SourceContext, SourceManifest } from './source.ts';

/** Every source of metrics. A further one is one line here. */
const sources: { [Name in SourceName]: SourceManifest<Name> } = {
  prometheus,
  scrape,
};

/** The source that the configuration names. */
export function openSource<Name extends SourceName>(
  { name, config }: SourceConfig<Name>,
  context: SourceContext,
): MetricsSource {
  return sources[name].open(config, context);
}
