import { Lexer } from '../../sql/lexer.ts';
import { oneLine } from '../clauses.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { ofParts, sqlOf, strings } from '../names.ts';

/** Choices that are cheap now and dear later. */
export const typeRules: Rule[] = [
  { name: 'domain-constraint', level: 'info', on: ['CreateDomainStmt', 'AlterDomainStmt'], check: domain },
  { name: 'long-name', level: 'info', on: 'any', check: longName },
];

function domain({ statement }: Subject): Hit[] {
  if (statement.tag === 'CreateDomainStmt') {
    const constraint = (statement.node.constraints ?? []).some(
      (node) =>
        'Constraint' in node && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(node.Constraint.contype ?? ''),
    );
    if (!constraint) return [];
    const d = sqlOf(ofParts(strings(statement.node.domainname)));
    return [
      {
        offset: statement.offset,
        message: `a rule in the domain ${d} can later be changed only by reading every table that uses it, with all of them locked`,
        remedy: `Put the CHECK on the columns: it can be added NOT VALID and validated without blocking anybody, table by table.`,
      },
    ];
  }
  if (statement.tag !== 'AlterDomainStmt' || statement.node.subtype !== 'C') return [];
  const { def, typeName } = statement.node;
  if (def && 'Constraint' in def && def.Constraint.skip_validation) return [];
  const d = sqlOf(ofParts(strings(typeName)));
  return [
    {
      offset: statement.offset,
      message: `this reads every table with a column of ${d} while SHARE is held on all of them: every INSERT, UPDATE and DELETE there waits`,
      remedy: `${oneLine(statement.text)} NOT VALID; and in the next file ALTER DOMAIN ${d} VALIDATE CONSTRAINT …;`,
    },
  ];
}

/** NAMEDATALEN is 64, one byte of which ends the string. */
const longest = 63;

function longName({ statement }: Subject): Hit[] {
  // It makes nothing, and may be very long.
  if (statement.tag === 'InsertStmt') return [];
  const { text, offset } = statement;
  // No character of a string takes more than three bytes.
  if (text.length * 3 <= longest) return [];
  const lexer = new Lexer(text);
  const hits: Hit[] = [];
  while (lexer.next()) {
    const { kind, start, end } = lexer;
    if ((kind !== 'word' && kind !== 'name') || (end - start) * 3 <= longest) continue;
    const name =
      kind === 'word' ? text.slice(start, end) : text.slice(start + 1, end - 1).replaceAll('""', '"');
    const bytes = Buffer.byteLength(name);
    if (bytes <= longest) continue;
    hits.push({
      offset: offset + start,
      message: `the name ${oneLine(name, 80)} has ${bytes} bytes, and PostgreSQL cuts it after ${longest} with no more than a notice: two such names can become one`,
      remedy: `Choose a name of at most ${longest} bytes.`,
    });
  }
  return hits;
}
