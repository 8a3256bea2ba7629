import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configJsonSchema } from '@slipway/config';
import { root } from '../support/action.ts';

test('slipway.schema.json is what the schema says', () => {
  const committed = readFileSync(`${root}/slipway.schema.json`, 'utf8');
  expect(committed).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
});
