import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  type Grammar,
  lintScripts,
  loadGrammar,
  readScript,
  transactionMode,
  unwrapTransaction,
} from '@slipway/sql';
import { median, table } from './measure.ts';

/** Which of our rules mean the same as a rule of squawk; a list that is empty says that we have none on purpose. */
const same: Record<string, readonly string[]> = {
  adding_field_with_default: ['add-column-volatile-default', 'add-column-rewrite'],
  adding_foreign_key_constraint: ['foreign-key-without-not-valid'],
  adding_not_null_field: ['set-not-null'],
  adding_primary_key_constraint: ['constraint-builds-index', 'add-column-rewrite'],
  adding_required_field: ['add-column-required'],
  ban_alter_domain_with_add_constraint: ['domain-constraint'],
  ban_char_field: ['padded-char'],
  ban_concurrent_index_creation_in_transaction: ['transaction-mode'],
  ban_create_domain_with_constraint: ['domain-constraint'],
  ban_drop_column: ['drop-column'],
  ban_drop_database: ['drop-database'],
  ban_drop_not_null: ['drop-not-null'],
  ban_drop_table: ['drop-table'],
  ban_truncate_cascade: ['truncate'],
  ban_uncommitted_transaction: ['transaction-mode'],
  changing_column_type: ['change-type'],
  constraint_missing_not_valid: [
    'foreign-key-without-not-valid',
    'check-without-not-valid',
    'validate-in-same-file',
  ],
  disallow_unique_constraint: ['constraint-builds-index'],
  identifier_too_long: ['long-name'],
  prefer_bigint_over_int: ['prefer-bigint-key'],
  prefer_bigint_over_smallint: ['prefer-bigint-key'],
  prefer_repack: ['vacuum-full', 'cluster'],
  prefer_text_field: ['prefer-text'],
  prefer_timestamptz: ['prefer-timestamptz'],
  renaming_column: ['rename'],
  renaming_table: ['rename'],
  require_concurrent_index_creation: ['index-without-concurrently'],
  require_concurrent_index_deletion: ['drop-index-without-concurrently'],
  require_concurrent_partition_detach: ['detach-partition'],
  require_concurrent_reindex: ['reindex-without-concurrently'],
  transaction_nesting: ['transaction-mode'],
  ban_duplicate_column_assignments: [],
  prefer_identity: [],
  prefer_robust_stmts: [],
  require_enum_value_ordering: [],
  require_table_schema: [],
  require_timeout_settings: [],
};

interface Example {
  rule: string;
  name: string;
  sql: string;
  wrong: boolean;
}

/**
 * `node bench/lint.ts CHECKOUT`, with a checkout of github.com/sbdchd/squawk: what our lint says of the examples in the
 * tests of its rules, and how long reading and checking take. Nothing of it is saved.
 */
export async function lint(checkout = process.env.SQUAWK ?? ''): Promise<void> {
  const begun = performance.now();
  const grammar = await loadGrammar();
  const loaded = performance.now() - begun;
  if (checkout !== '') compare(grammar, checkout);
  else console.error('set SQUAWK to a checkout of github.com/sbdchd/squawk to compare the findings');
  console.log(`\n${table(['what', 'ms'], [['load the grammar', loaded.toFixed(1)], ...times(grammar)])}`);
}

function compare(grammar: Grammar, checkout: string): void {
  const examples = readExamples(path.join(checkout, 'crates/squawk_linter/src/rules'));
  const differing: string[] = [];
  const all = { hit: 0, alarm: 0, miss: 0, calm: 0 };
  const rows = Object.entries(same).flatMap(([rule, ours]) => {
    const mine = examples.filter((one) => one.rule === rule);
    if (ours.length === 0) return [[rule, '(none)', String(mine.length), '', '', '', '']];
    const count = { hit: 0, alarm: 0, miss: 0, calm: 0 };
    for (const one of mine) {
      const found = findingsOf(grammar, one.sql).some((name) => ours.includes(name));
      const kind = one.wrong ? (found ? 'hit' : 'miss') : found ? 'alarm' : 'calm';
      count[kind]++;
      all[kind]++;
      if (kind === 'miss' || kind === 'alarm') differing.push(`${kind}: ${rule} / ${one.name}`);
    }
    return [[rule, ours.join(', '), ...cells(count)]];
  });
  const head = ['rule of squawk', 'ours', 'examples', 'missed', 'false alarms', 'precision', 'recall'];
  console.log(table(head, [...rows, ['all that we have', '', ...cells(all)]]));
  console.log(`\nDiffering:\n${differing.map((line) => `- ${line}`).join('\n')}`);
}

