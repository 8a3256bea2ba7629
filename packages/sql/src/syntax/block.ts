import type { BlockContent, Grammar, NodeOf, Parsed, SqlStatement } from './grammar.ts';
import type { Locate } from './location.ts';

/** What a file is read with. */
export interface Reading {
  grammar: Grammar;
  read: (sql: string) => Parsed;
  locate: Locate;
}

/**
 * Reads a DO block: the statements that are written in it, and those that EXECUTE gets as a plain string. They are taken
 * as if they ran, whatever the conditions around them.
 */
export function readBlock(
  { grammar, read, locate }: Reading,
  block: { node: NodeOf<'DoStmt'>; text: string; offset: number },
): BlockContent {
  const content: BlockContent = { statements: [], hidden: false, commits: false };
  const tree = languageOf(block.node) === 'plpgsql' ? grammar.parseBlock(block.text) : null;
  if (tree === null) return { ...content, hidden: true };
  let from = 0;
  visit(tree, (name, node) => {
    if (name === 'PLpgSQL_stmt_commit' || name === 'PLpgSQL_stmt_rollback') content.commits = true;
    const dynamic = name === 'PLpgSQL_stmt_dynexecute';
    if (!dynamic && name !== 'PLpgSQL_stmt_execsql') return;
    const { query = '' } = (node[dynamic ? 'query' : 'sqlstmt'] as Expression).PLpgSQL_expr ?? {};
    const found = block.text.indexOf(query, from);
    if (found >= 0) from = found + query.length;
    const sql = dynamic ? literal(grammar, query) : query;
    const parsed = sql === undefined ? undefined : read(sql);
    if (!parsed?.ok) content.hidden = true;
    else
      for (const { end, ...one } of parsed.statements) {
        const offset = block.offset + Math.max(found, 0) + (dynamic ? 0 : one.offset);
        const text = (sql as string).slice(one.offset, end);
        content.statements.push({ ...one, text, offset, ...locate(offset) } as SqlStatement);
      }
  });
  return content;
}

interface Expression {
  PLpgSQL_expr?: { query?: string };
}

function languageOf({ args = [] }: NodeOf<'DoStmt'>): string {
  for (const node of args)
    if ('DefElem' in node && node.DefElem.defname === 'language' && node.DefElem.arg)
      return 'String' in node.DefElem.arg ? (node.DefElem.arg.String.sval ?? '').toLowerCase() : '';
  return 'plpgsql';
}

/** The text of an expression that is one string and nothing else. */
function literal(grammar: Grammar, expression: string): string | undefined {
  const parsed = grammar.parse(`SELECT ${expression}`);
  const [select] = parsed.ok ? parsed.statements : [];
  if (select?.tag !== 'SelectStmt') return undefined;
  const [target] = select.node.targetList ?? [];
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value && 'A_Const' in value ? value.A_Const.sval?.sval : undefined;
}

function visit(tree: unknown, see: (name: string, node: Record<string, unknown>) => void): void {
  if (Array.isArray(tree)) for (const one of tree) visit(one, see);
  else if (typeof tree === 'object' && tree !== null)
    for (const [name, node] of Object.entries(tree)) {
      if (typeof node === 'object' && node !== null && !Array.isArray(node)) see(name, node);
      visit(node, see);
    }
}
