import { describe, expect, test } from '@jest/globals';
import type { Evidence, RolledService } from '@slipway/release';
import { render } from '@slipway/report';
import fc from 'fast-check';
import { embedJson, escapeHtml, html, printable } from '../../../packages/report/src/escape.ts';
import { code, inline, paragraph, table } from '../../../packages/report/src/markdown.ts';
import { brief, bytes, count, percent } from '../../../packages/report/src/quantity.ts';
import { timelineSpans } from '../../../packages/report/src/timeline.ts';
import { toneOf } from '../../../packages/report/src/tone.ts';
import { phaseAt } from '../../support/record-phases.ts';
import { empty, good, refused, rolledBack } from '../../support/records.ts';

describe('text from outside', () => {
  test.each([
    ['a|b', 'a&#124;b'],
    ['two\n  lines', 'two<br>lines'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['![x](https://example.com/x.png)', '!\\[x\\](https://example.com/x.png)'],
    ['`code` $a$ b\\', '&#96;code&#96; &#36;a&#36; b&#92;'],
    ['\u001b[31mred\u001b[0m\u0007', 'red'],
    ['user\u202egnp.exe', 'usergnp.exe'],
  ])('stays text in Markdown: %j', (given, expected) => expect(inline(given)).toBe(expected));

  test.each([
    ['# no heading', '\\# no heading'],
    ['1. no list', '1\\. no list'],
    ['- no list', '\\- no list'],
    ['> no quotation', '&gt; no quotation'],
  ])('begins no block: %j', (given, expected) => expect(paragraph(given)).toBe(expected));

  test('keeps every row of a table on one line with the same number of cells', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        const lines = table(['A', 'B'], [[`x${inline(a)}`, code(`y${b}`)]]).split('\n');
        expect(lines.map((line) => line.split('|').length)).toEqual([4, 4, 4]);
      }),
    );
  });

  test('is never markup in HTML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          html`<b title="${text}">${[text]}</b>`.markup.replace(/^<b title="|">|<\/b>$/g, ''),
        ).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
    expect(escapeHtml(`<a href='x'>&"`)).toBe('&lt;a href=&#39;x&#39;&gt;&amp;&quot;');
  });

  test('cannot end the script that carries it, and comes out of it as it was', () => {
    const hostile = { '</script>': '<!--<script>\u2028\u2029 &amp;' };
    const { markup } = embedJson(hostile);
    expect(markup).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(markup)).toEqual(hostile);
  });

  test('loses control characters, not words', () => {
    expect(printable('a\r\nb\rc\td\u0000\u009b')).toBe('a\nb\nc\td');
  });
});

describe('the job summary', () => {
  const kinds: [Evidence, string][] = [
    [{ kind: 'checklist', items: [] }, 'Nothing was checked.'],
    [{ kind: 'migration', files: [] }, 'No migration file was read.'],
    [{ kind: 'images', images: [] }, 'No image was built.'],
    [{ kind: 'services', services: [] }, 'No service was changed.'],
    [{ kind: 'smoke', consensus: null, checks: [] }, 'No check ran.'],
    [{ kind: 'watch', seconds: 0, metrics: [] }, 'No metric was watched.'],
  ];
  test.each(kinds)('says what is missing: %j', (evidence, sentence) => {
    const { markdown } = render({ ...empty, phases: [phaseAt('x', 'passed', [0, 1], 'Done.', evidence)] });
    expect(markdown).toContain(sentence);
    expect(markdown).not.toContain('|');
  });

  test('has the last phase with its evidence, what needs a reader first', () => {
    expect(render(refused).markdown).toBe(
      [
        '### preflight-checklist: ⚠️ refused after 4 s',
        '',
        'DATABASE\\_URL is not set and 1 check on the commit is red: &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;',
        '',
        '| State | Item | Evidence | Remedy |',
        '| --- | --- | --- | --- |',
        '| ❌ failed | Environment &#124; variables | DATABASE\\_URL is not set<br>OPENAI\\_API\\_KEY is not set | Create the secret &lt;b&gt;DATABASE\\_URL&lt;/b&gt; in the environment "production". |',
        '| ❌ unknown | Checks on the commit | &lt;img src=x onerror=alert(1)&gt; !\\[x\\](https://example.com/x.png) | Run them again. |',
        '| ✅ passed | Configuration | valid |  |',
        '',
        '',
      ].join('\n'),
    );
  });

  test('is empty for a record without phases', () => expect(render(empty).markdown).toBe(''));
});

describe('the page', () => {
  test('does not say that a digest runs when its rollout failed and the old replicas serve', () => {
    const services: RolledService[] = [
      {
        ...{ name: 'backend', digest: 'sha256:b', previous: 'sha256:a', running: 2, replicas: [] },
        ...{ state: 'failed', ms: 9000 },
      },
    ];
    const phase = phaseAt('rollout', 'failed', [0, 9], 'It crashed.', { kind: 'services', services });
    const { html: page, markdown } = render({ ...empty, phases: [phase] });
    expect(page).not.toMatch(/runs now|2 replicas/);
    expect(markdown).not.toContain('2 replicas');
    expect(render(good).html).toMatch(/runs now/);
  });

  test('says for every section without evidence that there is none', () => {
    const page = render(empty).html;
    for (const sentence of [
      'No phase has finished yet.',
      'Nothing was checked: preflight-checklist did not run.',
      'The database was not migrated: db-migrate did not run.',
      'No smoke check ran: smoke-test did not run.',
      'No metrics were watched: watch-metrics did not run.',
    ]) {
      expect(page).toContain(sentence);
    }
  });

  test('is the same for the same record, and links only to the web', () => {
    expect(render(good).html).toBe(render(good).html);
    const evil = { ...good, run: { actor: 'x', url: 'javascript:alert(1)' } };
    expect(render(evil).html).not.toContain('javascript:');
  });

  test('carries no markup of a hostile record', () => {
    expect(render(refused).html).not.toMatch(/<script>alert|<img|<b>DATABASE/);
  });
});

test('the timeline keeps to real time and shows the wait for the approval', () => {
  const spans = timelineSpans(rolledBack.phases);
  expect(spans.filter(({ phase }) => phase === null).map(({ ms }) => ms)).toEqual([238_000]);
  for (const { from, width } of spans) {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(from + width).toBeLessThanOrEqual(100.0001);
  }
  const [checks, build] = spans;
  expect(checks?.from).toBe(0);
  expect(build?.from).toBeCloseTo((100 * 1) / 539);
});

test('a state that is not known is never calm', () => expect(toneOf('surprising')).toBe('bad'));

test('numbers are short and keep what matters', () => {
  expect([0, 0.000001, 0.00042, 0.0131, 0.5, 0.9987, 1].map(percent)).toEqual([
    '0 %',
    '< 0.001 %',
    '0.042 %',
    '1.3 %',
    '50 %',
    '99.87 %',
    '100 %',
  ]);
  expect([count(1, 'event'), count(0, 'event'), count(12_345, 'event')]).toEqual([
    '1 event',
    '0 events',
    '12\u202f345 events',
  ]);
  expect([bytes(0), bytes(1023), bytes(18_734_112), bytes(5e9)]).toEqual([
    '0 B',
    '1\u202f023 B',
    '18 MB',
    '4.7 GB',
  ]);
  expect([brief(0.339), brief(430.6)]).toEqual(['0.34', '431']);
});
