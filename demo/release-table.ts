import type { ReleaseRecord } from '@slipway/release';
import { paint, seconds } from './ink.ts';

const marks: Record<string, string> = {
  passed: '✓',
  skipped: '-',
  failed: '✗',
  refused: '✗',
  inconclusive: '?',
};

/** The release as a table: what ran, how long, how it ended; then what runs where. */
export function printRelease(record: ReleaseRecord, say: (line: string) => void): void {
  say('');
  say(
    paint('bold', `Release ${record.version} of ${record.app} to ${record.environment}: ${record.verdict}`),
  );
  for (const phase of record.phases) {
    const took = Date.parse(phase.endedAt) - Date.parse(phase.startedAt);
    const good = phase.outcome === 'passed' || phase.outcome === 'skipped';
    const mark = paint(good ? 'green' : 'red', marks[phase.outcome] ?? '?');
    say(`  ${mark} ${phase.name.padEnd(20)} ${seconds(took)}  ${firstLine(phase.summary)}`);
  }
  const back = record.verdict === 'rolled-back';
  for (const [name, service] of Object.entries(record.services)) {
    const [old, now] = [
      service.previous?.digest?.slice(7, 19) ?? 'nothing',
      service.digest?.slice(7, 19) ?? '?',
    ];
    say(`    ${name.padEnd(20)} ${back ? `${now} -> ${old} (rolled back)` : `${old} -> ${now}`}`);
  }
}

export function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
