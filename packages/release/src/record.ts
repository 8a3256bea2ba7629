import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { type Phase, phaseSchema } from './evidence.ts';

/** The version of the record's shape that this code writes and reads. */
const recordVersion = 1;

const digest = () => z.string().regex(/^sha256:[0-9a-f]{64}$/);

const serviceSchema = () =>
  z.strictObject({
    /** Repository without tag or digest, e.g. `registry.example.com/docsense-backend`. */
    image: z.string(),
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
    id: z.string().min(1),
    app: z.string(),
    environment: z.string(),
    version: z.string(),
    commit: z.string(),
    /** Who began the release, and the page of that run; absent in records that did not begin in a workflow run. */
    run: z.strictObject({ actor: z.string(), url: z.string() }).optional(),
    services: z.record(z.string(), serviceSchema()),
    database: databaseSchema().nullable(),
    phases: z.array(phaseSchema()),
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

/** @throws UserError for text that is not a record, or a record of a version that this code does not read. */
export function decodeRecord(text: string): ReleaseRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(
      'input "release" is not JSON: pass the output "release" of an earlier Slipway action',
      { cause },
    );
  }
  const version = (value as { schema?: unknown } | null)?.schema;
  if (version !== recordVersion) {
    throw new UserError(
      `input "release" has record version ${JSON.stringify(version) ?? 'none'}; this action reads version ${recordVersion}`,
      {
        hint: 'Use the same release of Slipway for every action of the workflow.',
      },
    );
  }
  const parsed = recordSchema().safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(
    `input "release" is not a release record: ${issue?.path.join('.')}: ${issue?.message}`,
    {
      hint: 'Pass the output "release" of an earlier Slipway action unchanged.',
    },
  );
}

/**
 * Merges the records of jobs of one release that ran concurrently: the phases in the order in which they began, and what
 * each job recorded about services and the database. @throws UserError when they belong to different releases.
 */
export function mergeRecords(a: ReleaseRecord, b: ReleaseRecord): ReleaseRecord {
  if (a.id !== b.id) {
    throw new UserError(`input "release" mixes records of two releases, ${a.id} and ${b.id}`);
  }
  const phases = [...a.phases, ...b.phases].sort((one, other) =>
    one.startedAt.localeCompare(other.startedAt),
  );
  const verdict = a.verdict === 'in-progress' ? b.verdict : a.verdict;
  return {
    ...a,
    services: { ...a.services, ...b.services },
    database: b.database ?? a.database,
    phases,
    verdict,
  };
}

export function encodeRecord(record: ReleaseRecord): string {
  return JSON.stringify(record);
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
