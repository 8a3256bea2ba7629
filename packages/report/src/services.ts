import type { ReleaseRecord, RolledService } from '@slipway/release';
import { html, type Markup } from './escape.ts';
import { newest } from './evidence.ts';
import { digestLabel, grid, nothing, stateLabel } from './label.ts';
import { count, duration } from './quantity.ts';

/** One service over the whole release: what the record says of it and what its last rollout or rollback saw. */
export interface ServiceStory {
  name: string;
  image: string;
  before: string | null;
  /** false: nothing ran before, so there is no digest to know. */
  existed: boolean;
  after: string | null;
  rolled: RolledService | undefined;
}

export function tellServices(record: ReleaseRecord): ServiceStory[] {
  const seen = newest(record, 'services')?.evidence.services ?? [];
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
  const stories = tellServices(record);
  if (stories.length === 0) return nothing('No service is known: nothing was built or rolled out.');
  const phase = newest(record, 'services')?.phase;
  const source = phase ? `State as ${phase.name} left it.` : 'Nothing was rolled out.';
  return html`<p class="range">${source}</p>
${grid('Services', ['Service', 'State', 'Digest before', 'Digest of this release', 'Proven'], stories.map(storyRow))}`;
}

function storyRow(story: ServiceStory): Markup[] {
  const { rolled } = story;
  return [
    html`<b>${story.name}</b>${story.image ? html`<small>${story.image}</small>` : null}`,
    html`${rolled ? stateLabel(rolled.state) : html`<span class="none">not rolled out</span>`}${rolled?.detail ? html`<small>${rolled.detail}</small>` : null}`,
    story.existed ? shownDigest(story.before, rolled) : html`<span class="none">nothing ran</span>`,
    shownDigest(story.after, rolled),
    rolled && isProven(rolled) ? proof(rolled) : html`<span class="none">–</span>`,
  ];
}

/** The states in which a service's evidence proves that its digest runs. After a failure others may. */
const provenStates: readonly RolledService['state'][] = ['rolled', 'unchanged', 'restored'];

export function isProven({ state, running }: RolledService): boolean {
  return provenStates.includes(state) && running > 0;
}

/** The digest, and whether it is the one that was last proven to run. */
function shownDigest(digest: string | null, rolled: RolledService | undefined): Markup {
  const runs = digest !== null && rolled?.digest === digest && isProven(rolled);
  return html`${digestLabel(digest)}${runs ? html`<small><b>runs now</b></small>` : null}`;
}

function proof(rolled: RolledService): Markup {
  return html`${count(rolled.running, 'replica')}<small>after ${duration(rolled.ms)}</small>`;
}
