import { field, fields, text } from './fields.ts';
import { formatQuantity, parseQuantity, type Quantity } from './quantity.ts';
import type { SurgeNeeds } from './surge.ts';

/** Names under which quotas limit pods, and what each of them counts. */
const limits: Readonly<Record<string, string>> = {
  pods: 'pods',
  'count/pods': 'pods',
  cpu: 'requests.cpu',
  memory: 'requests.memory',
  'ephemeral-storage': 'requests.ephemeral-storage',
  'requests.cpu': 'requests.cpu',
  'requests.memory': 'requests.memory',
  'requests.ephemeral-storage': 'requests.ephemeral-storage',
  'limits.cpu': 'limits.cpu',
  'limits.memory': 'limits.memory',
  'limits.ephemeral-storage': 'limits.ephemeral-storage',
};

/** Where the quotas of the namespace have no room for a surge, one sentence each. Quotas for some pods only are left out. */
export function quotaRoom(quotas: readonly object[], needs: SurgeNeeds): string[] {
  const wanted: Record<string, Quantity> = { ...needs.resources, pods: parseQuantity(needs.pods) ?? 0n };
  const pods = needs.pods === 1 ? '1 more pod' : `${needs.pods} more pods`;
  return quotas.filter(coversAll).flatMap((quota) => {
    const hard = fields(quota, 'status', 'hard');
    const limited = Object.keys(hard).length > 0 ? hard : fields(quota, 'spec', 'hard');
    return Object.entries(limited).flatMap(([name, written]) => {
      const request = wanted[limits[name] ?? ''] ?? 0n;
      const limit = parseQuantity(written);
      const used = parseQuantity(field(quota, 'status', 'used', name) ?? 0) ?? 0n;
      if (request === 0n || limit === null || used + request <= limit) return [];
      return [
        `the rollout needs ${pods} at once, but quota ${text(quota, 'metadata', 'name')} has no room: ${name} is limited to ${formatQuantity(limit)}, with ${formatQuantity(used)} in use and ${formatQuantity(request)} requested`,
      ];
    });
  });
}

function coversAll(quota: object): boolean {
  const scopes = field(quota, 'spec', 'scopes');
  const narrowed = Array.isArray(scopes) && scopes.length > 0;
  return !narrowed && field(quota, 'spec', 'scopeSelector') === undefined;
}
