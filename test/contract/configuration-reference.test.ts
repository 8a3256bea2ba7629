import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { referenceFile, refreshReference, renderReference } from '../../scripts/configuration-reference.ts';

const page = readFileSync(referenceFile, 'utf8');

test('docs/configuration.md is what the schema says', () => expect(refreshReference(page)).toBe(page));

describe('the reference', () => {
  const duration = { title: 'duration', type: 'string', default: '5s', description: 'Time limit.' };

  test('has type, default and example of each key, and a heading for each mapping', () => {
    const url = { type: 'string', description: 'Address.', examples: ['https://example.com'] };
    const watch = { description: 'The watch.', properties: { url, every: duration }, required: ['url'] };
    expect(renderReference({ properties: { watch } })).toBe(
      [
        '## `watch`',
        '',
        'The watch.',
        '',
        '- `watch.url` (text, required): Address. Example: `https://example.com`.',
        '- `watch.every` (duration, default `5s`): Time limit.',
        '',
      ].join('\n'),
    );
  });

  test('names the members of free mappings and lists', () => {
    const service = { properties: { ports: { type: 'object', description: 'Ports.' } } };
    const services = { description: 'Services.', additionalProperties: service };
    const checks = { description: 'Checks.', items: { properties: { within: duration } } };
    const text = renderReference({ properties: { services, checks } });
    expect(text).toContain('## `services.<name>`');
    expect(text).toContain('- `services.<name>.ports` (mapping): Ports.');
    expect(text).toContain('- `checks[].within` (duration, default `5s`): Time limit.');
  });

  test('refuses a key that nobody described, and a page without its markers', () => {
    expect(() => renderReference({ properties: { app: { type: 'string' } } })).toThrow(
      /"app" has no description/,
    );
    expect(() => refreshReference('# A page\n')).toThrow(/is missing/);
  });
});
