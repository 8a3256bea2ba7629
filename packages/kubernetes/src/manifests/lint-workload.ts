import { type Fields, field, fields, listed, number, text } from './fields.ts';
import type { Facts } from './lint-facts.ts';
import type { Draft, Rule } from './lint-rule.ts';
import { titleOf } from './object.ts';
import { portion } from './surge.ts';

const rollingUpdate = ['spec', 'strategy', 'rollingUpdate'];
const all = ['Deployment', 'StatefulSet', 'DaemonSet'];
const counted = ['Deployment', 'StatefulSet'];

/** Rules about how pods are replaced, and how many there are. */
export const workloadRules: readonly Rule[] = [
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

/** New pods that may be there, and old ones that may be away, as Kubernetes rounds them. */
function room({ spec, replicas }: Facts): { surge: number; away: number } {
  const rolling = fields(spec, 'strategy', 'rollingUpdate');
  const surge = portion(rolling.maxSurge ?? '25%', replicas, Math.ceil);
  const away = portion(rolling.maxUnavailable ?? '25%', replicas, Math.floor);
  // With neither, nothing could ever be replaced; Kubernetes then takes one away.
  return surge === 0 && away === 0 ? { surge, away: 1 } : { surge, away };
}

function maxUnavailable(facts: Facts): Draft[] {
  const { spec, replicas } = facts;
  const { away } = room(facts);
  if (!isRolling(spec) || away < replicas) return [];
  const message = `maxUnavailable lets ${away === 1 ? '1 pod' : `${away} pods`} of ${replicas} go at once: nothing would serve`;
  return [{ path: [...rollingUpdate, 'maxUnavailable'], message, add: 'maxUnavailable: 0' }];
}

function recreate({ spec }: Facts): Draft[] {
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

function maxSurge(facts: Facts): Draft[] {
  if (!isRolling(facts.spec) || room(facts).surge > 0) return [];
  const message = 'maxSurge 0 takes an old pod away before a new one is there';
  return [{ path: [...rollingUpdate, 'maxSurge'], message, add: 'maxSurge: 1' }];
}

function minReady({ spec }: Facts): Draft[] {
  if ((number(spec, 'minReadySeconds') ?? 0) > 0) return [];
  const message =
    'minReadySeconds is 0: a pod that is ready for one moment counts as good, and the next old one goes';
  return [{ path: ['spec', 'minReadySeconds'], message, add: 'minReadySeconds: 5' }];
}

function singleReplica({ replicas, scaled }: Facts): Draft[] {
  if (replicas !== 1) return [];
  const message = 'one replica: the loss of its node is an outage';
  return [{ path: ['spec', 'replicas'], message, add: scaled ? 'minReplicas: 2' : 'replicas: 2' }];
}

function noBudget({ replicas, budgets, manifest, labels }: Facts): Draft[] {
  if (replicas < 2 || budgets.length > 0) return [];
  const matchLabels = field(manifest.object, 'spec', 'selector', 'matchLabels') ?? labels;
  const selector = Object.entries(matchLabels as Fields).map(([key, value]) => `${key}: ${value}`);
  return [
    {
      message: 'no PodDisruptionBudget: draining nodes may take all pods at once',
      add: `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: ${manifest.name}}, spec: {maxUnavailable: 1, selector: {matchLabels: {${selector.join(', ')}}}}}`,
    },
  ];
}

function tightBudget({ replicas, budgets }: Facts): Draft[] {
  return budgets.flatMap(({ budget, manifest }) => {
    const { minAvailable, maxUnavailable } = fields(budget, 'spec');
    const mayGo =
      minAvailable === undefined
        ? portion(maxUnavailable, replicas, Math.ceil)
        : replicas - portion(minAvailable, replicas, Math.ceil);
    if (mayGo > 0) return [];
    const message = `${titleOf(budget)} lets none of ${replicas} pods go: a node with one of them can never be drained`;
    const setting = minAvailable === undefined ? 'maxUnavailable' : 'minAvailable';
    const place = manifest ? { manifest, path: ['spec', setting] } : {};
    return [{ ...place, message, add: 'maxUnavailable: 1' }];
  });
}

function exclusiveVolume({ spec, pod, claims }: Facts): Draft[] {
  if (!isRolling(spec)) return [];
  return listed(pod, 'volumes').flatMap((volume, index) => {
    const name = text(volume, 'persistentVolumeClaim', 'claimName') ?? '';
    const modes = field(claims.get(name), 'spec', 'accessModes');
    if (!Array.isArray(modes) || modes.some((mode) => !String(mode).startsWith('ReadWriteOnce'))) return [];
    return [
      {
        path: ['spec', 'template', 'spec', 'volumes', index],
        message: `claim ${name} is ${modes.join(', ')}: a new pod on another node waits for a volume that the old one keeps`,
        add: 'accessModes: [ReadWriteMany]',
      },
    ];
  });
}

function hostPort({ spec, pod, containers }: Facts): Draft[] {
  if (!isRolling(spec)) return [];
  return containers.flatMap(({ name, fields: container, path }) => {
    const ports = listed(container, 'ports').filter(({ hostPort }) => pod.hostNetwork === true || hostPort);
    if (ports.length === 0) return [];
    const numbers = ports.map(({ hostPort, containerPort }) => hostPort ?? containerPort).join(', ');
    return [
      {
        path: [...path, 'ports'],
        message: `container ${name} takes port ${numbers} of the node: a new pod cannot start next to the old one`,
        add: '# no hostPort, no hostNetwork; a Service leads to the pods',
      },
    ];
  });
}

function history({ spec }: Facts): Draft[] {
  const limit = number(spec, 'revisionHistoryLimit');
  if (limit === null || limit >= 2) return [];
  const message = `revisionHistoryLimit ${limit} keeps too little to go back by hand`;
  return [{ path: ['spec', 'revisionHistoryLimit'], message, add: 'revisionHistoryLimit: 10' }];
}

function scaledReplicas({ spec, scaled }: Facts): Draft[] {
  if (!scaled || spec.replicas === undefined) return [];
  const message = `replicas: ${spec.replicas} is written down although an autoscaler chooses it; every other apply resets it`;
  return [{ path: ['spec', 'replicas'], message, add: '# no replicas: the autoscaler chooses them' }];
}
