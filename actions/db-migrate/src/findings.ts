import type { DatabaseConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import type { Finding } from '@slipway/sql';
import type { MigrateContext } from './migration.ts';
import type { Review } from './review.ts';
import { count } from './wording.ts';

type Placed = { file: string; line: number; column: number; message: string; remedy?: string };

/** A problem as people read it: place, what, and how it is written instead. */
export function placed({ file, line, column, message, remedy }: Placed): string {
  return `${file}:${line}:${column}: ${message}${remedy ? `. ${remedy}` : ''}`;
}

/** Beside the lines on GitHub, and in the log. */
export function tell({ log }: MigrateContext, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { file, line, column, rule, message, remedy, waived, level } = finding;
    const title = `${rule}${waived === null ? '' : ' (waived)'}`;
    if (waived !== null || level === 'info') log.info(`${level} ${rule}: ${placed(finding)}`);
    else {
      const place = { file, line, column };
      log.annotate({ level: 'warning', place, title, message: `${message}\n${remedy}` });
    }
  }
}

/** @throws UserError with every finding that the level of the lint does not let pass. */
export function refuse(level: DatabaseConfig['lint']['level'], findings: readonly Finding[]): void {
  const errors = findings.filter((one) => one.level === 'error' && one.waived === null);
  if (level !== 'enforce' || errors.length === 0) return;
  const listed = errors.map((one) => `${placed(one)} (${one.rule})`);
  throw new UserError(`the migrations are not safe to run:\n${listed.join('\n')}`, {
    hint: 'Rewrite them as said, or allow one with a comment above it: -- slipway: allow <rule> because <reason>. Nothing was changed.',
  });
}

/** The lint as a whole, for the checklist. */
export function verdict(findings: readonly Finding[]): Pick<Review, 'state' | 'told'> {
  const open = findings.filter(({ waived, level }) => waived === null && level !== 'info');
  const waived = findings.filter((one) => one.waived !== null);
  const names = (of: readonly Finding[]): string =>
    of
      .map((one) => `${one.file}:${one.line} ${one.rule}${one.waived ? ` because ${one.waived}` : ''}`)
      .join('; ');
  if (open.length > 0) return { state: 'failed', told: `${count(open.length, 'finding')}: ${names(open)}` };
  if (waived.length > 0) return { state: 'waived', told: names(waived) };
  return { state: 'passed', told: 'no finding' };
}
