import type { ChecklistItem, Evidence, Phase } from '@slipway/release';
import { describeMetric } from './charts.ts';
import { describeConsensus } from './checks.ts';
import { code, inline, paragraph, preformatted, table } from './markdown.ts';
import { count, duration } from './quantity.ts';
import { isProven } from './services.ts';
import { markedState, worstFirst } from './tone.ts';

/** A phase as Markdown for the job summary: its outcome, its sentence and its evidence. */
export function renderPhase(phase: Phase): string {
  const took = Date.parse(phase.endedAt) - Date.parse(phase.startedAt);
  const heading = `### ${inline(phase.name)}: ${markedState(phase.outcome)} after ${duration(Math.max(0, took))}`;
  const seen = phase.evidence ? renderEvidence(phase.evidence) : '';
  return [heading, paragraph(phase.summary), preformatted(phase.details ?? []), seen]
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
        'No image was built.',
        ['Service', 'Image', 'Digest', 'Time'],
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
    'No service was changed.',
    ['State', 'Service', 'Before', 'This release', 'Proven', 'Time', 'Detail'],
    services,
    (service) => [
      markedState(service.state),
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
  const headings = ['State', 'Check', 'URL', 'Result', 'Time', 'Attempts'];
  return (
    versions +
    orNone('No check ran.', headings, worstFirst(checks), (check) => [
      markedState(check.state),
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
  const headings = ['State', 'Metric', 'Result', 'Detail'];
  return `Watched for ${duration(seconds * 1000)}.\n\n${orNone(
    'No metric was watched.',
    headings,
    rows,
    (metric) => [
      markedState(metric.state),
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

/** Enough of a digest to distinguish two; the report has all of it. */
function short(digest: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 19) : digest;
}

function renderItems(none: string, items: readonly ChecklistItem[]): string {
  return orNone(none, ['State', 'Item', 'Evidence', 'Remedy'], worstFirst(items), (item) => [
    markedState(item.state),
    inline(item.title),
    inline(item.evidence),
    item.state === 'passed' ? '' : inline(item.remedy ?? ''),
  ]);
}

function renderMigration({ files, checks = [] }: Extract<Evidence, { kind: 'migration' }>): string {
  const headings = ['State', 'Version', 'File', 'Class', 'Time', 'Time on the copy', 'Locks on the copy'];
  const rows = orNone('No migration file was read.', headings, files, (file) => [
    markedState(file.state),
    inline(file.version),
    code(file.file),
    file.class ?? '',
    file.ms === undefined ? '' : duration(file.ms),
    file.rehearsed ? duration(file.rehearsed.ms) : '',
    (file.rehearsed?.locks ?? []).map(code).join(', '),
  ]);
  return checks.length > 0 ? `${rows}\n\n${renderItems('', checks)}` : rows;
}
