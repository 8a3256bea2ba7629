import { type Fields, field, fields, listed, number, text } from './fields.ts';
import type { WorkloadFacts } from './lint-facts.ts';
import type { LintDraft, LintRule } from './lint-rule.ts';
import { titleOf } from './object.ts';
import { shareOf } from './surge.ts';

const rollingUpdate = ['spec', 'strategy', 'rollingUpdate'];
const all = ['Deployment', 'StatefulSet', 'DaemonSet'];
const counted = ['Deployment', 'StatefulSet'];

/** Rules about how pods are replaced, and how many there are. */
export const workloadRules: readonly LintRule[] = [
  { rule: 'max-unavailable', kinds: ['Deployment'], traffic: true, check: maxUnavailable },
  { rule: 'strategy-recreate', kinds: ['Deployment'], traffic: true, check: recreate },
  { rule: 'max-surge', kinds: ['Deployment'], traffic: true, check: maxSurge },
  { rule: 'min-ready-seconds', kinds: all, traffic: true, check: minReady },
  { rule: 'single-replica', kinds: counted, traffic: true, check: singleReplica },
  { rule: 'disruption-budget', kinds: counted, traffic: true, check: noBudget },
  { rule: 'budget-blocks-drains', kinds: counted, traffic: true, check: tightBudget },
  { rule: 'exclusive-volume', kinds: ['Deployment'], traffic: false, check: exclusiveVolume },
  { rule: 'host-port', kinds: ['Deployment'], traffic: false, check: hostPort },
  { rule: 'revision-history', kinds: all, traffic: false, check: history },
  { rule: 'replicas-with-autoscaler', kinds: counted, traffic: false, check: scaledReplicas },
];

function isRolling(spec: Fields): boolean {
  return text(spec, 'strategy', 'type') !== 'Recreate';
}

/** New pods that may exist in addition, and old ones that may be missing, as Kubernetes rounds them. */
function room({ spec, replicas }: WorkloadFacts): { surge: number; missing: number } {
  const rolling = fields(spec, 'strategy', 'rollingUpdate');
  const surge = shareOf(rolling.maxSurge ?? '25%', replicas, Math.ceil);
  const missing = shareOf(rolling.maxUnavailable ?? '25%', replicas, Math.floor);
  // With neither, nothing could ever be replaced; Kubernetes then removes one.
  return surge === 0 && missing === 0 ? { surge, missing: 1 } : { surge, missing };
}

function maxUnavailable(facts: WorkloadFacts): LintDraft[] {
  const { spec, replicas } = facts;
  const { missing } = room(facts);
  if (!isRolling(spec) || missing < replicas) return [];
  const message = `maxUnavailable allows ${missing} of ${replicas} pods to be missing at once: nothing would serve`;
  return [{ path: [...rollingUpdate, 'maxUnavailable'], message, add: 'maxUnavailable: 0' }];
}

function recreate({ spec }: WorkloadFacts): LintDraft[] {
  if (isRolling(spec)) return [];
  const message = 'strategy Recreate stops every old pod before the first new one starts';
  return [
    {
      path: ['spec', 'strategy', 'type'],
      message,
      add: 'strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}',
    },
  ];
}

function maxSurge(facts: WorkloadFacts): LintDraft[] {
  if (!isRolling(facts.spec) || room(facts).surge > 0) return [];
  const message = 'maxSurge 0 removes an old pod before a new one exists';
  return [{ path: [...rollingUpdate, 'maxSurge'], message, add: 'maxSurge: 1' }];
}

function minReady({ spec }: WorkloadFacts): LintDraft[] {
  if ((number(spec, 'minReadySeconds') ?? 0) > 0) return [];
  const message =
    'minReadySeconds is 0: a pod that is ready for one moment counts as available, and the next old one is removed';
  return [{ path: ['spec', 'minReadySeconds'], message, add: 'minReadySeconds: 5' }];
}

