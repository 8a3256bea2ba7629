import type { ReleaseRecord } from '@slipway/release';
import { renderPage } from './page.ts';
import { renderPhase } from './summary.ts';

export { type Verdict, verdictOf } from './verdict.ts';

/** Renders a release: Markdown of the last phase for the job summary, and one self-contained HTML page of everything. */
export function render(record: ReleaseRecord): { markdown: string; html: string } {
  const last = record.phases.at(-1);
  return { markdown: last ? renderPhase(last) : '', html: renderPage(record) };
}
