import type { SqlStatement } from '../syntax/grammar.ts';
import type { CatalogFacts } from './facts.ts';
import { type Named, ofParts, strings } from './names.ts';

/** An ALTER DOMAIN that reads every value of a domain. */
export interface DomainCheck {
  domain: Named;
  what: 'check' | 'not null' | 'validate';
}

/**
 * What ALTER DOMAIN reads for: a rule that holds for the values that are there. It reads all tables and materialised
 * views with a column of the domain, and VALIDATE takes the same lock for it as ADD (SHARE; seen on 15, 17 and 18).
 */
export function domainCheckOf(statement: SqlStatement): DomainCheck | undefined {
  if (statement.tag !== 'AlterDomainStmt') return undefined;
  const { subtype, def, typeName } = statement.node;
  const domain = ofParts(strings(typeName));
  if (subtype === 'O') return { domain, what: 'not null' };
  if (subtype === 'V') return { domain, what: 'validate' };
  if (subtype !== 'C' || !def || !('Constraint' in def) || def.Constraint.skip_validation) return undefined;
  return { domain, what: def.Constraint.contype === 'CONSTR_NOTNULL' ? 'not null' : 'check' };
}

/**
 * The tables and materialised views with a column of a domain. A domain over another hides its own columns from this.
 * @param key `schema.name` of the domain.
 */
export function tablesWith(key: string, { relations }: CatalogFacts): string[] {
  const name = key.slice(key.indexOf('.') + 1);
  return Object.entries(relations).flatMap(([table, { kind, columns }]) => {
    if (kind !== 'r' && kind !== 'm') return [];
    // format_type leaves the schema out where search_path finds the type without.
    const has = Object.values(columns).some(({ type }) => [key, name].includes(type.replaceAll('"', '')));
    return has ? [table] : [];
  });
}
