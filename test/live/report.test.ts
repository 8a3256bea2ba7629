import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReleaseRecord } from '@slipway/release';
import { render, verdictOf } from '@slipway/report';
import { findChromium } from '@slipway/test-services';
import { type Browser, chromium, type Page } from 'playwright-core';
import { good, refused, rolledBack } from '../support/records.ts';

const calm = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];
const phone = { width: 390, height: 844 };
const desk = { width: 1200, height: 900 };
/** Set it to a folder to look at the pages. */
const pictures = process.env.REPORT_PICTURES;

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-report-'));
  browser = await chromium.launch({
    executablePath: await findChromium(),
    args: [...calm, '--disable-sync', '--no-first-run'],
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Seen {
  page: Page;
  complaints: string[];
  requests: string[];
}

async function open(
  record: ReleaseRecord,
  viewport = desk,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Seen> {
  const page = await browser.newPage({ viewport, colorScheme });
  const seen: Seen = { page, complaints: [], requests: [] };
  page.on('console', (message) => seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  page.on('dialog', (dialog) => seen.complaints.push(`dialog ${dialog.message()}`));
  page.on('request', (request) => seen.requests.push(request.url()));
  const file = path.join(folder, `${record.verdict}.html`);
  writeFileSync(file, render(record).html);
  await page.goto(pathToFileURL(file).href);
  return seen;
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

/** Pixels of a canvas that were drawn on. */
function inkOf(page: Page): Promise<number[]> {
  return page.locator('canvas').evaluateAll((canvases) =>
    canvases.map((canvas) => {
      // biome-ignore lint/suspicious/noExplicitAny: this runs in the browser, whose types the project does not load
      const { width, height, ...rest } = canvas as any;
      void rest;
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const pixels: Uint8ClampedArray = (canvas as any)
        .getContext('2d')
        .getImageData(0, 0, width, height).data;
      return pixels.filter((value, at) => at % 4 === 3 && value > 0).length;
    }),
  );
}

describe.each([
  ['verified', good, 2],
  ['rolled back', rolledBack, 2],
  ['refused', refused, 0],
] as const)('the page of a release that was %s', (name, record, charts) => {
  test.each(['light', 'dark'] as const)(
    'shows its verdict and its charts, and asks for nothing, in %s',
    async (scheme) => {
      const { page, complaints, requests } = await open(record, desk, scheme);
      await keepPicture(page, `${name}-${scheme}`);
      expect(complaints).toEqual([]);
      expect(requests).toEqual([page.url()]);
      expect(await page.locator('h1').textContent()).toBe(verdictOf(record).sentence);
      expect(await page.locator('h1').isVisible()).toBe(true);
      const ink = await inkOf(page);
      expect(ink).toHaveLength(charts);
      for (const drawn of ink) expect(drawn).toBeGreaterThan(2000);
      expect(await page.locator('script:not([type])').count()).toBe(charts > 0 ? 2 : 0);
      await page.close();
    },
  );

  test('needs no sideways scrolling on a phone', async () => {
    const { page, complaints } = await open(record, phone);
    await keepPicture(page, `${name}-phone`);
    const widest = await page.evaluate('document.documentElement.scrollWidth');
    expect(widest).toBe(phone.width);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('words without end do not widen the page on a phone', async () => {
  const long = 'registry.example.com/'.concat('x'.repeat(400));
  const lengthen = (text: string): string =>
    /^(sha256:|\d{4}-\d\d-\d\dT)/.test(text) ? text : `${text}${long}`;
  const keep = new Set(['kind', 'state', 'outcome', 'verdict', 'class']);
  const record = JSON.parse(JSON.stringify(rolledBack), (key, value) =>
    typeof value === 'string' && !keep.has(key) ? lengthen(value) : value,
  );
  const { page } = await open(record, phone);
  await keepPicture(page, 'long-phone');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
  await page.setViewportSize(desk);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(desk.width);
  await page.close();
});

test('the policy of the page stops a script that was not written by us', async () => {
  const html = render(good).html.replace('<main>', '<main><script>document.title = "taken over"</script>');
  const file = path.join(folder, 'smuggled.html');
  writeFileSync(file, html);
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  expect(await page.title()).toMatch(/^Verified/);
  expect(complaints.join()).toMatch(/Content Security Policy/);
  await page.close();
});
