import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { type Phase, phaseSchema } from './evidence.ts';

/** The version of the record's shape and encoding that this code writes and reads. */
export const recordVersion = 2;

const digest = () => z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** What becomes a part of names, labels and arguments. */
const name = () => z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const tag = () => z.string().regex(/^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/);
const repository = () => z.string().regex(/^[A-Za-z0-9[][^\s\p{Cc}]{0,511}$/u);

const serviceSchema = () =>
  z.strictObject({
    /** Repository without tag or digest, e.g. `registry.example.com/docsense-backend`. */
    image: repository(),
    digest: digest().nullable(),
    /** What ran before this release touched the service; null on a first deploy. */
    previous: z
      .strictObject({ image: z.string(), digest: digest().nullable(), release: z.string().nullable() })
      .nullable(),
  });

const databaseSchema = () =>
  z.strictObject({
    /** Schema version before and after; null when no version table existed. */
    before: z.string().nullable(),
    after: z.string().nullable(),
    applied: z.array(z.string()),
    /** `contract`: the previous version of the application may not run on this schema. */
    class: z.enum(['none', 'expand', 'contract']),
    /** Every contract migration that is applied, also by earlier releases; absent when it is not known. */
    contracts: z.array(z.string()).optional(),
    backup: z
      .strictObject({ file: z.string(), manifest: z.string(), sha256: z.string(), bytes: z.int() })
      .nullable(),
  });

const recordSchema = () =>
  z.strictObject({
    schema: z.literal(recordVersion),
    id: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,191}$/),
    app: name(),
    environment: name(),
    version: tag(),
    commit: z.string().regex(/^[0-9a-f]{0,64}$/),
    /** Who began the release, and the page of that run; absent in records that did not begin in a workflow run. */
    run: z.strictObject({ actor: z.string(), url: z.string() }).optional(),
    services: z.record(name(), serviceSchema()),
    database: databaseSchema().nullable(),
    phases: z.array(phaseSchema()),
    /** What was left out so that the record stays small enough to pass between jobs; absent when nothing was. */
    omitted: z.array(z.string()).optional(),
    /** `verified`: the new version serves and is proven. `rolled-back`: the old one serves again and is proven. */
    verdict: z.enum(['in-progress', 'verified', 'refused', 'failed', 'rolled-back']),
  });

/**
 * The release so far: what is being deployed, what it replaced, what each action observed. One JSON value that is passed
 * from action to action; it holds no secret and nothing derived from one.
 */
export type ReleaseRecord = z.infer<ReturnType<typeof recordSchema>>;
export type RecordedDatabase = z.infer<ReturnType<typeof databaseSchema>>;

/** The empty record of a new release. */
export function beginRelease(
  of: Pick<ReleaseRecord, 'id' | 'app' | 'environment' | 'version' | 'commit' | 'run'>,
): ReleaseRecord {
  return { schema: recordVersion, ...of, services: {}, database: null, phases: [], verdict: 'in-progress' };
}

/** @throws UserError for a value that is not a record of this version. */
export function parseRecord(value: unknown): ReleaseRecord {
  const parsed = recordSchema().safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(
    `input "release" is not a release record: ${issue?.path.join('.')}: ${issue?.message}`,
    { hint: 'Pass the output "release" of an earlier Slipway action unchanged.' },
  );
}

/** What all records of one release have in common. */
const common = ['id', 'app', 'environment', 'version', 'commit'] as const;

/**
 * Merges the records of jobs of one release that ran concurrently: the phases in the order in which they began, and what
 * each job recorded about services and the database. @throws UserError when they belong to different releases.
 */
export function mergeRecords(a: ReleaseRecord, b: ReleaseRecord): ReleaseRecord {
  const other = common.find((key) => a[key] !== b[key]);
  if (other) {
    const which = other === 'id' ? '' : `${other} `;
    throw new UserError(
      `input "release" mixes records of two releases, of ${which}${a[other]} and ${which}${b[other]}`,
    );
  }
  const phases = [...a.phases, ...b.phases].sort((one, other) =>
    one.startedAt.localeCompare(other.startedAt),
  );
  const verdict = a.verdict === 'in-progress' ? b.verdict : a.verdict;
  const omitted = [...new Set([...(a.omitted ?? []), ...(b.omitted ?? [])])];
  return {
    ...a,
    ...(omitted.length > 0 ? { omitted } : {}),
    services: { ...a.services, ...b.services },
    database: b.database ?? a.database,
    phases,
    verdict,
  };
}

/** The record with one more phase, and the verdict that this phase implies. */
export function appendPhase(record: ReleaseRecord, phase: Phase): ReleaseRecord {
  return { ...record, phases: [...record.phases, phase], verdict: verdictAfter(record, phase) };
}

function verdictAfter(record: ReleaseRecord, phase: Phase): ReleaseRecord['verdict'] {
  if (phase.name === 'rollback') return phase.outcome === 'passed' ? 'rolled-back' : record.verdict;
  if (phase.tolerated) return record.verdict;
  if (phase.outcome === 'refused') return 'refused';
  if (phase.outcome === 'failed' || phase.outcome === 'inconclusive') return 'failed';
  return phase.name === 'promote' && phase.outcome === 'passed' ? 'verified' : record.verdict;
}
