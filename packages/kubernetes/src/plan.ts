import type { DesiredService, PlannedService } from '@slipway/platform';
import { applyObjects } from './cluster/apply.ts';
import { readLive } from './cluster/live-objects.ts';
import { comparable, renderRelease, servedBy } from './documents.ts';
import { describeDiff, titleOf } from './manifests/index.ts';
import { observeService } from './observe.ts';
import type { KubernetesTarget } from './target.ts';

/**
 * What a rollout of the service would change, object by object: the difference between what is there and what the API
 * server says would be there, so that defaults are no difference.
 */
export async function planService(
  target: KubernetesTarget,
  desired: DesiredService,
): Promise<PlannedService> {
  const { name, image, release } = desired;
  const rendered = await renderRelease(target, { [name]: desired }, release);
  const objects = [...rendered.shared, ...(rendered.services[name] ?? [])];
  const live = await readLive(target.kubectl, objects);
  const after = await applyObjects(target.kubectl, comparable(rendered, live), {
    dryRun: true,
    force: target.config['force-conflicts'],
  });
  const compared = after.map((one) => ({
    live: live.find((other) => titleOf(other) === titleOf(one)) ?? null,
    desired: one,
  }));
  const running = await observeService(target, name, (await servedBy(target)).get(name) ?? []);
  return { name, from: running.replicas[0]?.image ?? null, to: image, steps: describeDiff(compared) };
}
