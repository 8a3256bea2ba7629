import { marks } from '../marks.ts';
import { type Fields, fields, listed, text, withField } from './fields.ts';
import { groupOf, type KubernetesObject } from './object.ts';

type Path = readonly (string | number)[];

/** Where the kinds that create pods have the pod template. */
const templates: Readonly<Record<string, { groups: readonly string[]; path: readonly string[] }>> = {
  Deployment: { groups: ['apps', 'extensions'], path: ['spec', 'template'] },
  StatefulSet: { groups: ['apps'], path: ['spec', 'template'] },
  DaemonSet: { groups: ['apps', 'extensions'], path: ['spec', 'template'] },
  Job: { groups: ['batch'], path: ['spec', 'template'] },
  CronJob: { groups: ['batch'], path: ['spec', 'jobTemplate', 'spec', 'template'] },
};

/** Path of the pod template; null for kinds without pods. */
export function templatePath(object: object): readonly string[] | null {
  const known = templates[text(object, 'kind') ?? ''];
  return known?.groups.includes(groupOf(object)) ? known.path : null;
}

/** The pod template; null for kinds without pods. */
export function templateOf(object: object): Fields | null {
  const path = templatePath(object);
  return path && fields(object, ...path);
}

/** Kinds that are rolled out and waited for. A CronJob only creates Jobs after the rollout. */
export const workloadKinds: readonly string[] = ['Job', 'StatefulSet', 'DaemonSet', 'Deployment'];

/** Whether the object is rolled out and waited for. */
export function isWorkload(object: object): boolean {
  const kind = text(object, 'kind');
  return templateOf(object) !== null && workloadKinds.includes(kind ?? '');
}

/** The release that the pods of a workload carry; null when it has none. */
export function releaseOf(workload: object): string | null {
  return text(templateOf(workload) ?? {}, 'metadata', 'annotations', marks.release);
}

/** The workload with another release on itself and on its pods. */
export function withRelease(workload: KubernetesObject, release: string): KubernetesObject {
  const stamp = ['metadata', 'annotations', marks.release];
  const paths = [stamp, [...(templatePath(workload) ?? []), ...stamp]];
  const write = (
    at: KubernetesObject,
    [part = 'metadata', ...rest]: readonly string[],
  ): KubernetesObject => ({
    ...at,
    [part]: withField(at[part], rest, release),
  });
  return paths.reduce(write, workload);
}

/** The workload with another image in one of its containers. */
export function withContainerImage(
  workload: KubernetesObject,
  { path }: Pick<TemplateContainer, 'path'>,
  image: string,
): KubernetesObject {
  const [part = 'spec', ...rest] = path;
  return { ...workload, [part]: withField(workload[part], [...rest, 'image'], image) };
}

/** A container of a pod template. */
export interface TemplateContainer {
  name: string;
  init: boolean;
  fields: Fields;
  /** From the root of the object. */
  path: Path;
}

/** The containers of a workload, init containers first as they start first. */
export function containersOf(object: object): TemplateContainer[] {
  const path = templatePath(object);
  if (!path) return [];
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    listed(object, ...path, 'spec', list).map((container, index) => ({
      name: text(container, 'name') ?? `#${index + 1}`,
      init: list === 'initContainers',
      fields: container,
      path: [...path, 'spec', list, index],
    })),
  );
}

/** Whether a label selector (`matchLabels`, `matchExpressions`) selects the labels. An empty one selects all. */
export function selects(selector: unknown, labels: Fields): boolean {
  const exact = Object.entries(fields(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );
  return exact && listed(selector, 'matchExpressions').every((expression) => holds(expression, labels));
}

function holds({ key, operator, values }: Fields, labels: Fields): boolean {
  const value = labels[String(key)];
  const among = Array.isArray(values) && values.includes(value);
  const operators: Record<string, boolean> = {
    In: among,
    NotIn: !among,
    Exists: value !== undefined,
    DoesNotExist: value === undefined,
  };
  return operators[String(operator)] ?? false;
}
