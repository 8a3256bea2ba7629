import { Cancelled, describeError, Fault, formatImage, UserError } from '@slipway/kernel';
import type { Platform, RunningService } from '@slipway/platform';
import { openRegistry, type Registry } from '@slipway/registry';
import type { ChecklistItem, ReleasedService, RestoreTarget } from '@slipway/release';
import { checkImages } from './check-images.ts';
import type { TargetContext } from './context.ts';

/** A registry that does not answer decides nothing; it need not be waited for. */
const registryRetryMs = 5000;

/** What a rehearsal has found. */
export interface Rehearsal {
  /** What has to be there for a restore; one that has not passed keeps it from being done. */
  items: ChecklistItem[];
  /** What a restore would do without, each in a sentence: it can be done, but is not the whole release of before. */
  missing: string[];
}

/** What a rehearsal works with. */
type RehearsalContext = Pick<TargetContext, 'config'> & Parameters<typeof openRegistry>[0];

/** What a rehearsal asks. */
interface Asked {
  platform: Platform;
  registry: Pick<Registry, 'manifest'>;
}

/**
 * Proves that a restore could be done, and changes nothing: the target answers, the images are there or can be pulled,
 * what is applied with them is saved, and the rights suffice. One item for each; what fails hides no other.
 */
export async function rehearseRestore(
  context: RehearsalContext,
  platform: Platform,
  target: RestoreTarget,
): Promise<Rehearsal> {
  const names = Object.keys(target.services);
  const answer = await item('target', 'Target', async () => {
    const { evidence } = await platform.check(names, 'restore');
    checkImages(context, target);
    return evidence;
  });
  if (answer.state !== 'passed') return { items: [answer], missing: [] };
  const observed = await platform.observe(names);
  const asked = { platform, registry: openRegistry(context, { retryForMs: registryRetryMs }) };
  const missing: string[] = [];
  const services = names.map((name) =>
    item(`service-${name}`, name, async () => {
      const service = target.services[name];
      if (!service) return 'would be removed: it did not exist before';
      const { hasImage, configuration, isSaved } = await platform.findRestoreSource({ name, ...service });
      if (!isSaved) missing.push(`${name}: ${configuration}`);
      const where = hasImage ? 'is on the target' : await findImage(asked, service, observed.get(name));
      return `${formatImage(service.image)} ${where}; ${configuration}`;
    }),
  );
  return { items: [answer, ...(await Promise.all(services))], missing };
}

/**
 * Looks, before a restore changes anything, for what certainly keeps it from being done: every image, right or saved
 * configuration that is missing. What is not known keeps nothing from being restored.
 */
export async function findRestoreProblem(
  context: RehearsalContext,
  platform: Platform,
  target: RestoreTarget,
): Promise<ReturnType<typeof rehearsalProblem>> {
  const { items } = await rehearseRestore(context, platform, target);
  return rehearsalProblem(items.filter(({ state }) => state === 'failed'));
}

/** The end of a sentence about a restore that a rehearsal has proven: what it would use, and what is missing. Pure. */
export function describeRehearsed({ missing }: Pick<Rehearsal, 'missing'>): string {
  return missing.length === 0
    ? 'images and configuration are there'
    : `images are there, but configuration is not (${missing.join('; ')})`;
}

/** Why a restore cannot be done, and what to do about it; null when it can. Pure. */
export function rehearsalProblem(
  items: readonly ChecklistItem[],
): { state: 'failed' | 'unknown'; why: string; remedy: string } | null {
  const problems = items.filter(({ state }) => state !== 'passed');
  if (problems.length === 0) return null;
  return {
    state: problems.some(({ state }) => state === 'failed') ? 'failed' : 'unknown',
    why: problems.map(({ title, evidence }) => `${title}: ${evidence}`).join('; '),
    remedy: problems.flatMap(({ remedy }) => remedy ?? []).join(' '),
  };
}

/**
 * @returns where the image is, as the end of a sentence.
 * @throws UserError when it is nowhere, or only where it runs now; Fault when that is not known.
 */
async function findImage(
  { registry }: Asked,
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
  const where = runs
    ? 'runs on the target, but the registry does not have it any more: a node that does not hold it cannot start it'
    : 'is gone from the target and from the registry';
  throw new UserError(`${formatImage(image)} ${where}`, {
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
