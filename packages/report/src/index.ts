import type { ReleaseRecord } from '@slipway/release';
import { renderPage } from './page.ts';
import { renderPhase } from './summary.ts';

export { type Verdict, verdictOf } from './verdict.ts';

/** What people read of a release: Markdown for the job summary (the last phase), one self-contained HTML page for the whole. */
export function render(record: ReleaseRecord): { markdown: string; html: string } {
  const last = record.phases.at(-1);
  return { markdown: last ? renderPhase(last) : '', html: renderPage(record) };
}
