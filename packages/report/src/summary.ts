import type { ChecklistItem, Evidence, Phase } from '@slipway/release';
import { describeMetric } from './charts.ts';
import { describeConsensus } from './checks.ts';
import { code, inline, paragraph, table } from './markdown.ts';
import { count, duration } from './quantity.ts';
import { isProven } from './services.ts';
import { marked, worstFirst } from './tone.ts';

/** A phase as Markdown for the job summary: how it ended, its sentence, and what it saw. */
export function renderPhase(phase: Phase): string {
  const took = Date.parse(phase.endedAt) - Date.parse(phase.startedAt);
  const heading = `### ${inline(phase.name)}: ${marked(phase.outcome)} after ${duration(Math.max(0, took))}`;
  const seen = phase.evidence ? renderEvidence(phase.evidence) : '';
  return [heading, paragraph(phase.summary), seen]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n\n');
}

function renderEvidence(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'checklist':
      return renderItems('Nothing was checked.', evidence.items);
    case 'migration':
      return renderMigration(evidence);
    case 'images':
      return orNone(
        'There is no image.',
        ['Service', 'Image', 'Digest', 'Took'],
        evidence.images,
        (image) => [inline(image.service), code(image.reference), code(image.digest), duration(image.ms)],
      );
    case 'services':
      return renderServices(evidence);
    case 'smoke':
      return renderSmoke(evidence);
    case 'watch':
      return renderWatch(evidence);
  }
}

function renderServices({ services }: Extract<Evidence, { kind: 'services' }>): string {
  return orNone(
    'No service was touched.',
    ['State', 'Service', 'Before', 'Wanted', 'Proven', 'Took', 'Detail'],
    services,
    (service) => [
      marked(service.state),
      inline(service.name),
      service.previous === null ? 'nothing' : code(short(service.previous)),
      code(short(service.digest)),
      isProven(service) ? count(service.running, 'replica') : '',
      service.state === 'untouched' ? '' : duration(service.ms),
      inline(service.detail ?? ''),
    ],
  );
}

function renderSmoke({ consensus, checks }: Extract<Evidence, { kind: 'smoke' }>): string {
  const versions = consensus ? `${inline(describeConsensus(consensus))}\n\n` : '';
  const headings = ['State', 'Check', 'URL', 'Seen', 'Answer in', 'Attempts'];
  return (
    versions +
    orNone('No check was made.', headings, worstFirst(checks), (check) => [
      marked(check.state),
      inline(check.name),
      code(check.url),
      inline(check.detail),
      check.ms === null ? 'no answer' : duration(check.ms),
      check.attempts > 1 ? String(check.attempts) : '',
    ])
  );
}

function renderWatch({ seconds, metrics }: Extract<Evidence, { kind: 'watch' }>): string {
  const rows = worstFirst(metrics);
  const headings = ['State', 'Metric', 'Seen', 'Detail'];
  return `Watched for ${duration(seconds * 1000)}.\n\n${orNone(
    'No metric was watched.',
    headings,
    rows,
    (metric) => [
      marked(metric.state),
      inline(metric.title),
      inline(describeMetric(metric)),
      inline(metric.detail),
    ],
  )}`;
}

function orNone<Item>(
  none: string,
  headings: readonly string[],
  items: readonly Item[],
  row: (item: Item) => string[],
): string {
  return items.length === 0 ? none : table(headings, items.map(row));
}

/** Enough of a digest to tell two apart; the whole stands in the report. */
function short(digest: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 19) : digest;
}

function renderItems(none: string, items: readonly ChecklistItem[]): string {
  return orNone(none, ['State', 'Item', 'Evidence', 'Remedy'], worstFirst(items), (item) => [
    marked(item.state),
    inline(item.title),
    inline(item.evidence),
    item.state === 'passed' ? '' : inline(item.remedy ?? ''),
  ]);
}

function renderMigration({ files, checks = [] }: Extract<Evidence, { kind: 'migration' }>): string {
  const headings = ['State', 'Version', 'File', 'Class', 'Took', 'On a copy', 'Locked there'];
  const rows = orNone('No migration file was looked at.', headings, files, (file) => [
    marked(file.state),
    inline(file.version),
    code(file.file),
    file.class ?? '',
    file.ms === undefined ? '' : duration(file.ms),
    file.rehearsed ? duration(file.rehearsed.ms) : '',
    (file.rehearsed?.locks ?? []).map(code).join(', '),
  ]);
  return checks.length > 0 ? `${rows}\n\n${renderItems('', checks)}` : rows;
}
