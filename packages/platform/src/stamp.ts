import * as z from 'zod';
import type { Stamp } from './platform.ts';

const stampedService = z.strictObject({
  image: z.string(),
  digest: z.string().nullable(),
  release: z.string().nullable(),
});

/** The shape of a stamp as it is read back from a target. */
export const stampSchema = z.strictObject({
  schema: z.literal(1),
  app: z.string(),
  environment: z.string(),
  release: z.string(),
  version: z.string(),
  commit: z.string(),
  state: z.enum(['started', 'verified', 'restored']),
  at: z.iso.datetime(),
  services: z.record(z.string(), stampedService),
  previous: z.record(z.string(), stampedService.nullable()),
  database: z.enum(['none', 'expand', 'contract']),
  contracts: z.array(z.string()).optional(),
});

/** How many stamps are kept, the last verified one not counted. */
const kept = 10;

/** Whose stamps. */
export type StampScope = Pick<Stamp, 'app' | 'environment'>;

/** A stamp and the name of the object on the target that holds it. */
export interface NamedStamp {
  name: string;
  stamp: Stamp;
}

/** Newest first. */
export function sortStamps(stamps: readonly NamedStamp[]): NamedStamp[] {
  return [...stamps].sort((a, b) => b.stamp.at.localeCompare(a.stamp.at));
}

/** Which stamps may go (newest first is given): the oldest, but never the last verified one. */
export function prunable(stamps: readonly NamedStamp[]): NamedStamp[] {
  const lastVerified = stamps.find(({ stamp }) => stamp.state === 'verified');
  return stamps.slice(kept).filter((entry) => entry !== lastVerified);
}

/** The name of the object that holds a stamp, unique and in order of time. */
export function stampName(scope: string, stamp: Stamp): string {
  const at = stamp.at.replace(/\D/g, '');
  return `slipway-${scope.replaceAll(/[/_]/g, '-')}-${at}-${stamp.state}`.toLowerCase();
}
