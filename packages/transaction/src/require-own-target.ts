import { describeError, Fault, type Log, UserError } from '@slipway/kernel';
import type { Neighbour, Platform } from '@slipway/platform';
import { changingRelease, parseState, provenRelease, type ReleaseEntry, releaseName } from '@slipway/release';

interface Context {
  config: { app: string; services: Readonly<Record<string, unknown>> };
  environment: string;
  log: Pick<Log, 'warn'>;
}

/**
 * Before a deploy: no other application or environment has the replicas of these services. Each has a separate state and
 * lease, so that a release of the one would replace what the other has proven, and nothing would notice.
 * @throws UserError that names all of them, and how to separate them.
 */
export async function requireOwnTarget(
  context: Context,
  platform: Pick<Platform, 'scope' | 'neighbours'>,
): Promise<void> {
  const { config, environment } = context;
  const conflicts: Conflict[] = [];
  for (const neighbour of await platform.neighbours())
    conflicts.push(...(await conflictsWith(neighbour, context)));
  if (conflicts.length === 0) return;
  const { title, key } = platform.scope;
  const runs = conflicts.map((one) => one.runs).join(' and ');
  throw new UserError(
    `${title} runs ${runs}: a release of ${config.app} in ${environment} would replace it`,
    {
      hint: [
        `Set ${key} for the environment "${environment}" to a name that no other one has. Nothing was changed.`,
        ...conflicts.map(({ remedy }) => remedy),
      ].join(' '),
    },
  );
}

interface Conflict {
  /** What runs that would be replaced. */
  runs: string;
  /** What to do when nobody deploys it any more. */
  remedy: string;
}

/** @returns one conflict at most. */
async function conflictsWith(neighbour: Neighbour, context: Context): Promise<Conflict[]> {
  const services = Object.keys(context.config.services);
  const { app, environment } = neighbour.owner;
  for (const release of servingReleases(neighbour, context)) {
    const theirs = { id: release.id, services: Object.keys(release.services) };
    const shared = await neighbour.sharedWith(services, theirs).catch(unknown(neighbour, context));
    if (shared.length === 0) continue;
    return [
      {
        runs: `${shared.join(', ')} of ${app} in ${environment} (${releaseName(release)})`,
        remedy: `When nobody deploys ${app} to ${environment} there any more, delete that state: ${neighbour.removal}`,
      },
    ];
  }
  return [];
}

/** What of it cannot be read keeps nobody from deploying. @throws Cancelled, and that the target does not answer. */
function unknown({ owner: { app, environment } }: Neighbour, { log }: Context) {
  return (error: unknown): string[] => {
    if (!(error instanceof UserError || error instanceof Fault)) throw error;
    log.warn(`cannot see what ${app} in ${environment} runs on this target: ${describeError(error)}`);
    return [];
  };
}

/** The releases that run there, whole or in part. What cannot be read is said, and keeps nobody from deploying. */
function servingReleases({ owner, text }: Neighbour, { log }: Context): ReleaseEntry[] {
  const { app, environment } = owner;
  try {
    const state = parseState(text, app, environment);
    return [changingRelease(state), provenRelease(state)].flatMap((release) => release ?? []);
  } catch (error) {
    log.warn(`cannot see what ${app} in ${environment} runs on this target: ${describeError(error)}`);
    return [];
  }
}
