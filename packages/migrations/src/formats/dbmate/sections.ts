import { blankOut, locationOf } from '../source.ts';

export interface DbmateSections {
  /** The file with all that does not run upwards blanked. */
  up: string;
  down: string;
  transaction: 'auto' | 'none';
  problems: string[];
}

const directive = /^--\s*migrate:(up|down)(?:[^\S\n]*$|[^\S\n]+\S.*$)/gm;

/**
 * The sections of a file as dbmate's pkg/dbmate/migration.go cuts it: from each directive to the next one; before the
 * first only comments are allowed, and every up is followed by exactly one down. Pure.
 */
export function dbmateSections(file: string, sql: string): DbmateSections {
  const marks = [...sql.matchAll(directive)].map((match) => ({
    at: match.index,
    direction: match[1],
    without: /\stransaction:false(?:\s|$)/.test(match[0]),
  }));
  const problems = sectionProblems(file, sql, marks);
  let [up, down] = [sql, sql];
  for (const [index, { at, direction }] of marks.entries()) {
    const end = marks[index + 1]?.at ?? sql.length;
    if (direction === 'up') down = blankOut(down, at, end);
    else up = blankOut(up, at, end);
  }
  const ups = marks.filter(({ direction }) => direction === 'up');
  return { up, down, transaction: ups.some(({ without }) => without) ? 'none' : 'auto', problems };
}

function sectionProblems(
  file: string,
  sql: string,
  marks: readonly { at: number; direction: string | undefined }[],
): string[] {
  const firstUp = marks.find(({ direction }) => direction === 'up');
  if (!firstUp) return [`${file}: there is no line "-- migrate:up"`];
  const before = /^(?!\s*(?:--.*)?$).*\S/m.exec(sql.slice(0, firstUp.at));
  const problems = before
    ? [`${locationOf(file, sql, before.index)}: only comments may precede "-- migrate:up"`]
    : [];
  for (const [index, { at, direction }] of marks.entries()) {
    const next = marks[index + 1]?.direction;
    if (direction === 'up' && next !== 'down') {
      problems.push(`${locationOf(file, sql, at)}: no "-- migrate:down" follows this "-- migrate:up"`);
    }
    if (direction === 'down' && marks[index - 1]?.direction !== 'up') {
      problems.push(`${locationOf(file, sql, at)}: no "-- migrate:up" precedes this "-- migrate:down"`);
    }
  }
  return problems;
}
