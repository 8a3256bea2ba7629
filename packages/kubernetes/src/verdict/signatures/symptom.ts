import type { ContainerSpec, ContainerState, PodState, PodTemplate } from '../../snapshot/snapshot.ts';
import type { Severity, Signature } from '../finding.ts';
import { rules } from './rules.ts';

/** One symptom of one pod or object, before it is grouped with the same symptom of others. */
export interface Symptom {
  signature: Signature;
  severity: Severity;
  /** See Finding. */
  graceMs: number;
  /** What it is about: a container or a pod is named with its pod, anything else by its kind. */
  about: string;
  subject: string;
  node: string | null;
  container: string | null;
  /** Predicate of the sentence about it: `cannot pull web:2: manifest unknown`. */
  predicate: string;
  remedy: string;
  logs: 'current' | 'previous' | null;
}

/** What is known of a symptom except its location. Severity and grace period default to those of the table. */
export type SymptomDetails = Pick<Symptom, 'signature' | 'predicate' | 'remedy'> &
  Partial<Pick<Symptom, 'severity' | 'graceMs' | 'logs'>>;

/** A symptom of a container, named with its pod. */
export function containerSymptom(pod: PodState, container: ContainerState, details: SymptomDetails): Symptom {
  const { name: subject, node } = pod;
  return { ...withDefaults(details), about: 'container', subject, node, container: container.name };
}

/** A symptom of a pod as a whole. */
export function podSymptom(pod: PodState, details: SymptomDetails): Symptom {
  return { ...withDefaults(details), about: 'pod', subject: pod.name, node: pod.node, container: null };
}

/** A symptom of a workload or of its ReplicaSet. */
export function objectSymptom(kind: string, name: string, details: SymptomDetails): Symptom {
  return { ...withDefaults(details), about: kind, subject: name, node: null, container: null };
}

function withDefaults(
  details: SymptomDetails,
): SymptomDetails & Pick<Symptom, 'severity' | 'graceMs' | 'logs'> {
  const rule = rules[details.signature];
  // The grace period of the table belongs to the severity of the table.
  const graceMs = details.severity === undefined ? rule.graceMs : 0;
  return { severity: rule.severity, graceMs, logs: null, ...details };
}

/** Every container of a pod with its part of the template, init containers first. */
export function containersOf(
  pod: PodState,
  template: PodTemplate,
): { container: ContainerState; spec: ContainerSpec | undefined; init: boolean }[] {
  const find = (specs: readonly ContainerSpec[], name: string) => specs.find((spec) => spec.name === name);
  return [
    ...pod.initContainers.map((container) => ({
      container,
      spec: find(template.initContainers, container.name),
      init: true,
    })),
    ...pod.containers.map((container) => ({
      container,
      spec: find(template.containers, container.name),
      init: false,
    })),
  ];
}
