import { UserError } from '@slipway/kernel';
import * as z from 'zod';
import { encodeEntry, type ReleaseEntry, releaseEntrySchema } from './release-entry.ts';

/** The version of the shape of the state that this code writes and reads. */
const stateVersion = 1;

/**
 * What a target knows of one application in one environment. It is the only authority: what runs, what was proven and
 * what comes next are decided from it alone.
 */
export interface TargetState {
  app: string;
  environment: string;
  /** The highest fencing number that wrote. A writer with a lower one was overtaken, and is refused. */
  fence: number;
  /** The sequence number that was given last. */
  sequence: number;
  /** Newest first. */
  releases: readonly ReleaseEntry[];
  /** Entries that could not be read: why, one sentence each. They decide nothing and are removed with the next write. */
  unreadable: readonly string[];
}

const stateSchema = z.object({
  schema: z.literal(stateVersion),
  app: z.string(),
  environment: z.string(),
  fence: z.int().nonnegative(),
  sequence: z.int().nonnegative(),
  releases: z.array(z.unknown()).max(1000),
});

/** The state of a target that has never seen a release. */
export function emptyState(app: string, environment: string): TargetState {
  return { app, environment, fence: 0, sequence: 0, releases: [], unreadable: [] };
}

/**
 * Reads the state from the text that the target holds, entry by entry: one that cannot be read blocks nothing and is
 * named in `unreadable`.
 * @throws UserError when it was written by a newer Slipway, belongs to another application, or does not hold a state.
 */
export function parseState(text: string, app: string, environment: string): TargetState {
  const parsed = stateSchema.safeParse(parseJson(text));
  if (!parsed.success) throw unreadableState(text);
  const { releases, fence, sequence } = parsed.data;
  if (parsed.data.app !== app || parsed.data.environment !== environment)
    throw new UserError(
      `the state on the target belongs to ${parsed.data.app} in ${parsed.data.environment}, not to ${app} in ${environment}`,
    );
  const read = releases.map((one) => ({ one, result: releaseEntrySchema.safeParse(one) }));
  const entries = read.flatMap(({ result }) => (result.success ? [result.data] : []));
  return {
    app,
    environment,
    fence,
    sequence: Math.max(sequence, ...entries.map((entry) => entry.sequence)),
    releases: entries.sort((a, b) => b.sequence - a.sequence),
    unreadable: read.flatMap(({ one, result }, index) =>
      result.success ? [] : [`${nameOf(one, index)}: ${describeIssue(result.error)}`],
    ),
  };
}

/** The text that holds the state on the target. */
export function encodeState(state: TargetState, writer: string): string {
  const { app, environment, fence, sequence, releases } = state;
  const entries = releases.map(encodeEntry);
  return JSON.stringify({
    schema: stateVersion,
    writer,
    app,
    environment,
    fence,
    sequence,
    releases: entries,
  });
}

/**
 * The newest release that is not settled. There is one at most, but for a release that was begun to replace one that cannot
 * be rolled back; see `changingRelease`.
 */
export function unfinishedRelease(state: TargetState): ReleaseEntry | undefined {
  return state.releases.find((one) => !isSettled(one));
}

/** The unfinished release that the target runs in part or whole. There is one at most. */
export function changingRelease(state: Pick<TargetState, 'releases'>): ReleaseEntry | undefined {
  return state.releases.find(({ phase }) => changingPhases.has(phase));
}

export function isSettled({ phase }: ReleaseEntry): boolean {
  return settledPhases.has(phase);
}

const settledPhases: ReadonlySet<ReleaseEntry['phase']> = new Set(['proven', 'failed', 'restored']);
const changingPhases: ReadonlySet<ReleaseEntry['phase']> = new Set(['rolling', 'serving', 'restoring']);

/** The release that serves when none is unfinished: the last one that is proven. */
export function provenRelease(state: TargetState): ReleaseEntry | undefined {
  return state.releases.find(({ phase }) => phase === 'proven');
}

/** Releases after this one whose migrations are in the database, newest first. */
export function releasesWithMigrations(
  { releases }: Pick<TargetState, 'releases'>,
  sequence: number,
): ReleaseEntry[] {
  return releases.filter(
    (one) => one.sequence > sequence && one.database !== 'none' && one.reverted !== true,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadableState(text: string): UserError {
  const version = z.object({ schema: z.number() }).safeParse(parseJson(text)).data?.schema;
  if (version !== undefined && version > stateVersion)
    return new UserError(
      `a newer Slipway wrote the state on the target: it has version ${version}, this one reads ${stateVersion}`,
      { hint: 'Use the release of Slipway that the last release of this application used, or a newer one.' },
    );
  return new UserError('the state on the target cannot be read: it was changed by something else', {
    hint: 'Restore it from a backup of the target, or delete it: then the next release takes what runs for what was there before.',
  });
}

function nameOf(entry: unknown, index: number): string {
  const { data } = z.object({ id: z.string().max(300) }).safeParse(entry);
  return data ? `release ${data.id}` : `release ${index + 1} of the list`;
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the entry'}: ${issue?.message ?? 'cannot be read'}`;
}
