import type { DesiredService, PlannedService } from '@slipway/platform';
import { applyObjects } from '../cluster/apply.ts';
import { readLiveObjects } from '../cluster/live-objects.ts';
import { describeDiff, titleOf } from '../manifests/index.ts';
import { observeService } from '../observe/observe-service.ts';
import { dryRunObjects } from '../render/release-objects.ts';
import { renderRelease } from '../render/render-release.ts';
import { findServiceWorkloads } from '../render/service-workloads.ts';
import type { KubernetesTarget } from '../target.ts';

/**
 * What a rollout of the service would change, object by object: the difference between the live objects and those that
 * the API server would store, so that its defaults do not appear as changes.
 */
export async function planService(
  target: KubernetesTarget,
  desired: DesiredService,
): Promise<PlannedService> {
  const { name, image, release } = desired;
  const rendered = await renderRelease(target, { [name]: desired }, release);
  const objects = [...rendered.shared, ...(rendered.services[name] ?? [])];
  const live = await readLiveObjects(target.kubectl, objects);
  const after = await applyObjects(target.kubectl, dryRunObjects(rendered, live), {
    dryRun: true,
    force: target.config['force-conflicts'],
  });
  const pairs = after.map((one) => ({
    live: live.find((other) => titleOf(other) === titleOf(one)) ?? null,
    desired: one,
  }));
  const workloads = (await findServiceWorkloads(target)).get(name) ?? [];
  const running = await observeService(target, name, workloads);
  const steps = describeDiff(pairs, target.redactor);
  return { name, from: running.replicas[0]?.image ?? null, to: image, steps };
}
