import { createHash } from 'node:crypto';
import type { ContainerSpec, PodTemplate, Probe } from '../snapshot/snapshot.ts';

/** Hash of a ConfigMap's content before and after; null when it did not exist. */
export type ConfigChanges = Readonly<Record<string, { before: string | null; after: string | null }>>;

interface Config {
  kind: string;
  metadata: { name: string };
  data?: object;
  binaryData?: object;
}

/** The ConfigMaps that two releases applied, by name; one that a release lacks has null for it. */
export function configChanges(before: readonly object[], after: readonly object[]): ConfigChanges {
  const [was, is] = [hashes(before), hashes(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return Object.fromEntries(
    names.map((name) => [name, { before: was.get(name) ?? null, after: is.get(name) ?? null }]),
  );
}

function hashes(objects: readonly object[]): Map<string, string> {
  return new Map(
    (objects as readonly Config[])
      .filter(({ kind }) => kind === 'ConfigMap')
      .map(({ metadata, data = {}, binaryData = {} }) => [
        metadata.name,
        hash(
          [data, binaryData].map((part) => Object.entries(part).toSorted(([a], [b]) => a.localeCompare(b))),
        ),
      ]),
  );
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * The differences between two pod templates, a short line each: `web: memory limit 512Mi -> 256Mi`,
 * `web: env + DB_URL (secret app/DB_URL)`. Values of literal variables are never shown.
 */
export function templateDiff(
  before: PodTemplate,
  after: PodTemplate,
  configMaps: ConfigChanges = {},
): string[] {
  return [
    ...containersDiff(before.containers, after.containers, ''),
    ...containersDiff(before.initContainers, after.initContainers, 'init '),
    ...changed('service account', before.serviceAccount, after.serviceAccount),
    ...changed('pull secrets', before.pullSecrets.join(', '), after.pullSecrets.join(', ')),
    ...changed('grace period', `${before.terminationGraceSeconds} s`, `${after.terminationGraceSeconds} s`),
    ...namedDiff('node selector', before.nodeSelector, after.nodeSelector),
    ...changed('readiness gates', before.readinessGates.join(', '), after.readinessGates.join(', ')),
    ...Object.entries(configMaps).flatMap(([name, hashes]) => configDiff(name, hashes)),
  ];
}

function containersDiff(
  before: readonly ContainerSpec[],
  after: readonly ContainerSpec[],
  kind: string,
): string[] {
  const gone = before.filter(({ name }) => !after.some((one) => one.name === name));
  return [
    ...after.flatMap((spec) => {
      const former = before.find(({ name }) => name === spec.name);
      if (!former) return [`+ ${kind}container ${spec.name} (${spec.image})`];
      return containerDiff(former, spec).map((line) => `${kind}${spec.name}: ${line}`);
    }),
    ...gone.map(({ name, image }) => `- ${kind}container ${name} (${image})`),
  ];
}

const probeKinds = ['startup', 'readiness', 'liveness'] as const;

function containerDiff(before: ContainerSpec, after: ContainerSpec): string[] {
  return [
    ...changed('image', before.image, after.image),
    // Arguments may hold secrets that cannot be distinguished from other words.
    ...(before.command.join(' ') === after.command.join(' ') ? [] : ['command changed']),
    ...envDiff(before.env, after.env),
    ...resourcesDiff('limit', before.limits, after.limits),
    ...resourcesDiff('request', before.requests, after.requests),
    ...probeKinds.flatMap((kind) =>
      changed(`${kind} probe`, describeProbe(before.probes[kind]), describeProbe(after.probes[kind])),
    ),
  ];
}

function envDiff(before: ContainerSpec['env'], after: ContainerSpec['env']): string[] {
  const added = Object.entries(after).filter(([name]) => !(name in before));
  const removed = Object.keys(before).filter((name) => !(name in after));
  const other = Object.entries(after).filter(([name, from]) => name in before && before[name] !== from);
  return [
    ...added.map(([name, from]) => `env + ${name} (${source(from)})`),
    ...removed.map((name) => `env - ${name}`),
    ...other.map(([name, from]) => {
      const [was, is] = [source(before[name] ?? ''), source(from)];
      return was === is ? `env ${name} value changed` : `env ${name} ${was} -> ${is}`;
    }),
  ];
}

/** Where a value comes from. The hash of a literal means nothing to a reader. */
function source(from: string): string {
  return /^(?:secret|configmap|field) /.test(from) ? from : 'literal';
}

function resourcesDiff(
  what: string,
  before: ContainerSpec['limits'],
  after: ContainerSpec['limits'],
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => changed(`${name} ${what}`, before[name], after[name]));
}

function namedDiff(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => changed(`${what} ${name}`, before[name], after[name]));
}

function describeProbe(probe: Probe | undefined): string {
  if (!probe) return '';
  const { does, initialDelaySeconds, periodSeconds, failureThreshold } = probe;
  return `${does}, ${initialDelaySeconds} s + ${failureThreshold} x ${periodSeconds} s`;
}

function configDiff(name: string, { before, after }: ConfigChanges[string] & object): string[] {
  if (before === after) return [];
  if (before === null) return [`+ configmap ${name}`];
  return [after === null ? `- configmap ${name}` : `configmap ${name} content changed`];
}

function changed(
  what: string,
  before: string | null | undefined,
  after: string | null | undefined,
): string[] {
  const [was, is] = [before || 'none', after || 'none'];
  return was === is ? [] : [`${what} ${was} -> ${is}`];
}
