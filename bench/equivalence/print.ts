import { table } from '../measure.ts';
import type { Comparison, Difference } from './compare.ts';

/** Prints what was compared, what differs, what was meant to differ, and which runs have no counterpart. */
export function printComparison(comparison: Comparison): void {
  const { compared, byAction, differences, intended, onlyBefore, onlyAfter } = comparison;
  const counts = [...byAction].map(([action, count]) => `${action} ${count}`).sort();
  console.log(`${compared} runs of bundles compared (${counts.join(', ')})\n`);
  console.log(differences.length === 0 ? 'No difference.' : tableOf(differences));
  for (const [{ reason }, rows] of intended) {
    console.log(`\nIntended: ${reason}`);
    if (rows.length === 0) console.log('- explains nothing');
    for (const [run, count] of countByRun(rows)) console.log(`- ${run}: ${count} facts`);
  }
  printRuns('Only before', onlyBefore);
  printRuns('Only after', onlyAfter);
}

function tableOf(differences: readonly Difference[]): string {
  const rows = differences.map(({ run, what, before, after }) => [run, what, before, after]);
  return table(['Run', 'What', 'Before', 'After'], rows);
}

function countByRun(rows: readonly Difference[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { run } of rows) counts.set(run, (counts.get(run) ?? 0) + 1);
  return counts;
}

function printRuns(title: string, runs: readonly string[]): void {
  if (runs.length > 0)
    console.log(`\n${title} (${runs.length}):\n${runs.map((one) => `- ${one}`).join('\n')}`);
}
