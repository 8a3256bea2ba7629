import type { SqlStatement } from '../syntax/grammar.ts';
import { Lexer } from '../syntax/lexer.ts';
import type { Script } from '../syntax/script.ts';
import { walk } from './ast.ts';
import { strings } from './names.ts';

/** A statement that uses a value of an enum in the transaction that adds it. */
export interface EarlyUse {
  user: SqlStatement;
  /** The ALTER TYPE … ADD VALUE. */
  added: SqlStatement;
  type: string;
  value: string;
}

/** A new value of an enum cannot be used before the transaction that adds it is committed (manual, ALTER TYPE). */
export function earlyUses({ statements }: Script): EarlyUse[] {
  const created = new Set<string>();
  return statements.flatMap((added, index) => {
    if (added.tag === 'CreateEnumStmt') created.add(strings(added.node.typeName).at(-1) ?? '');
    if (added.tag !== 'AlterEnumStmt' || added.node.oldVal !== undefined) return [];
    const { typeName, newVal: value = '' } = added.node;
    const type = strings(typeName).at(-1) ?? '';
    if (created.has(type)) return [];
    const user = statements.find((later, at) => at > index && usesValue(later, value));
    return user ? [{ user, added, type, value }] : [];
  });
}

function usesValue(statement: SqlStatement, value: string): boolean {
  if (['AlterEnumStmt', 'CommentStmt', 'CreateFunctionStmt'].includes(statement.tag)) return false;
  // The values of an INSERT are never in its node.
  if (statement.tag === 'InsertStmt') return hasString(statement.text, value);
  let found = false;
  walk(statement.node, (name, node) => {
    if (name === 'A_Const' && (node as { sval?: { sval?: string } }).sval?.sval === value) found = true;
  });
  return found;
}

function hasString(text: string, value: string): boolean {
  // Saves the walk over texts of many megabytes. Escapes are written for these two only.
  if (!/['\\]/.test(value) && !text.includes(value)) return false;
  for (const lexer = new Lexer(text); lexer.next(); )
    if (lexer.kind === 'string' && stringValue(text.slice(lexer.start, lexer.end)) === value) return true;
  return false;
}

function stringValue(token: string): string {
  if (token.startsWith('$')) {
    const tag = token.indexOf('$', 1) + 1;
    return token.slice(tag, -tag);
  }
  const quote = token.indexOf("'");
  const inner = token.slice(quote + 1, -1);
  return quote === 0
    ? inner.replaceAll("''", "'")
    : inner.replace(/''|\\(.)/gs, (_, escaped = "'") => escaped);
}
