import type { ReleaseRecord, RolledService } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { newestEvidence } from './evidence.ts';
import { digestLabel, grid, note, stateLabel } from './label.ts';
import { count, duration } from './quantity.ts';

/** One service in the whole release: what the record has about it, and the evidence of its last rollout or rollback. */
interface ServiceSummary {
  name: string;
  image: string;
  before: string | null;
  /** false: nothing ran before, so no digest can be known. */
  existed: boolean;
  after: string | null;
  rolled: RolledService | undefined;
}

function summarizeServices(record: ReleaseRecord): ServiceSummary[] {
  const seen = newestEvidence(record, 'services')?.evidence.services ?? [];
  const names = new Set([...Object.keys(record.services), ...seen.map(({ name }) => name)]);
  return [...names].map((name) => {
    const recorded = record.services[name];
    const rolled = seen.find((service) => service.name === name);
    return {
      name,
      image: recorded?.image ?? '',
      before: recorded?.previous?.digest ?? rolled?.previous ?? null,
      existed: recorded ? recorded.previous !== null : (rolled?.previous ?? null) !== null,
      after: recorded?.digest ?? rolled?.digest ?? null,
      rolled,
    };
  });
}

export function renderServices(record: ReleaseRecord): Markup {
  const summaries = summarizeServices(record);
  if (summaries.length === 0) return note('No service was built or rolled out.');
  const phase = newestEvidence(record, 'services')?.phase;
  const source = phase ? `State after ${phase.name}.` : 'Nothing was rolled out.';
  return html`<p class="range">${source}</p>
${grid('Services', ['Service', 'State', 'Digest before', 'Digest of this release', 'Proven'], summaries.map(serviceRow))}`;
}

function serviceRow(service: ServiceSummary): Markup[] {
  const { rolled } = service;
  return [
    html`<b>${service.name}</b>${service.image ? html`<small>${service.image}</small>` : null}`,
    html`${rolled ? stateLabel(rolled.state) : html`<span class="none">not rolled out</span>`}${rolled?.detail ? html`<small>${rolled.detail}</small>` : null}`,
    service.existed ? shownDigest(service.before, rolled) : html`<span class="none">nothing ran</span>`,
    shownDigest(service.after, rolled),
    rolled && isProven(rolled) ? proof(rolled) : html`<span class="none">–</span>`,
  ];
}

/** The states in which the evidence proves that the digest runs. After a failure, another one may run. */
const provenStates: readonly RolledService['state'][] = ['rolled', 'unchanged', 'restored'];

export function isProven({ state, replicas }: RolledService): boolean {
  return provenStates.includes(state) && replicas.length > 0;
}

/** The digest, marked when it is the one that was last proven to run. */
function shownDigest(digest: string | null, rolled: RolledService | undefined): Markup {
  const runs = rolled !== undefined && isProven(rolled) && runsDigest(rolled, digest);
  return html`${digestLabel(digest)}${runs ? html`<small><b>runs now</b></small>` : null}`;
}

/** Whether every replica that was observed runs the digest. */
function runsDigest({ replicas }: RolledService, digest: string | null): boolean {
  return digest !== null && replicas.every((replica) => replica.digest === digest);
}

function proof(rolled: RolledService): Markup {
  return html`${count(rolled.replicas.length, 'replica')}<small>after ${duration(rolled.ms)}</small>`;
}
