import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { composePageAssets, pageAssetsFile } from '../../../packages/report/scripts/page-assets.ts';
import { assetsFile, composeAssets } from '../../../packages/report/scripts/uplot-assets.ts';

test('the report carries the uPlot that is installed', () => {
  expect(readFileSync(assetsFile, 'utf8')).toBe(composeAssets());
});

test('the report carries the style sheet and the script in packages/report/browser', () => {
  expect(readFileSync(pageAssetsFile, 'utf8')).toBe(composePageAssets());
});
