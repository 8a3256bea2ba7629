import { formatImage } from '@slipway/kernel';
import * as z from 'zod';
import { reportedImage } from './image.ts';
import type { Stamp, StampedService } from './platform.ts';

/** On the target, `image` is the repository when there is a digest, and else the whole reference. */
const stampedService = z
  .strictObject({ image: z.string(), digest: z.string().nullable(), release: z.string().nullable() })
  .transform(
    ({ image, digest, release }): StampedService => ({ image: reportedImage(image, digest), release }),
  );

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

/** A service as it is written: what the schema above reads. */
export function encodeService(service: StampedService): z.input<typeof stampedService> {
  const { image, release } = service;
  const { repository, digest } = image;
  return { image: digest === null ? formatImage(image) : repository, digest, release };
}

/** Services as JSON values, for a stamp or an output. */
export function encodeServices(
  services: Readonly<Record<string, StampedService | null>>,
): Record<string, z.input<typeof stampedService> | null> {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, service && encodeService(service)]),
  );
}

/** The text that holds a stamp on the target. */
export function encodeStamp(stamp: Stamp): string {
  return JSON.stringify({
    ...stamp,
    services: encodeServices(stamp.services),
    previous: encodeServices(stamp.previous),
  });
}

/** Stamps that are retained, in addition to those that `prunable` spares. */
const maxStamps = 10;

/** The application and environment that stamps belong to. */
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

/**
 * Which stamps can be deleted: the oldest, but never the last verified one, nor the last one that lists the contract
 * migrations a release is proven to run on. Pure.
 * @param stamps Newest first.
 */
export function prunable(stamps: readonly NamedStamp[]): NamedStamp[] {
  const lastVerified = stamps.find(({ stamp }) => isVerified(stamp));
  const lastBaseline = stamps.find(({ stamp }) => isVerified(stamp) && stamp.contracts);
  return stamps.slice(maxStamps).filter((entry) => entry !== lastVerified && entry !== lastBaseline);
}

function isVerified({ state }: Stamp): boolean {
  return state === 'verified';
}

/** Contract migrations that no release is proven to run on. */
export interface UnprovenContractMigrations {
  versions: string[];
  /** Whether a verified stamp lists contract migrations at all; where none does, none of them is proven. */
  hasBaseline: boolean;
}

/**
 * Compares the contract migrations of a database with those that a release is proven to run on: those in the newest
 * verified stamp that lists them. Before any release is verified, what is applied may be years old: then none counts as
 * unproven. Pure.
 * @param stamps Newest first.
 */
export function unprovenContractMigrations(
  contracts: readonly string[],
  stamps: readonly Stamp[],
): UnprovenContractMigrations {
  const verified = stamps.filter(isVerified);
  const proven = verified.find((stamp) => stamp.contracts)?.contracts;
  const versions = verified.length > 0 ? contracts.filter((version) => !proven?.includes(version)) : [];
  return { versions, hasBaseline: proven !== undefined };
}

/** The name of the object that holds a stamp, unique and in order of time. */
export function stampName(scope: string, stamp: Stamp): string {
  const at = stamp.at.replace(/\D/g, '');
  return `slipway-${scope.replaceAll(/[/_]/g, '-')}-${at}-${stamp.state}`.toLowerCase();
}
