import { Lexer } from '../../syntax/lexer.ts';
import { quoteSql } from '../../syntax/quote-sql.ts';
import type { Hit, Rule, Subject } from '../finding.ts';

/** Choices that are cheap now and dear later. */
export const typeRules: Rule[] = [{ name: 'long-name', level: 'info', on: 'any', check: longName }];

/** NAMEDATALEN is 64, one byte of which ends the string. */
const maxNameBytes = 63;

function longName({ statement }: Subject): Hit[] {
  // It makes nothing, and may be very long.
  if (statement.tag === 'InsertStmt') return [];
  const { text, offset } = statement;
  // No character of a string takes more than three bytes.
  if (text.length * 3 <= maxNameBytes) return [];
  const lexer = new Lexer(text);
  const hits: Hit[] = [];
  while (lexer.next()) {
    const { kind, start, end } = lexer;
    if ((kind !== 'word' && kind !== 'name') || (end - start) * 3 <= maxNameBytes) continue;
    const name =
      kind === 'word' ? text.slice(start, end) : text.slice(start + 1, end - 1).replaceAll('""', '"');
    const bytes = Buffer.byteLength(name);
    if (bytes <= maxNameBytes) continue;
    hits.push({
      offset: offset + start,
      message: `the name ${quoteSql(name)} has ${bytes} bytes, and PostgreSQL cuts it after ${maxNameBytes} with a notice only: two such names can become one`,
      remedy: `Choose a name of at most ${maxNameBytes} bytes.`,
    });
  }
  return hits;
}
