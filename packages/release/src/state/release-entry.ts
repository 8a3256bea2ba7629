import { formatImage, type ImageReference, readImage } from '@slipway/kernel';
import * as z from 'zod';

/**
 * How far a release has come. Each phase is written to the target before the act that it names:
 *
 *     begun → migrated → rolling → serving → proven
 *       └────────┴→ failed   └────────┴→ restoring → restored
 *
 * `failed`: given up before a service was changed, or replaced by a release because it could not be rolled back. `restored`: what it replaced serves again. `proven`: the watch passed.
 * A rollback that replaced nothing, or that is taken back, leads from `restoring` to `proven` again.
 */
export type ReleasePhase = z.infer<typeof phase>;

const phase = z.enum([
  'begun',
  'migrated',
  'rolling',
  'serving',
  'proven',
  'failed',
  'restoring',
  'restored',
]);

/** On the target, `image` is the repository when there is a digest, and else the whole reference. */
const releasedService = z
  .object({
    image: z.string().max(1000),
    digest: z.string().max(100).nullable(),
    release: z.string().max(300).nullable(),
  })
  .transform(
    ({ image, digest, release }): ReleasedService => ({ image: storedImage(image, digest), release }),
  );

/** The image of a service, and the release that its replicas are labelled with; null when Slipway did not create them. */
export interface ReleasedService {
  image: ImageReference;
  release: string | null;
}

const runSchema = z.object({
  id: z.string().max(200),
  attempt: z.string().max(20),
  actor: z.string().max(200),
  url: z.string().max(500),
});

/** Whether the version was checked, and the names of the checks that passed. */
const smokeProof = z.object({
  version: z.boolean(),
  checks: z.array(z.string().max(300)).max(500),
});

/**
 * One release in the state of a target. Times are ISO 8601 in UTC, by the clock of the target. A key that a later Slipway has
 * added is ignored: what an earlier one must know raises `stateVersion`.
 */
export const releaseEntrySchema = z.object({
  /** Given by the target, one higher than the release before: the order of releases. */
  sequence: z.int().positive(),
  id: z.string().min(1).max(300),
  version: z.string().max(200),
  commit: z.string().max(100),
  run: runSchema,
  phase,
  begunAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  /** When it was proven; remains when it is rolled back later. */
  provenAt: z.iso.datetime().nullable(),
  /** What it runs, in rollout order. Empty until it is rolled out, and in old entries of which only this line is retained. */
  services: z.record(z.string(), releasedService),
  /** What each of its services is restored to; null for a service that did not exist. */
  previous: z.record(z.string(), releasedService.nullable()),
  /** The release that `previous` belongs to, by its sequence; null when that was not made by Slipway. */
  previousSequence: z.int().positive().nullable(),
  /** While `restoring` and after it: the release that serves again; null as above. */
  restoredSequence: z.int().positive().nullable(),
  /** While `restoring`: somebody asked for it; no step of its own run has found it bad. */
  asked: z.literal(true).optional(),
  /** The runs of people that took it back, newest last: run again, they take nothing else back. */
  takenBackBy: z.array(z.string().max(300)).max(100).optional(),
  /** `contract`: what served before this release may not run on the schema any more. */
  database: z.enum(['none', 'expand', 'contract']),
  /** Every contract migration that was applied when it was rolled out; absent when that was not known. */
  contracts: z.array(z.string().max(500)).max(10_000).optional(),
  /** A rollback has taken its migrations back: the schema is as if it had not been. */
  reverted: z.literal(true).optional(),
  /** While it is restored: what the old database is called once a backup has taken its place. */
  oldDatabase: z.string().max(100).optional(),
  /** The health checks that its services passed in the rollout, each as a fingerprint; absent when that is not known. */
  health: z.record(z.string(), z.string().max(64)).optional(),
  /** What its smoke test proved; absent when that is not known. */
  smoke: smokeProof.optional(),
});

export type ReleaseEntry = z.output<typeof releaseEntrySchema>;
/** What a release answered correctly when it was proven. */
export type SmokeProof = z.infer<typeof smokeProof>;
/** The run of a workflow that a release belongs to. */
export type ReleaseRun = z.infer<typeof runSchema>;
/** An entry as it is written: what the schema above reads. */
export type StoredEntry = z.input<typeof releaseEntrySchema>;

/** A service as a JSON value. */
export function encodeService({ image, release }: ReleasedService): z.input<typeof releasedService> {
  const { repository, digest } = image;
  return { image: digest === null ? formatImage(image) : repository, digest, release };
}

/** Services as JSON values, for the state or an output. */
export function encodeServices<Service extends ReleasedService | null>(
  services: Readonly<Record<string, Service>>,
): Record<string, z.input<typeof releasedService> | (Service extends null ? null : never)> {
  const entries = Object.entries(services).map(([name, service]) => [
    name,
    service && encodeService(service),
  ]);
  return Object.fromEntries(entries);
}

/** How a release is named for people: its version, or its id when it has none. */
export function releaseName({ version, id }: Pick<ReleaseEntry, 'version' | 'id'>): string {
  return version === '' ? id : version;
}

export function encodeEntry(entry: ReleaseEntry): StoredEntry {
  return {
    ...entry,
    services: encodeServices(entry.services),
    previous: encodeServices(entry.previous),
  };
}

/** An image that is known by an id alone has no repository; the id is carried in its place, so that it is written as it came. */
function storedImage(reference: string, digest: string | null): ImageReference {
  const image = readImage(reference) ?? { repository: reference, tag: null, digest: null };
  return digest === null ? image : { repository: image.repository, tag: null, digest };
}