function cells({ hit, alarm, miss, calm }: Record<'hit' | 'alarm' | 'miss' | 'calm', number>): string[] {
  const share = (of: number): string => (of === 0 ? '-' : (hit / of).toFixed(3));
  return [`${hit + alarm + miss + calm}`, `${miss}`, `${alarm}`, share(hit + alarm), share(hit + miss)];
}

function findingsOf(grammar: Grammar, sql: string): string[] {
  // As the action reads files: one BEGIN … COMMIT around all of it is taken away.
  const script = readScript(grammar, 'example.sql', unwrapTransaction(sql));
  const refused = transactionMode(script).mode === 'refused' ? ['transaction-mode'] : [];
  return [...refused, ...lintScripts([script], { appendOnly: [] }).findings.map(({ rule }) => rule)];
}

/** The examples in the Rust tests: a function each, which lints one text, or fixes several. */
function readExamples(folder: string): Example[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.rs') && name !== 'mod.rs')
    .flatMap((name) => {
      const tests = readFileSync(path.join(folder, name), 'utf8').split('mod test')[1] ?? '';
      return tests.split(/\n {4}fn /).flatMap((body) => examplesIn(name.replace('.rs', ''), body));
    });
}

const text = /r#"([\s\S]*?)"#|"((?:[^"\\]|\\[\s\S])*)"/y;

function examplesIn(rule: string, body: string): Example[] {
  const name = /^\w+/.exec(body)?.[0] ?? '';
  // PostgreSQL 11 is out of support, and our rules do not know it.
  if (/^fn|"11"\.parse/.test(body) || name.startsWith('lint_') || name === 'fix') return [];
  const at = (pattern: RegExp): string[] =>
    [...body.matchAll(pattern)].flatMap((match) => {
      text.lastIndex = match.index + match[0].length;
      const [, raw, plain] = text.exec(body) ?? [];
      const sql = raw ?? plain?.replace(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one));
      return sql === undefined ? [] : [sql];
    });
  const wrong = !/\blint_ok/.test(body);
  const given = at(/let sql = /g);
  const texts = given.length > 0 ? given : at(/\bfix\(\s*/g);
  return texts.map((sql, index) => ({
    rule,
    name: texts.length > 1 ? `${name} ${index + 1}` : name,
    sql,
    wrong,
  }));
}

function times(grammar: Grammar): string[][] {
  const files = Array.from({ length: 100 }, (_, index) => ({
    file: `${index}.sql`,
    sql: `CREATE TABLE t${index} (id bigint PRIMARY KEY, name text NOT NULL);
ALTER TABLE users ADD COLUMN c${index} text DEFAULT 'x';
CREATE INDEX i${index} ON users (c${index});
ALTER TABLE orders ADD CONSTRAINT k${index} FOREIGN KEY (a) REFERENCES users (id) NOT VALID;
UPDATE users SET c${index} = 'y' WHERE id = ${index};\n`,
  }));
  const row = "INSERT INTO data (id, name) VALUES (1, 'some words; and a semicolon');\n";
  const data = row.repeat(Math.ceil(10_000_000 / row.length));
  return [
    ['100 files of 5 statements: read and lint', timed(() => lintAll(grammar, files))],
    ['10 MB of INSERTs: read', timed(() => readScript(grammar, 'data.sql', data))],
  ];
}

function lintAll(grammar: Grammar, files: readonly { file: string; sql: string }[]): void {
  lintScripts(
    files.map(({ file, sql }) => readScript(grammar, file, sql)),
    { appendOnly: ['events'] },
  );
}

function timed(work: () => void): string {
  const runs = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return median(runs).toFixed(1);
}

if (import.meta.main) await lint(process.argv[2]);
