import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Engine, provision, type Registry } from '@slipway/test-services';
import { makeRepository, type Repository } from './repository.ts';
import { openCompose } from './stage/compose.ts';
import { openKubernetes } from './stage/kubernetes.ts';
import { root, startParts } from './stage/parts.ts';
import type { Parts, Site, Venue } from './stage/site.ts';

export type { Site };
export { root };

/** The application that is released, unless a stage has another copy of it. */
const docsense = path.join(root, 'workflows-examples/docsense');

export const platforms = ['compose', 'kubernetes'] as const;
export type PlatformName = (typeof platforms)[number];

/** Everything a release of the example needs to be real: platform, registry, database, repository. */
export interface Stage extends Site {
  platform: PlatformName;
  /** Configuration and caller workflow that belong to the platform, as paths in the repository. */
  config: string;
  workflow: string;
  repository: Repository;
  registry: string;
  engine: Engine;
  /** Folder of this stage: repository, backups, workspaces. */
  dir: string;
  /** Another place on the same platform and registry, for a second environment. */
  addSite(name: string): Promise<Site>;
  stop(): Promise<void>;
}

/**
 * Finds or provisions the servers and lays out a repository. Says what it does, line by line.
 * @param example Folder of the application that the repository is a copy of.
 * @param inFront Puts something in front of the registry, which stops with it.
 */
export async function setStage(
  say: (line: string) => void,
  platform: PlatformName = 'compose',
  example = docsense,
  inFront?: (registry: Registry) => Promise<Registry>,
): Promise<Stage> {
  const forPlatform = platform === 'compose' ? (['compose'] as const) : [];
  await provision(['engine', ...forPlatform, 'buildx', 'registry', 'postgres', 'nginx'], say);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse())
      await end().catch((error) => say(`while cleaning up: ${error}`));
  };
  try {
    return { platform, ...(await assemble(say, { platform, example, inFront }, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Choices {
  platform: PlatformName;
  example: string;
  inFront: ((registry: Registry) => Promise<Registry>) | undefined;
}

async function assemble(
  say: (line: string) => void,
  { platform, example, inFront }: Choices,
  stops: Parts['stops'],
): Promise<Omit<Stage, 'platform' | 'stop'>> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-stage-'));
  stops.push(() => rm(dir, { recursive: true, force: true }));
  const venue: Venue = await (platform === 'compose' ? openCompose(say) : openKubernetes(say));
  stops.push(venue.stop);
  const { engine, config, workflow } = venue;
  const parts = await startParts(venue, { dir, stops }, say, inFront);
  const site = await venue.makeSite(parts, 'docsense');
  const repository = await makeRepository(example, parts.repositoryDir, (copy) => venue.adapt(copy, site));
  const addSite = (name: string): Promise<Site> => venue.makeSite(parts, `docsense_${name}`);
  return { ...site, config, workflow, repository, registry: parts.registry.address, engine, dir, addSite };
}
