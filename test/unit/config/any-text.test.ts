import { expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { UserError } from '@slipway/kernel';
import * as fc from 'fast-check';
import { stringify } from 'yaml';

function survives(text: string): void {
  try {
    loadConfig({
      file: 'f.yml',
      text,
      environment: 'production',
      env: {},
      uses: ['services', 'smoke', 'watch'],
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toMatch(/^f\.yml:\d+:\d+: /m);
  }
}

/** Names that reach deep into the schema, and some that reach into JavaScript. */
const key = fc.constantFrom(
  ...[
    'app',
    'services',
    'smoke',
    'checks',
    'json',
    'watch',
    'slo',
    'environments',
    'production',
    'preflight',
  ],
  ...['env', 'programs', 'docker', '__proto__', 'constructor', 'toString', '${X}', '', '0', '<<', 'a b'],
);
const leaf = fc.oneof(
  fc.constantFrom('${X}', '${', '$', null, true, 1, 1.5, '5s', '1%'),
  fc.string(),
  fc.integer(),
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('node')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).node;

test('no tree makes the loader throw anything but a UserError with places', () =>
  fc.assert(
    fc.property(tree, (value) => survives(stringify(value))),
    { numRuns: 500 },
  ));

test('no text does either', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          key,
          fc.constantFrom(
            ': ',
            '\n',
            '\n  ',
            '- ',
            '{',
            '}',
            '[',
            ']',
            '&a ',
            '*a',
            '!t ',
            '"',
            '? ',
            '---\n',
            '|',
          ),
        ),
        { maxLength: 30 },
      ),
      (pieces) => survives(pieces.join('')),
    ),
    { numRuns: 1000 },
  ));
