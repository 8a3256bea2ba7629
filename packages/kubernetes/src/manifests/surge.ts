import { type Fields, field, fields, listed, number, text } from './fields.ts';
import { parseQuantity, type Quantity } from './quantity.ts';
import { templateOf } from './workload.ts';

/** What a rollout needs while old and new pods run together, in addition to what the old ones have. */
export interface SurgeNeeds {
  /** More pods at once. */
  pods: number;
  /** What those pods use together, by the names of quotas: `requests.cpu`, `limits.memory`. */
  resources: Readonly<Record<string, Quantity>>;
}

/**
 * The pods and resources that a rolling update of the workload needs at once. `running` is how many pods it has now (0
 * when it is new); by default as many as it requests.
 */
export function surgeNeeds(workload: object, running?: number): SurgeNeeds {
  const pods = extraPods(workload, running);
  const resources = Object.entries(podResources(fields(templateOf(workload) ?? {}, 'spec')));
  return {
    pods,
    resources: Object.fromEntries(resources.map(([name, size]) => [name, size * BigInt(pods)])),
  };
}

function extraPods(workload: object, running: number | undefined): number {
  const spec = fields(workload, 'spec');
  const replicas = number(spec, 'replicas') ?? running ?? 1;
  const now = running ?? replicas;
  const extra: Record<string, () => number> = {
    Deployment: () => {
      const recreate = text(spec, 'strategy', 'type') === 'Recreate';
      const surge = field(spec, 'strategy', 'rollingUpdate', 'maxSurge') ?? '25%';
      // Nothing is replaced when nothing runs.
      return replicas + (recreate || now === 0 ? 0 : shareOf(surge, replicas, Math.ceil)) - now;
    },
    StatefulSet: () => replicas - now,
    // The number of nodes is not known here; a share of them is at least one.
    DaemonSet: () => shareOf(field(spec, 'updateStrategy', 'rollingUpdate', 'maxSurge') ?? 0, 1, Math.ceil),
    Job: () =>
      Math.min(number(spec, 'parallelism') ?? 1, number(spec, 'completions') ?? Number.POSITIVE_INFINITY),
  };
  return Math.max(0, extra[text(workload, 'kind') ?? '']?.() ?? 0);
}

/** An absolute number, or a share such as `25%` of the replicas. */
export function shareOf(written: unknown, replicas: number, round: (share: number) => number): number {
  if (typeof written === 'number') return written;
  const percent = /^(\d+)%$/.exec(String(written))?.[1];
  return percent === undefined ? 0 : round((Number(percent) * replicas) / 100);
}

const counted = ['cpu', 'memory', 'ephemeral-storage'];

/**
 * What one pod uses, as the scheduler counts it: its containers together, or its largest init container when that is
 * more; init containers that keep running (`restartPolicy: Always`) count on both sides.
 */
function podResources(spec: Fields): Record<string, Quantity> {
  const found: Record<string, Quantity> = {};
  for (const part of ['requests', 'limits'])
    for (const name of counted) {
      const size = podResource(spec, part, name);
      if (size > 0n) found[`${part}.${name}`] = size;
    }
  return found;
}

function podResource(spec: Fields, part: string, name: string): Quantity {
  const overhead = parseQuantity(field(spec, 'overhead', name)) ?? 0n;
  const whole = sizeOf(spec, part, name);
  if (whole > 0n) return whole + overhead;
  let sidecars = 0n;
  let peak = 0n;
  for (const init of listed(spec, 'initContainers')) {
    const size = sizeOf(init, part, name);
    if (text(init, 'restartPolicy') === 'Always') sidecars += size;
    else peak = max(peak, sidecars + size);
  }
  const together = listed(spec, 'containers').reduce((sum, one) => sum + sizeOf(one, part, name), sidecars);
  const needed = max(peak, together);
  // The overhead of a pod does not count as a limit where its containers have none.
  return part === 'limits' && needed === 0n ? 0n : needed + overhead;
}

/** A limit without a request is the request too. */
function sizeOf(container: Fields, part: string, name: string): Quantity {
  const own = field(container, 'resources', part, name);
  const either = part === 'requests' ? (own ?? field(container, 'resources', 'limits', name)) : own;
  return parseQuantity(either) ?? 0n;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
