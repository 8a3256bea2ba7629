import { type Clock, type Exec, Redactor } from '@slipway/kernel';
import { Kubectl } from '../../../packages/kubernetes/src/cluster/kubectl.ts';
import type { KubernetesObject } from '../../../packages/kubernetes/src/manifests/index.ts';
import type { KubernetesTarget } from '../../../packages/kubernetes/src/target.ts';
import { exited } from '../../support/command-result.ts';

/** What a cluster has that answers from memory: for what a real one does not do on demand. */
export interface ScriptedCluster {
  /** Services and routes. */
  objects: KubernetesObject[];
  /** Workloads and pods, as `kubectl get` prints them. No call changes them. */
  rest: KubernetesObject[];
  autoscalers?: ScriptedAutoscaler[];
  /** Why a call fails, by a part of its command line. */
  refuse?: Record<string, string>;
  /** Why the objects of an apply are refused, if they are. */
  refuseApply?: (objects: readonly KubernetesObject[]) => string | undefined;
}

/** A HorizontalPodAutoscaler of a Deployment, and the kind that owns it. */
export interface ScriptedAutoscaler {
  name: string;
  minReplicas: number;
  owner?: string;
}

/** A target on such a cluster. @param calls Collects the command lines that change something. */
export function scriptedTarget(cluster: ScriptedCluster, calls: string[]): KubernetesTarget {
  const redactor = new Redactor();
  const exec: Exec = async ({ argv, input }) => {
    const args = argv.filter((one) => !one.startsWith('--request-timeout')).slice(1);
    const line = args.join(' ');
    const [, why] = Object.entries(cluster.refuse ?? {}).find(([part]) => line.includes(part)) ?? [];
    if (!/ get | --dry-run/.test(line)) calls.push(line);
    const refusal = why ?? (line.includes(' apply ') ? cluster.refuseApply?.(given(input)) : undefined);
    if (refusal !== undefined) return exited(1, { stderr: refusal });
    return exited(0, { stdout: JSON.stringify({ kind: 'List', items: answer(cluster, line, input) }) });
  };
  return {
    kubectl: new Kubectl(exec, { kubectl: ['kubectl'] }, { namespace: 'shop' }),
    config: {
      namespace: 'shop',
      manifests: ['k8s'],
      'fail-fast': 'off',
      lint: 'off',
      'force-conflicts': false,
    },
    services: {},
    scope: { app: 'shop', environment: 'test' },
    workspace: '',
    exec,
    clock: impatientClock(),
    signal: new AbortController().signal,
    log: { info: () => {}, warn: () => {}, debug: () => {}, annotate: () => {}, group: (_, body) => body() },
    redactor,
  };
}

function answer({ objects, rest, autoscalers = [] }: ScriptedCluster, line: string, input = ''): object[] {
  if (line.includes(' apply '))
    return given(input).map((one) => rest.find((other) => isSame(other, one)) ?? one);
  if (line.includes('--filename=-'))
    return objects.filter((one) =>
      given(input).some(({ kind, metadata }) => isSame(one, { kind, metadata })),
    );
  if (line.includes(' services ')) return objects.filter(({ kind }) => kind === 'Service');
  if (line.includes(' horizontalpodautoscalers ')) return autoscalers.map(autoscaler);
  return rest.filter(({ kind }) => !line.includes(' pods ') || kind === 'Pod');
}

function given(input = ''): KubernetesObject[] {
  return input === '' ? [] : JSON.parse(input).items;
}

function autoscaler({ name, minReplicas, owner }: ScriptedAutoscaler): KubernetesObject {
  const spec = { scaleTargetRef: { kind: 'Deployment', name }, minReplicas };
  const ownerReferences = owner === undefined ? [] : [{ apiVersion: 'keda.sh/v1alpha1', kind: owner, name }];
  const metadata = { name, ownerReferences };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec };
}

function isSame(
  one: KubernetesObject,
  { kind, metadata }: Pick<KubernetesObject, 'kind' | 'metadata'>,
): boolean {
  return one.kind === kind && one.metadata.name === metadata.name;
}

/** Nothing changes while somebody waits, so that a wait is over at once. */
function impatientClock(): Clock {
  let ms = 0;
  return {
    now: () => new Date(ms),
    monotonic: () => ms,
    sleep: async (pause) => {
      ms += pause;
    },
  };
}
