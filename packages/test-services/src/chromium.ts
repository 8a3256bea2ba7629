import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@slipway/kernel';
import { findProgram } from './program.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const apps = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium or of a browser built on it: `CHROMIUM`, the system's, or one that Playwright fetched. */
export async function findChromium(): Promise<string> {
  const found = locateChromium();
  if (!found)
    throw new UserError('no Chromium found', {
      hint: "Call provision(['chromium']), or set CHROMIUM to the path of a Chromium or Chrome.",
    });
  return found;
}

export function locateChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  return [...(named ? [named] : []), findProgram(...names), ...apps, ...fetchedByPlaywright()].find(
    (path) => path !== undefined && existsSync(path),
  );
}

function fetchedByPlaywright(): string[] {
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache/ms-playwright');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort()
    .reverse()
    .flatMap((name) => ['chrome-linux64', 'chrome-linux'].map((part) => join(folder, name, part, 'chrome')));
}
