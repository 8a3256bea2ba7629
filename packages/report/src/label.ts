import { html, type Markup } from './escape.ts';
import { toneOf } from './tone.ts';

/** A state as a coloured word. */
export function stateLabel(state: string): Markup {
  return html`<span class="state ${toneOf(state)}">${state.replace('-', ' ')}</span>`;
}

/** A digest: shortened on screen, complete on paper, and selected completely with one click. */
export function digestLabel(digest: string | null): Markup {
  return digest === null
    ? html`<span class="none">unknown</span>`
    : html`<code class="digest" title="${digest}">${digest}</code>`;
}

export function note(text: string): Markup {
  return html`<p class="none">${text}</p>`;
}

const cellEnd = html`</td>`;

/** A table that becomes a list of cards on a narrow screen; the roles keep it a table for screen readers there. */
export function grid(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly Markup[])[],
): Markup {
  const cellBegins = headings.map((heading) => html`<td role="cell" data-heading="${heading}">`);
  return html`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${headings.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (cells) => html`
<tr role="row">${cells.map((cell, column) => [cellBegins[column], cell, cellEnd])}</tr>`,
  )}
</tbody></table>`;
}
