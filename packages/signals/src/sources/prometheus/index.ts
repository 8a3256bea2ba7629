import type { SourceManifest } from '../source.ts';
import { prometheusSource } from './source.ts';

/** A Prometheus, or what speaks its API: it sees every replica. */
export const prometheus: SourceManifest<'prometheus'> = {
  name: 'prometheus',
  open: prometheusSource,
};
