import { Cancelled, describeError, Fault, formatImage, UserError } from '@slipway/kernel';
import type { Platform, RunningService } from '@slipway/platform';
import type { Registry } from '@slipway/registry';
import type { ChecklistItem, ReleasedService, RestoreTarget } from '@slipway/release';
import { checkImages } from './check-images.ts';
import type { TargetContext } from './context.ts';

/** What a rehearsal asks. */
interface Rehearsal {
  platform: Platform;
  registry: Pick<Registry, 'manifest'>;
}

/**
 * Proves that a restore could be done, and changes nothing: the target answers, the images are there or can be pulled,
 * what is applied with them is saved, and the rights suffice. One item for each; what fails hides no other.
 */
export async function rehearseRestore(
  context: Pick<TargetContext, 'config'>,
  { platform, registry }: Rehearsal,
  target: RestoreTarget,
): Promise<ChecklistItem[]> {
  const names = Object.keys(target.services);
  const answer = await item('target', 'Target', async () => {
    const { evidence } = await platform.check(names, 'restore');
    checkImages(context, target);
    return evidence;
  });
  if (answer.state !== 'passed') return [answer];
  const observed = await platform.observe(names);
  const services = names.map((name) =>
    item(`service-${name}`, name, () =>
      rehearseService({ platform, registry }, name, target.services[name] ?? null, observed.get(name)),
    ),
  );
  return [answer, ...(await Promise.all(services))];
}

async function rehearseService(
  { platform, registry }: Rehearsal,
  name: string,
  service: ReleasedService | null,
  running: RunningService | undefined,
): Promise<string> {
  if (service === null) return 'would be removed: it did not exist before';
  const { hasImage, configuration } = await platform.findRestoreSource({ name, ...service });
  const where = hasImage ? 'is on the target' : await findImage(registry, service, running);
  return `${formatImage(service.image)} ${where}; ${configuration}`;
}

/**
 * @returns where the image is, as the end of a sentence.
 * @throws UserError when it is nowhere; Fault when that is not known.
 */
async function findImage(
  registry: Rehearsal['registry'],
  { image }: ReleasedService,
  running: RunningService | undefined,
): Promise<string> {
  const { repository, digest, tag } = image;
  const runs = running?.replicas.some((one) => formatImage(one.image) === formatImage(image)) ?? false;
  const found = await registry.manifest(repository, digest ?? tag ?? 'latest').catch((error: unknown) => {
    if (error instanceof Fault) return error;
    throw error;
  });
  if (found instanceof Fault) {
    if (runs) return `runs on the target (the registry cannot be asked: ${describeError(found)})`;
    throw new Fault(`whether ${formatImage(image)} can be pulled is unknown: ${describeError(found)}`, {
      hint: 'Give this step the login of the registry (docker login).',
    });
  }
  if (found) return 'is in the registry';
  if (runs) return 'runs on the target, but the registry does not have it any more';
  throw new UserError(`${formatImage(image)} is gone from the target and from the registry`, {
    hint: 'Push the image again, and let the registry retain the images of the last releases.',
  });
}

/** What is refused fails; anything else that goes wrong leaves it unknown. @throws Cancelled. */
async function item(id: string, title: string, prove: () => Promise<string>): Promise<ChecklistItem> {
  try {
    return { id, title, state: 'passed', evidence: await prove() };
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const { hint } = error as { hint?: string };
    return {
      id,
      title,
      state: error instanceof UserError ? 'failed' : 'unknown',
      evidence: describeError(error),
      ...(hint ? { remedy: hint } : {}),
    };
  }
}
