export { ruleNames } from './lint/catalogue.ts';
export type { CatalogFacts, ColumnFacts, RelationFacts } from './lint/facts.ts';
export type { Finding, Level } from './lint/finding.ts';
export { idempotenceProblems } from './lint/idempotence.ts';
export { lintScripts } from './lint/lint.ts';
export { describeLock } from './lint/lock-mode.ts';
export { locksOf } from './lint/locks.ts';
export { runsAlone } from './lint/runs-alone.ts';
export { ownTransactions, type TransactionMode, transactionMode } from './lint/transaction-mode.ts';
export {
  type Grammar,
  loadGrammar,
  type NodeOf,
  type SqlStatement,
  type TaggedNode,
} from './syntax/grammar.ts';
export { contentProblems, scriptProblems, sqlProblems, sqlText } from './syntax/problems.ts';
export { quoteSql } from './syntax/quote-sql.ts';
export { eachStatement, positionAt, type ScannedStatement, scanStatements } from './syntax/scan.ts';
export { readScript, type Script } from './syntax/script.ts';
export { charactersToIndex, textOf } from './syntax/text.ts';
export { unwrapTransaction } from './syntax/unwrap.ts';
