import type { SourceManifest } from '../source.ts';
import { scrapeSource } from './source.ts';

/** The metrics pages of the application itself. */
export const scrape: SourceManifest<'scrape'> = {
  name: 'scrape',
  open: scrapeSource,
};
