import type { DatabaseConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Finding } from '@slipway/sql';
import type { MigrateContext, Review } from './migration.ts';
import { count } from './wording.ts';

type Problem = Pick<Finding, 'file' | 'line' | 'column' | 'message'> & { remedy?: string };

/** A problem as people read it: location, what, and how it is written instead. */
export function describeProblem({ file, line, column, message, remedy }: Problem): string {
  return `${file}:${line}:${column}: ${message}${remedy ? `. ${remedy}` : ''}`;
}

/** As annotations of the lines on GitHub, and in the log. */
export function logFindings({ log }: Pick<MigrateContext, 'log'>, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { file, line, column, rule, message, remedy, waived, level } = finding;
    const title = `${rule}${waived === null ? '' : ' (waived)'}`;
    if (waived !== null || level === 'info') log.info(`${level} ${rule}: ${describeProblem(finding)}`);
    else {
      const location = { file, line, column };
      log.annotate({ level: 'warning', location, title, message: `${message}\n${remedy}` });
    }
  }
}

/** @throws UserError with every finding that the level of the lint does not let pass. */
export function refuseFindings(level: DatabaseConfig['lint']['level'], findings: readonly Finding[]): void {
  const errors = findings.filter((one) => one.level === 'error' && one.waived === null);
  if (level !== 'enforce' || errors.length === 0) return;
  const listed = errors.map((one) => `${describeProblem(one)} (${one.rule})`);
  throw new UserError(`the migrations are not safe to run:\n${listed.join('\n')}`, {
    hint: 'Rewrite them as described, or allow one with a comment above it: -- slipway: allow <rule> because <reason>. Nothing was changed.',
  });
}

/** The lint as a whole, for the checklist. Pure. */
export function lintVerdict(findings: readonly Finding[]): Review['lint'] {
  const open = findings.filter(({ waived, level }) => waived === null && level !== 'info');
  const waived = findings.filter((one) => one.waived !== null);
  const names = (of: readonly Finding[]): string =>
    of
      .map((one) => `${one.file}:${one.line} ${one.rule}${one.waived ? ` because ${one.waived}` : ''}`)
      .join('; ');
  if (open.length > 0) {
    return { state: 'failed', evidence: `${count(open.length, 'finding')}: ${names(open)}` };
  }
  if (waived.length > 0) return { state: 'waived', evidence: names(waived) };
  return { state: 'passed', evidence: 'no finding' };
}
