import type { RunnerEvent } from '@slipway/local-runner';
import { paint, seconds } from './ink.ts';
import { firstLine } from './release-table.ts';

export interface NarratorOptions {
  say: (line: string) => void;
  /** Every line of every step, not only what a reader needs. */
  verbose: boolean;
}

const marks = {
  success: ['green', '✓'],
  failure: ['red', '✗'],
  cancelled: ['yellow', '■'],
  skipped: ['gray', '-'],
} as const;

/** Steps whose progress is worth following line by line; the last sentence of the others is enough. */
const followed = new Set(['rollout', 'watch', 'rollback', 'migrate']);

/** Narrates a run as it happens: jobs, steps with their times, progress, the approval, each action's sentence. */
export function narrator({ say, verbose }: NarratorOptions): (event: RunnerEvent) => void {
  const began = new Map<string, number>();
  /** Sentences that were printed already, as the last line of a log or as an error: not printed twice. */
  const printed = new Map<string, string>();
  const short = (job: string): string => job.replace(/^(?:deploy|rollback)\./, '');
  return (event) => {
    switch (event.type) {
      case 'job-started':
        began.set(event.job, event.at);
        return say(paint('bold', `▶ ${short(event.job)}`));
      case 'job-ended': {
        const started = began.get(event.job);
        if (started === undefined) return say(paint('gray', `- ${short(event.job)} ${event.result}`));
        const [colour, mark] = marks[event.result];
        return say(
          `${paint(colour, mark)} ${paint('bold', short(event.job))} ${event.result} ${seconds(event.at - started).trim()}`,
        );
      }
      case 'step-started':
        return void began.set(`${event.job}/${event.step}`, event.at);
      case 'step-ended': {
        const [colour, mark] = marks[event.conclusion];
        const started = began.get(`${event.job}/${event.step}`);
        const took = started === undefined ? ''.padStart(8) : seconds(event.at - started);
        const summary = firstLine(event.outputs.summary ?? '');
        const sentence = printed.get(`${event.job}/${event.step}`) === summary ? '' : summary;
        const where = paint('gray', short(event.job).padEnd(9));
        return say(`  ${where} ${paint(colour, mark)} ${event.name.padEnd(22)} ${took}  ${sentence}`);
      }
      case 'log':
        if (event.level === 'debug' || (!verbose && (!followed.has(event.step) || event.level === 'group')))
          return;
        printed.set(`${event.job}/${event.step}`, event.line);
        return say(paint('gray', `              ${event.line}`));
      case 'annotation':
        if (event.level !== 'error') return;
        printed.set(`${event.job}/${event.step}`, firstLine(event.message));
        return event.message.split('\n').forEach((line, i) => {
          say(paint('red', `              ${i === 0 ? 'error: ' : '       '}${line}`));
        });
      case 'approval-waiting':
        return say(paint('yellow', `? ${short(event.job)} waits for the approval of ${event.environment}`));
      case 'approval-given':
        return say(paint('yellow', `  ${event.answer}`));
      case 'output-dropped':
        return say(
          paint('yellow', `! output ${event.output} of ${event.job} holds a secret and was dropped`),
        );
      case 'cancelled':
        return say(paint('yellow', '■ the run is cancelled'));
      default:
        return;
    }
  };
}
