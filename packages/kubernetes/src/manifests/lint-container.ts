import { isDeepStrictEqual } from 'node:util';
import { type Fields, field, fields, isFields, listed, number } from './fields.ts';
import type { WorkloadFacts } from './lint-facts.ts';
import type { LintDraft, LintRule } from './lint-rule.ts';
import type { TemplateContainer } from './workload.ts';

/** Time between the removal from the Service and the signal to stop, for proxies to learn of it. */
const drainSeconds = 10;

/** Native sleep needs no shell in the image; it is enabled by default from this 1.x on. */
const nativeSleepMinor = 30;

const serving = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** Rules about the containers that receive traffic. */
export const containerRules: readonly LintRule[] = [
  { rule: 'readiness-probe', kinds: serving, traffic: true, check: eachOf(readiness) },
  { rule: 'liveness-equals-readiness', kinds: serving, traffic: true, check: eachOf(liveness) },
  { rule: 'pre-stop', kinds: serving, traffic: true, check: (facts) => eachOf(preStop(facts.server))(facts) },
  { rule: 'grace-period', kinds: serving, traffic: false, check: gracePeriod },
];

function eachOf(
  check: (container: TemplateContainer) => LintDraft | null,
): (facts: WorkloadFacts) => LintDraft[] {
  return ({ traffic }) => traffic.flatMap((container) => check(container) ?? []);
}

function readiness({ name, fields: container, path }: TemplateContainer): LintDraft | null {
  if (isFields(container.readinessProbe)) return null;
  const port = number(listed(container, 'ports')[0], 'containerPort') ?? 8080;
  return {
    path,
    message: `container ${name} has no readinessProbe: it receives requests before it can answer them`,
    add: `readinessProbe: {httpGet: {path: /health, port: ${port}}, periodSeconds: 5}`,
  };
}

const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc'];

/** How long a probe must fail before it acts. */
function budgetSeconds(probe: Fields): number {
  return (number(probe, 'periodSeconds') ?? 10) * (number(probe, 'failureThreshold') ?? 3);
}

function liveness({ name, fields: container, path }: TemplateContainer): LintDraft | null {
  const live = fields(container, 'livenessProbe');
  const ready = fields(container, 'readinessProbe');
  const handler = handlers.find((one) => one in live);
  if (
    !handler ||
    !isDeepStrictEqual(live[handler], ready[handler]) ||
    budgetSeconds(live) > budgetSeconds(ready)
  )
    return null;
  return {
    path: [...path, 'livenessProbe'],
    message: `container ${name} uses the same check for liveness and readiness: under load it is restarted as soon as it is taken out of service`,
    add: `failureThreshold: ${Math.ceil((3 * budgetSeconds(ready)) / (number(live, 'periodSeconds') ?? 10))}`,
  };
}

function preStop(server: number): (container: TemplateContainer) => LintDraft | null {
  return ({ name, fields: container, path }) => {
    if (isFields(field(container, 'lifecycle', 'preStop'))) return null;
    const sleep =
      server >= nativeSleepMinor
        ? `sleep: {seconds: ${drainSeconds}}`
        : `exec: {command: [sleep, "${drainSeconds}"]}`;
    return {
      path,
      message: `container ${name} has no preStop: it is stopped while proxies still send it requests`,
      add: `lifecycle: {preStop: {${sleep}}}`,
    };
  };
}

function gracePeriod({ containers, pod }: WorkloadFacts): LintDraft[] {
  const graceSeconds = number(pod, 'terminationGracePeriodSeconds') ?? 30;
  return containers.flatMap(({ name, fields: container, path }) => {
    const seconds = preStopSeconds(container);
    if (seconds === null || graceSeconds > seconds) return [];
    return [
      {
        path: [...path.slice(0, -2), 'terminationGracePeriodSeconds'],
        message: `container ${name} sleeps ${seconds} s in preStop and is killed after ${graceSeconds} s: no time remains to finish requests`,
        add: `terminationGracePeriodSeconds: ${seconds + 30}`,
      },
    ];
  });
}

function preStopSeconds(container: Fields): number | null {
  const native = number(container, 'lifecycle', 'preStop', 'sleep', 'seconds');
  if (native !== null) return native;
  const command = field(container, 'lifecycle', 'preStop', 'exec', 'command');
  const slept = Array.isArray(command) ? /\bsleep\s+(\d+)/.exec(command.join(' '))?.[1] : undefined;
  return slept === undefined ? null : Number(slept);
}
