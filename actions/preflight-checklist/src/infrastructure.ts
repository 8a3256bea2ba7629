import { openPlatform } from '@slipway/platform';
import type { ActionContext } from '@slipway/runner';
import { type Finding, failed, passed, skipped } from './checklist.ts';
import type { ReadSections } from './configuration.ts';

type Context = Pick<
  ActionContext<unknown, 'preflight'>,
  'config' | 'environment' | 'workspace' | 'temp' | 'exec' | 'http' | 'clock' | 'signal' | 'log'
>;

/** Milliseconds for connecting and the first answer together. */
const databaseTimeout = 10_000;

const incomplete = 'not tried: its part of the configuration could not be read';

/** Connects to the database and asks it one question. */
export async function judgeDatabase({ config, unread }: ReadSections, { signal }: Context): Promise<Finding> {
  if (!config.database)
    return skipped(unread.has('database') ? incomplete : 'the configuration has no database');
  const { probeDatabase } = await import('@slipway/database');
  const probe = await probeDatabase(config.database.url, { timeout: databaseTimeout, signal });
  if (!probe.ok) return failed(`the database cannot be reached: ${probe.reason}`, probe.hint);
  return passed(`the database answers: PostgreSQL ${probe.version}`);
}

/** Asks the platform whether the services can be rolled out. */
export async function judgePlatform({ config, unread }: ReadSections, context: Context): Promise<Finding> {
  const { services, compose } = config;
  if (!services || unread.has('compose')) return skipped(incomplete);
  const platform = openPlatform({ ...context, config: { app: context.config.app, services, compose } });
  const { evidence } = await platform.check(Object.keys(services));
  return passed(evidence);
}
