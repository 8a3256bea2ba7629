import { digest } from '../source.ts';
import { readPlanLines, type SqitchLine } from './lines.ts';
import { PlannedChanges } from './planned-changes.ts';
import type { SqitchChange, SqitchDependency, SqitchTag } from './sqitch-migration.ts';

export interface SqitchPlan {
  changes: SqitchChange[];
  /** Each with its line: `7: …`. */
  problems: string[];
}

/**
 * A `sqitch.plan` after sqitch's App::Sqitch::Plan: every change names the one before it in its id, so that a plan that
 * was edited in the middle is another plan from there on. Pure.
 */
export function readSqitchPlan(text: string): SqitchPlan {
  const { project, uri, lines, problems } = readPlanLines(text);
  const seen = new PlannedChanges();
  const sinceTag = new Set<string>();
  for (const line of lines) {
    const last = seen.all.at(-1);
    if (line.kind === 'tag') {
      if (!last) problems.push(`${line.line}: the tag @${line.name} precedes any change`);
      else if (seen.hasTag(line.name)) problems.push(`${line.line}: the tag @${line.name} occurs twice`);
      else seen.addTag(line.name, tagOf(line, project, uri, last.id));
      sinceTag.clear();
      continue;
    }
    if (sinceTag.has(line.name)) {
      problems.push(`${line.line}: the change ${line.name} occurs twice without a tag in between`);
    }
    sinceTag.add(line.name);
    const dependencies = line.dependencies.flatMap((wanted) => {
      const found = resolve(wanted, project, seen);
      if (typeof found !== 'string') return [found];
      problems.push(`${line.line}: ${found}`);
      return [];
    });
    seen.add(changeOf(line, project, uri, last?.id, dependencies));
  }
  return { changes: seen.all, problems };
}

/** An object id as git and sqitch make it: sha1 of kind, length in bytes, NUL and text. */
function objectId(kind: string, info: readonly string[]): string {
  const text = info.join('\n');
  return digest('sha1', `${kind} ${Buffer.byteLength(text)}\0${text}`);
}

function tagOf(line: SqitchLine, project: string, uri: string | null, change: string): SqitchTag {
  const { note, date, planner } = line;
  const id = objectId('tag', [
    `project ${project}`,
    ...(uri ? [`uri ${uri}`] : []),
    `tag @${line.name}`,
    `change ${change}`,
    `planner ${planner.name} <${planner.email}>`,
    `date ${date}`,
    ...(note ? ['', note] : []),
  ]);
  return { id, name: `@${line.name}`, note, date, planner };
}

function changeOf(
  { name, note, date, planner, line }: SqitchLine,
  project: string,
  uri: string | null,
  parent: string | undefined,
  dependencies: SqitchDependency[],
): SqitchChange {
  const named = (type: SqitchDependency['type'], sign: string): string[] => {
    const texts = dependencies.filter((one) => one.type === type).map(({ text }) => `  ${sign} ${text}`);
    return texts.length > 0 ? [`${type}s`, ...texts] : [];
  };
  const id = objectId('change', [
    `project ${project}`,
    ...(uri ? [`uri ${uri}`] : []),
    `change ${name}`,
    ...(parent ? [`parent ${parent}`] : []),
    `planner ${planner.name} <${planner.email}>`,
    `date ${date}`,
    ...named('require', '+'),
    ...named('conflict', '-'),
    ...(note ? ['', note] : []),
  ]);
  return { id, name, project, uri, note, date, planner, tags: [], dependencies, reworkTags: [], line };
}

/** A dependency and the change it means, or what is wrong with it. */
function resolve(
  wanted: SqitchLine['dependencies'][number],
  project: string,
  seen: PlannedChanges,
): SqitchDependency | string {
  const { type, change, tag } = wanted;
  const key = tag === undefined ? change : `${change}@${tag}`;
  if (wanted.project !== undefined && wanted.project !== project) {
    return { type, text: `${wanted.project}:${key}`, id: null, project: wanted.project, change };
  }
  const found = seen.find(change, tag);
  if (!found && type === 'require') return `it requires ${key}, but no earlier change has that name`;
  return { type, text: key, id: found?.id ?? null, project, change };
}
