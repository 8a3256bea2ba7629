import { directHttp } from '@slipway/kernel';
import pg from 'pg';

/** What is true on the target, asked from outside of Slipway. */
export interface TargetState {
  /** Versions that fresh connections answer, with how often. */
  serving: Record<string, number>;
  /** Digest of the tag `latest` per service, null when there is none. */
  latest: Record<string, string | null>;
  schemaVersion: string | null;
  /** Ids of what runs, per service: of containers, or of pods. */
  containers: Record<string, string[]>;
}

export interface TargetAddresses {
  api: string;
  registry: string;
  databaseUrl: string;
  /** Ids of the running containers or pods of a service, in order. */
  replicas(service: string): Promise<string[]>;
}

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export const services = ['backend', 'frontend'] as const;

export async function observeTarget(asked: TargetAddresses): Promise<TargetState> {
  const latest = services.map(async (name) => [name, await tagDigest(asked, name, 'latest')] as const);
  const containers = services.map(async (name) => [name, await asked.replicas(name)] as const);
  return {
    serving: await servedVersions(asked.api),
    latest: Object.fromEntries(await Promise.all(latest)),
    schemaVersion: await schemaVersion(asked.databaseUrl),
    containers: Object.fromEntries(await Promise.all(containers)),
  };
}

async function servedVersions(api: string): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let i = 0; i < 8; i++) {
    const reply = await directHttp.send({ url: `${api}/version`, timeoutMs: 5000 });
    const version =
      reply.ok && reply.status === 200 ? String(JSON.parse(reply.body.data).version) : 'no answer';
    seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

/** Digest that a tag of the registry stands for. */
export async function tagDigest(
  asked: Pick<TargetAddresses, 'registry'>,
  service: string,
  tag: string,
): Promise<string | null> {
  const url = `http://${asked.registry}/v2/docsense-${service}/manifests/${tag}`;
  const reply = await directHttp.send({
    url,
    method: 'HEAD',
    headers: { accept: manifestTypes },
    timeoutMs: 5000,
  });
  return reply.ok && reply.status === 200 ? (reply.headers['docker-content-digest'] ?? null) : null;
}

async function schemaVersion(connectionString: string): Promise<string | null> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1',
    );
    return rows[0]?.version ?? null;
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return null;
    throw error;
  } finally {
    await client.end();
  }
}
