import * as path from 'node:path';
import { execOrThrow } from '@slipway/test-services';
import { editYaml } from '../../demo/repository.ts';
import { type Stage, setStage } from '../../demo/stage.ts';
import { services, tagDigest } from '../../demo/target-state.ts';

/** Everything an action sees of the stage: settings, secrets, and where the engine is. */
export function stepEnvironment(stage: Stage): Record<string, string> {
  const lines = (values: Record<string, string>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n');
  const { SLIPWAY_SECRETS: others = '', ...secrets } = stage.secrets;
  return {
    ...stage.engine.env,
    SLIPWAY_ENV: lines(stage.settings),
    SLIPWAY_SECRETS: `${lines(secrets)}\n${others}`,
  };
}

/** A stage whose services have to be stable for a second only: what the time is for is tested elsewhere. */
export async function quickStage(): Promise<Stage> {
  const stage = await setStage(() => {});
  const { repository, config, settings } = stage;
  settings.STABLE_FOR = '1s';
  for (const name of services)
    await editYaml(path.join(repository.dir, config), ['services', name, 'stable-for'], '${STABLE_FOR}');
  return stage;
}

/** Builds and pushes a version of the example by hand. @returns lines for the input `images` of rollout. */
export async function buildVersion(stage: Stage, version: string, fault = 'none'): Promise<string> {
  await stage.repository.commit(version, { 'backend/FAULT': `${fault}\n` });
  const { BASE_IMAGE, DEPENDENCIES } = stage.settings;
  const args = [`BASE_IMAGE=${BASE_IMAGE}`, `DEPENDENCIES=${DEPENDENCIES}`, `VERSION=${version}`];
  const lines: string[] = [];
  for (const name of services) {
    const tag = `${stage.registry}/docsense-${name}:${version}`;
    const context = path.join(stage.repository.dir, name);
    const flags = args.flatMap((arg) => ['--build-arg', arg]);
    const argv = ['docker', 'buildx', 'build', '--push', '--tag', tag, ...flags, context] as [
      string,
      ...string[],
    ];
    await execOrThrow(`build ${tag}`, argv, { env: stage.engine.env });
    lines.push(`${name}=${stage.registry}/docsense-${name}@${await tagDigest(stage, name, version)}`);
  }
  return lines.join('\n');
}

/** Checks the commit of a version out, as a job does before it releases that version. */
export async function checkOutVersion({ repository }: Stage, version: string): Promise<void> {
  const argv = ['git', '-C', repository.dir, 'checkout', '--quiet', `v${version}`] as const;
  await execOrThrow(`check out v${version}`, [...argv]);
}

/** Loads the schema without db-migrate, for tests that are about something else. */
export async function loadSchema(stage: Stage): Promise<void> {
  const files = [
    'docs/database/event_store_schema.sql',
    'docs/database/projection_failure_tracking.sql',
    'migrations/001_documents_projection.sql',
    'migrations/002_document_source.sql',
  ];
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: stage.databaseUrl });
  await client.connect();
  for (const file of files) await client.query(await stage.repository.read(file));
  await client.end();
}
