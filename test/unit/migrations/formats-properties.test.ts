import { expect, test } from '@jest/globals';
import type { FormatName, Migration } from '@slipway/migrations';
import fc from 'fast-check';
import { formatOf } from '../../../packages/migrations/src/formats/index.ts';
import { type Files, listing } from '../../support/migration-folder.ts';

const read = (format: FormatName, files: Files): Migration[] => [
  ...formatOf(format).read(listing(files)).migrations,
];

/** Text that has what may confuse: line ends of all kinds, letters of several bytes, half of the comments. */
const text = fc
  .array(fc.constantFrom('SELECT 1;', '\n', '\r\n', ' ', '--', 'ä', '😀', "'", '$$', '\t'))
  .map((parts) => parts.join(''));
const tools: [FormatName, string, (up: string, down: string) => string][] = [
  ['dbmate', '1_a.sql', (up, down) => `-- migrate:up\nUP${up}\n-- migrate:down\nDOWN${down}`],
  [
    'dbmate',
    '1_a.sql',
    (up, down) => `-- migrate:up\n-- migrate:down\nDOWN${down}\n-- migrate:up\nUP${up}\n-- migrate:down\n`,
  ],
  [
    'node-pg-migrate',
    '1_a.sql',
    (up, down) => `${up.replaceAll(/\S/g, '-')}\n-- Up Migration\nUP${up}\n-- Down Migration\nDOWN${down}`,
  ],
  ['node-pg-migrate', '1_a.sql', (up, down) => `-- Down Migration\nDOWN${down}\n-- Up Migration\nUP${up}`],
];

/** node-pg-migrate takes dashes and spaces before a separate comment for a part of it. */
const spoken = (part: string): string => part.replace(/[\s-]+$/, '');

test.each(tools)(
  '%s: what is blanked keeps lines and offsets, and neither way is in the other',
  (format, name, file) => {
    fc.assert(
      fc.property(text, text, (up, down) => {
        const whole = file(up, down);
        const [migration] = read(format, { [name]: whole });
        for (const part of [migration?.sql ?? '', migration?.down?.sql ?? '']) {
          expect(part).toHaveLength(whole.length);
          expect(part.replaceAll(/[^\r\n]/g, '')).toBe(whole.replaceAll(/[^\r\n]/g, ''));
          for (let index = 0; index < whole.length; index++)
            expect([whole[index], ' ']).toContain(part[index]);
        }
        expect(migration?.sql).toContain(spoken(`UP${up}`));
        expect(migration?.sql).not.toContain('DOWN');
        expect(migration?.down?.sql).toContain(spoken(`DOWN${down}`));
        expect(migration?.down?.sql).not.toContain('UP');
      }),
    );
  },
);

const digits = fc.stringMatching(/^\d{1,18}$/);
const names: [FormatName, fc.Arbitrary<string>][] = [
  ['plain', digits.map((number) => `${number}_a.sql`)],
  ['golang-migrate', digits.map((number) => `${number}_a.up.sql`)],
  ['dbmate', digits.map((number) => `${number}_a.sql`)],
  [
    'node-pg-migrate',
    fc.tuple(digits, fc.stringMatching(/^[a-z-]{1,3}$/)).map(([number, word]) => `${number}_${word}.sql`),
  ],
  ['flyway', fc.stringMatching(/^(V\d{1,3}([._]\d{1,3}){0,2}|R)__[a-c]$/).map((name) => `${name}.sql`)],
  ['prisma', fc.stringMatching(/^[\d_a-c]{1,5}$/).map((name) => `${name}/migration.sql`)],
];

test.each(names)('%s: the order is one, whatever order the files are listed in', (format, name) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      (list, random) => {
        const files = (some: string[]): Files => Object.fromEntries(some.map((one) => [one, 'SELECT 1;']));
        // Equal versions are a separate problem.
        fc.pre(
          !formatOf(format)
            .read(listing(files(list)))
            .problems.some((one) => one.includes('has the same')),
        );
        const shuffled = list
          .map((one) => ({ one, at: random.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const order = read(format, files(list)).map(({ file }) => file);
        expect(order).toHaveLength(list.length);
        expect(read(format, files(shuffled)).map(({ file }) => file)).toEqual(order);
      },
    ),
  );
});
