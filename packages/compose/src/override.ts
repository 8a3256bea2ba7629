import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { formatImage } from '@slipway/kernel';
import type { Purpose } from '@slipway/platform';
import { Document, parse, Scalar } from 'yaml';
import * as z from 'zod';
import { labels } from './argv.ts';
import type { ComposeModel } from './engine.ts';
import { exclusiveKeys } from './exclusive-keys.ts';
import type { ServiceRollout } from './partition.ts';
import type { ComposeTarget } from './target.ts';

/**
 * Reads the Compose files, those of an earlier release where they were saved. For a restore, container_name is removed
 * first: together with replicas, it keeps Compose from reading the files at all.
 */
export async function readModel(
  target: ComposeTarget,
  purpose: Purpose,
  saved: string | null,
): Promise<ComposeModel> {
  if (purpose === 'deploy') return target.engine.model(null);
  const names = saved === null ? Object.keys(target.services) : await servicesIn(saved);
  return target.engine.model(await writeFileFor(target, withoutNames(new Document({}), names)), saved);
}

/**
 * Writes the file that is merged over the Compose files: the image and the label of the release. The image is on the
 * engine by then: with another pull_policy, Compose would need the registry to start it, also for a rollback. For a restore it also
 * removes the keys that would keep the restored containers from starting next to those that run. What ran before had
 * none of them, since a rollout with them is refused: they came with the files of the new release.
 */
export async function writeOverride(rollout: ServiceRollout): Promise<string> {
  const { target, desired, purpose, model } = rollout;
  const { name, image, release } = desired;
  const marked = release === null ? {} : { labels: { [labels.release]: release } };
  const own = { image: formatImage(image), pull_policy: 'missing', ...marked };
  const override = new Document({ services: { [name]: own } });
  if (purpose === 'deploy') return writeFileFor(target, override);
  for (const { path: at } of exclusiveKeys(model.services[name] ?? {}))
    override.setIn(['services', name, ...at], resetTag());
  return writeFileFor(target, withoutNames(override, Object.keys(model.services)));
}

/** The services of a saved Compose file, which need not be those of the configuration. */
async function servicesIn(file: string): Promise<string[]> {
  const saved = z.object({ services: z.record(z.string(), z.unknown()) });
  return Object.keys(saved.parse(parse(await readFile(file, 'utf8'))).services);
}

/** Removes container_name from services, all of which the Compose files must have. */
function withoutNames(override: Document, services: readonly string[]): Document {
  for (const name of services) override.setIn(['services', name, 'container_name'], resetTag());
  return override;
}

async function writeFileFor({ temp }: ComposeTarget, override: Document): Promise<string> {
  const file = path.join(await mkdtemp(path.join(temp, 'compose-')), 'slipway.yml');
  await writeFile(file, override.toString());
  return file;
}

/** `!reset null`: how an override removes a key of the files before it (Compose 2.18). */
function resetTag(): Scalar {
  const node = new Scalar(null);
  node.tag = '!reset';
  return node;
}
