import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configJsonSchema, loadConfig } from '@slipway/config';
import { root } from '../../support/action.ts';

test('slipway.schema.json is what the schema says', () => {
  const committed = readFileSync(`${root}/slipway.schema.json`, 'utf8');
  expect(committed).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
});

test('what the JSON Schema requires is asked for also where the file has none of it', () => {
  const load = () => loadConfig({ file: 'f.yml', text: '{}', environment: 'production', env: {}, uses: [] });
  const missing = (configJsonSchema().required as string[]).map((name) => new RegExp(`"${name}": .*missing`));
  expect(missing.length).toBeGreaterThan(0);
  for (const sentence of missing) expect(load).toThrow(sentence);
});