function singleReplica({ replicas, scaled }: WorkloadFacts): LintDraft[] {
  if (replicas !== 1) return [];
  const message = 'one replica: the loss of its node is an outage';
  return [{ path: ['spec', 'replicas'], message, add: scaled ? 'minReplicas: 2' : 'replicas: 2' }];
}

function noBudget({ replicas, budgets, manifest, labels }: WorkloadFacts): LintDraft[] {
  if (replicas < 2 || budgets.length > 0) return [];
  const matchLabels = field(manifest.object, 'spec', 'selector', 'matchLabels') ?? labels;
  const selector = Object.entries(matchLabels as Fields).map(([key, value]) => `${key}: ${value}`);
  return [
    {
      message: 'no PodDisruptionBudget: draining nodes may evict all pods at once',
      add: `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: ${manifest.name}}, spec: {maxUnavailable: 1, selector: {matchLabels: {${selector.join(', ')}}}}}`,
    },
  ];
}

function tightBudget({ replicas, budgets }: WorkloadFacts): LintDraft[] {
  return budgets.flatMap(({ budget, manifest }) => {
    const { minAvailable, maxUnavailable } = fields(budget, 'spec');
    const evictable =
      minAvailable === undefined
        ? shareOf(maxUnavailable, replicas, Math.ceil)
        : replicas - shareOf(minAvailable, replicas, Math.ceil);
    if (evictable > 0) return [];
    const message = `${titleOf(budget)} allows none of ${replicas} pods to be evicted: a node with one of them can never be drained`;
    const setting = minAvailable === undefined ? 'maxUnavailable' : 'minAvailable';
    const location = manifest ? { manifest, path: ['spec', setting] } : {};
    return [{ ...location, message, add: 'maxUnavailable: 1' }];
  });
}

function exclusiveVolume({ spec, pod, claims }: WorkloadFacts): LintDraft[] {
  if (!isRolling(spec)) return [];
  return listed(pod, 'volumes').flatMap((volume, index) => {
    const name = text(volume, 'persistentVolumeClaim', 'claimName') ?? '';
    const modes = field(claims.get(name), 'spec', 'accessModes');
    if (!Array.isArray(modes) || modes.some((mode) => !String(mode).startsWith('ReadWriteOnce'))) return [];
    return [
      {
        path: ['spec', 'template', 'spec', 'volumes', index],
        message: `claim ${name} is ${modes.join(', ')}: a new pod on another node waits for a volume that the old one holds`,
        add: 'accessModes: [ReadWriteMany]',
      },
    ];
  });
}

function hostPort({ spec, pod, containers }: WorkloadFacts): LintDraft[] {
  if (!isRolling(spec)) return [];
  return containers.flatMap(({ name, fields: container, path }) => {
    const ports = listed(container, 'ports').filter(({ hostPort }) => pod.hostNetwork === true || hostPort);
    if (ports.length === 0) return [];
    const numbers = ports.map(({ hostPort, containerPort }) => hostPort ?? containerPort).join(', ');
    return [
      {
        path: [...path, 'ports'],
        message: `container ${name} uses port ${numbers} of the node: a new pod cannot start next to the old one`,
        add: '# no hostPort, no hostNetwork; a Service routes to the pods',
      },
    ];
  });
}

function history({ spec }: WorkloadFacts): LintDraft[] {
  const limit = number(spec, 'revisionHistoryLimit');
  if (limit === null || limit >= 2) return [];
  const message = `revisionHistoryLimit ${limit} retains too few revisions for a manual rollback`;
  return [{ path: ['spec', 'revisionHistoryLimit'], message, add: 'revisionHistoryLimit: 10' }];
}

function scaledReplicas({ spec, scaled }: WorkloadFacts): LintDraft[] {
  if (!scaled || spec.replicas === undefined) return [];
  const message = `replicas: ${spec.replicas} is set although an autoscaler chooses it; every other apply resets it`;
  return [{ path: ['spec', 'replicas'], message, add: '# no replicas: the autoscaler chooses them' }];
}
