import type { NodeOf, SqlStatement } from '../../syntax/grammar.ts';
import { copyableSql } from '../../syntax/quote-sql.ts';
import { type DomainCheck, domainCheckOf } from '../domains.ts';
import type { Hit, Rule, Subject } from '../finding.ts';
import { derivedName, ofParts, sqlName, sqlOf, strings } from '../names.ts';

/** Rules in domains: what reads every table that uses one. */
export const domainRules: Rule[] = [
  { name: 'domain-constraint', level: 'error', on: ['CreateDomainStmt', 'AlterDomainStmt'], check: domain },
];

function domain({ statement, schema }: Subject): Hit[] {
  if (statement.tag === 'CreateDomainStmt') return created(statement.node, statement.offset);
  const check = domainCheckOf(statement);
  const tables = check && schema.tablesWith(check.domain);
  if (!check || tables?.length === 0) return [];
  return [
    {
      offset: statement.offset,
      message: `this reads every ${tables ? `row of ${listed(tables)}` : `table with a column of ${sqlOf(check.domain)}`} while SHARE is held there: every INSERT, UPDATE and DELETE waits`,
      remedy: remedyOf(check, statement),
    },
  ];
}

function created({ constraints = [], domainname }: NodeOf<'CreateDomainStmt'>, offset: number): Hit[] {
  const ruled = constraints.some(
    (node) =>
      'Constraint' in node && ['CONSTR_CHECK', 'CONSTR_NOTNULL'].includes(node.Constraint.contype ?? ''),
  );
  if (!ruled) return [];
  const d = sqlOf(ofParts(strings(domainname)));
  return [
    {
      offset,
      level: 'info',
      message: `a rule in the domain ${d} can later be changed only by reading every table that uses it, with all of them locked`,
      remedy: `Put the CHECK on the columns: it can be added NOT VALID and validated table by table, without blocking anybody.`,
    },
  ];
}

/** The first few of a list. */
function listed(tables: readonly string[]): string {
  const rest = tables.length - 3;
  return tables.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Unlike that of a table, a rule of a domain cannot be validated without the lock. */
function remedyOf({ domain: named, what }: DomainCheck, statement: SqlStatement): string {
  if (what === 'validate')
    return 'Leave it out: the rule holds for every new value without it. Or run it when hardly anybody writes, and allow it with "-- slipway: allow domain-constraint because …".';
  const name = sqlName(derivedName(named.name, 'not_null'));
  const instead =
    what === 'check'
      ? copyableSql(statement.text)
      : `ALTER DOMAIN ${sqlOf(named)} ADD CONSTRAINT ${name} CHECK (VALUE IS NOT NULL)`;
  return `${instead} NOT VALID; locks no table and holds for every new value. To validate it would read the tables under the same lock.`;
}
