import type { RecordedDatabase, ReleaseRecord } from '@slipway/release';
import { itemRow } from './checks.ts';
import { html, type Markup } from './escape.ts';
import { explainMissing, newestEvidence } from './evidence.ts';
import { grid, note, stateLabel } from './label.ts';
import { bytes, duration } from './quantity.ts';

const classes: Record<RecordedDatabase['class'], string> = {
  none: 'The schema did not change.',
  expand: 'The previous version can still run on this schema.',
  contract: 'The previous version can no longer run on this schema.',
};

export function renderDatabase(record: ReleaseRecord): Markup {
  const { database } = record;
  const { files = [], checks = [] } = newestEvidence(record, 'migration')?.evidence ?? {};
  if (!database && files.length === 0) {
    return note(`The database was not migrated: ${explainMissing(record, 'db-migrate')}`);
  }
  const rows = files.map((file) => [
    stateLabel(file.state),
    html`<b>${file.version}</b>`,
    html`<code>${file.file}</code>${file.class === 'contract' ? html`<small>contract migration</small>` : null}`,
    html`${file.ms === undefined ? '–' : duration(file.ms)}${file.rehearsed ? html`<small>${duration(file.rehearsed.ms)} on a copy</small>` : null}`,
    html`${(file.rehearsed?.locks ?? []).map((lock) => html`<code>${lock}</code> `)}`,
  ]);
  const headings = ['State', 'Version', 'File', 'Time', 'Locks'];
  return html`${database ? facts(database) : null}
${rows.length > 0 ? grid('Migration files', headings, rows) : note('No migration file was read.')}
${checks.length > 0 ? grid('What was verified', ['State', 'Item', 'Evidence'], checks.map(itemRow)) : null}`;
}

function facts(database: RecordedDatabase): Markup {
  const { backup } = database;
  return html`<dl class="facts">
<div><dt>Schema version</dt><dd>${describeVersions(database)}</dd></div>
<div><dt>Compatibility</dt><dd>${classes[database.class]}</dd></div>
<div><dt>Backup</dt><dd>${
    backup
      ? html`<code>${backup.file}</code>${backup.bytes === 0 ? null : html`, ${bytes(backup.bytes)}<small class="digest-line">sha256 <code>${backup.sha256}</code></small>`}`
      : 'None was made.'
  }</dd></div>
</dl>`;
}

function describeVersions({ before, after }: Pick<RecordedDatabase, 'before' | 'after'>): string {
  if (before === after) return before === null ? 'no version table' : `${before}, unchanged`;
  return `${before ?? 'none'} → ${after ?? 'none'}`;
}
