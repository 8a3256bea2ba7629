import { expect, test } from '@jest/globals';
import { type Turn, takeTurns } from '../../../scripts/turns.ts';

function begin(count: number): { turns: Turn[]; printed: string[] } {
  const printed: string[] = [];
  return { turns: takeTurns(count, (line) => printed.push(line)), printed };
}

test('lines of several speakers do not mix, and none is lost', () => {
  const { turns, printed } = begin(3);
  const [one, two, three] = turns;
  three?.say('3a');
  two?.say('2a');
  one?.say('1a');
  expect(printed).toEqual(['1a']);
  two?.say('2b');
  two?.end();
  one?.say('1b');
  expect(printed).toEqual(['1a', '1b']);
  one?.end();
  expect(printed).toEqual(['1a', '1b', '2a', '2b', '3a']);
  three?.say('3b');
  three?.end();
  expect(printed.slice(4)).toEqual(['3a', '3b']);
});

test('who has the turn is heard at once, and a line after the end as well', () => {
  const { turns, printed } = begin(2);
  const [one, two] = turns;
  one?.end();
  two?.say('2a');
  expect(printed).toEqual(['2a']);
  one?.say('late');
  expect(printed).toEqual(['2a', 'late']);
});
