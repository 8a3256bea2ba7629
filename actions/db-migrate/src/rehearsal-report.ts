import { formatDuration, type Log } from '@slipway/kernel';
import type { DownRehearsal, Rehearsal } from '@slipway/migrations';
import type { ChecklistItem } from '@slipway/release';

/** What a rehearsal came to. */
export interface RehearsalOutcome {
  /** null: there was none. */
  rehearsal: Rehearsal | null;
  checks: readonly ChecklistItem[];
}

export const notRehearsed: RehearsalOutcome = { rehearsal: null, checks: [] };

/** A line for each file. */
export function logRehearsal(log: Pick<Log, 'info'>, { files }: Rehearsal): void {
  for (const { file, ms, locks } of files) {
    const held = locks.map(({ relation, mode }) => `${mode} on ${relation}`).join(', ');
    log.info(`rehearsed ${file} in ${formatDuration(ms)}${held && `: ${held}`}`);
  }
}

const rehearsalCheck = { id: 'rehearsal', title: 'Rehearsal' };

/** Pure. */
export function ranOn(what: string, { files }: Rehearsal): ChecklistItem {
  const total = files.reduce((sum, { ms }) => sum + ms, 0);
  const evidence = `${files.length} files ran on ${what} in ${formatDuration(total)}`;
  return { ...rehearsalCheck, state: 'passed', evidence };
}

/** Nothing was rehearsed. Pure. */
export function skipped(evidence: string): ChecklistItem {
  return { ...rehearsalCheck, state: 'skipped', evidence };
}

/** Whether the down migrations can be relied on. Pure. */
export function downCheck(down: DownRehearsal): ChecklistItem {
  const check = { id: 'down-migrations', title: 'Down migrations' };
  switch (down.state) {
    case 'missing': {
      const which = down.files.length > 0 ? down.files.join(', ') : 'the statements that are already applied';
      return { ...check, state: 'skipped', evidence: `there is no down file for ${which}` };
    }
    case 'broken': {
      const remedy = 'Fix the down migrations: reverting the schema with them would fail.';
      return { ...check, state: 'failed', evidence: down.reasons.slice(0, 10).join('; '), remedy };
    }
    default:
      return { ...check, state: 'passed', evidence: 'running down and up again gives the same schema' };
  }
}
