import { Cancelled, describeError, formatImage, UserError } from '@slipway/kernel';
import type { Platform } from '@slipway/platform';
import { openRegistry } from '@slipway/registry';
import { type ChecklistItem, type RestoreTarget, releasesInvolved } from '@slipway/release';
import { checkImages } from './check-images.ts';
import type { TargetContext } from './context.ts';
import { findImage } from './find-image.ts';

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

/**
 * Proves that a restore could be done, and changes nothing: the target answers, the images are there or can be pulled,
 * what is applied with them is saved, the rights suffice, and the target refuses nothing of it. One item for each; what
 * fails hides no other.
 */
export async function rehearseRestore(
  context: RehearsalContext,
  platform: Platform,
  target: RestoreTarget,
): Promise<Rehearsal> {
  const { items, refused, missing } = await rehearse(context, platform, target);
  return { items: [...items, ...refused], missing };
}

/** @returns apart, items for what the target refuses now: a restore brings back everything else. */
async function rehearse(
  context: RehearsalContext,
  platform: Platform,
  target: RestoreTarget,
): Promise<Rehearsal & { refused: ChecklistItem[] }> {
  const names = Object.keys(target.services);
  const answer = await item('target', 'Target', async () => {
    const { evidence } = await platform.check(names, 'restore');
    checkImages(context, target);
    return evidence;
  });
  if (answer.state !== 'passed') return { items: [answer], refused: [], missing: [] };
  const observed = await platform.observe(names, releasesInvolved(target));
  const registry = openRegistry(context, { retryForMs: registryRetryMs });
  const missing: string[] = [];
  const refused: ChecklistItem[] = [];
  const services = names.map((name) =>
    item(`service-${name}`, name, async () => {
      const service = target.services[name];
      if (!service) return 'would be removed: it did not exist before';
      const source = await platform.findRestoreSource({ name, ...service }, target.to?.id ?? null);
      const { hasImage, configuration, isSaved } = source;
      if (!isSaved) missing.push(`${name}: ${configuration}`);
      missing.push(...source.left.map((sentence) => `${name}: ${sentence}`));
      refused.push(...source.refused.map((what, at) => refusedItem(name, what, at)));
      const where = hasImage ? 'is on the target' : await findImage(registry, service, observed.get(name));
      return `${formatImage(service.image)} ${where}; ${configuration}`;
    }),
  );
  return { items: [answer, ...(await Promise.all(services))], refused, missing: [...new Set(missing)] };
}

function refusedItem(service: string, evidence: string, at: number): ChecklistItem {
  const remedy =
    'Remove the reason for which the target refuses it, or delete an object that cannot be changed.';
  return { id: `refused-${service}-${at + 1}`, title: service, state: 'failed', evidence, remedy };
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
  const { items } = await rehearse(context, platform, target);
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
    remedy: [...new Set(problems.flatMap(({ remedy }) => remedy ?? []))].join(' '),
  };
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
