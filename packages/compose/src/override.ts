import { mkdtemp, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { formatImage } from '@slipway/kernel';
import { Document, Scalar } from 'yaml';
import { labels } from './argv.ts';
import { exclusiveKeys } from './exclusive-keys.ts';
import type { ServiceRollout } from './partition.ts';

/**
 * Writes the file that is merged over the Compose files: the image and the label of the release. For a restore it also
 * removes the keys that would keep the restored containers from starting next to those that run. What ran before had
 * none of them, since a rollout with them is refused: they came with the files of the new release.
 */
export async function writeOverride(rollout: ServiceRollout): Promise<string> {
  const { target, desired, purpose, model } = rollout;
  const { name, image, release } = desired;
  const marked = release === null ? {} : { labels: { [labels.release]: release } };
  const override = new Document({ services: { [name]: { image: formatImage(image), ...marked } } });
  const removed = purpose === 'restore' ? exclusiveKeys(model.services[name] ?? {}) : [];
  for (const { path: at } of removed) override.setIn(['services', name, ...at], resetTag());
  const folder = await mkdtemp(path.join(target.temp, 'compose-'));
  const file = path.join(folder, 'slipway.yml');
  await writeFile(file, override.toString());
  return file;
}

/** `!reset null`: how an override removes a key of the files before it (Compose 2.18). */
function resetTag(): Scalar {
  const node = new Scalar(null);
  node.tag = '!reset';
  return node;
}
