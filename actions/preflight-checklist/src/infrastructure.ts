import { DatabaseUrl } from '@slipway/kernel';
import type { ActionContext } from '@slipway/runner';
import { programFinder } from '@slipway/runner/programs';
import { openPlatform } from '@slipway/targets';
import { requireOwnTarget } from '@slipway/transaction';
import { type Finding, failed, passed, skipped } from './checklist.ts';
import type { ReadSections } from './configuration.ts';

type Context = Pick<
  ActionContext<unknown, 'preflight'>,
  'config' | 'environment' | 'workspace' | 'temp' | 'exec' | 'http' | 'clock' | 'signal' | 'log' | 'redactor'
>;

/** For connecting and the first answer together. */
const databaseTimeoutMs = 10_000;

const incomplete = 'not checked: its section of the configuration could not be read';

const malformedUrl =
  'Write it as postgresql://user:password@host:port/database, with special characters of the password percent-encoded.';

/** Connects to the database and reads its version. */
export async function judgeDatabase(
  { config, unread }: ReadSections,
  { signal, redactor }: Context,
): Promise<Finding> {
  if (!config.database)
    return skipped(unread.has('database') ? incomplete : 'the configuration has no database');
  const { probeDatabase } = await import('@slipway/postgres');
  const read = DatabaseUrl.read(config.database.url);
  if (!read.ok) return failed(`the database URL ${read.problem}`, malformedUrl);
  const probe = await probeDatabase(read.url, { timeoutMs: databaseTimeoutMs, signal, redactor });
  if (!probe.ok) return failed(`cannot connect to the database: ${probe.reason}`, probe.hint);
  return passed(`connected to the database: PostgreSQL ${probe.version}`);
}

/** Asks the platform whether the services can be rolled out. */
export async function judgePlatform({ config, unread }: ReadSections, context: Context): Promise<Finding> {
  const { services, target, programs = {} } = config;
  if (!services || unread.has('target')) return skipped(incomplete);
  const { app } = context.config;
  const find = programFinder({ ...context, config: { programs } });
  const opening = { ...context, config: { app, services } };
  const platform = await openPlatform(target ?? null, opening, find);
  const { evidence } = await platform.check(Object.keys(services), 'deploy');
  await requireOwnTarget(opening, platform);
  return passed(evidence);
}

/**
 * What will prove the release once it runs. Without it, the release would be rolled out first and refused afterwards.
 */
export function judgeProof({ config, unread }: ReadSections): Finding {
  const missing = (['smoke', 'watch'] as const).filter((section) => !config[section] && !unread.has(section));
  if (missing.length === 0) return passed('smoke checks and a watch are configured');
  return failed(
    `the configuration has no ${missing.map((name) => `"${name}"`).join(' and no ')}: nothing would prove the release`,
    'Add smoke checks, and a metrics source to watch.',
  );
}

/** The version tags the images, and the smoke test expects it. */
export function judgeVersion(version: string): Finding {
  if (version !== '') return passed(`version ${version}`);
  return failed(
    'the input "version" is empty and the run was not started by a tag',
    'Set the input "version".',
  );
}
