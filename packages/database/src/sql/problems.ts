import { positionAt, type ScannedStatement, scanStatements } from './scan.ts';

const transactionWords = new Set(['begin', 'commit', 'rollback', 'end', 'abort', 'start']);
const marker = /^[ \t]*--[ \t]*slipway:[ \t]*(.*?)\s*$/gim;

/** The text of a SQL file, without the byte order mark that some editors put first. */
export function sqlText(content: Buffer): string {
  return content.toString('utf8').replace(/^\uFEFF/, '');
}

/** What keeps a file from being run in one transaction of ours, each with file:line:column. Pure. */
export function contentProblems(file: string, content: Buffer): string[] {
  if (!Buffer.from(content.toString('utf8'), 'utf8').equals(content))
    return [`${file}: the file is not UTF-8`];
  if (content.includes(0)) return [`${file}: the file holds a NUL byte; save it as UTF-8 text`];
  const sql = sqlText(content);
  const { statements, backslashes } = scanStatements(sql);
  if (statements.length === 0) return [`${file}: the file holds no statement`];
  const at = (offset: number, problem: string): string => {
    const { line, column } = positionAt(sql, offset);
    return `${file}:${line}:${column}: ${problem}`;
  };
  return [
    ...[...sql.matchAll(marker)]
      .filter((match) => !/^(?:contract|allow)\b/i.test(match[1] ?? ''))
      .map((match) => at(match.index, `"slipway: ${match[1]}" is not known; the markers are "contract" and "allow"`)),
    ...backslashes.slice(0, 3).map((offset) => at(offset, 'commands with a backslash work only in psql')),
    ...statements.flatMap((statement) => {
      const problem = statementProblem(statement);
      return problem === undefined ? [] : [at(statement.offset, problem)];
    }),
  ];
}

/** Why a statement cannot be part of a transaction that somebody else begins and commits. */
function statementProblem({ words }: ScannedStatement): string | undefined {
  const [first = '', second = ''] = words;
  const name = first.toUpperCase();
  if (transactionWords.has(first) || (first === 'prepare' && second === 'transaction')) {
    return `${name} is not allowed here: every file runs in one transaction of its own`;
  }
  const concurrent = words.includes('concurrently') && first !== 'refresh';
  const global =
    ['create', 'drop'].includes(first) && ['database', 'tablespace', 'subscription'].includes(second);
  const alone = first === 'vacuum' || (first === 'alter' && second === 'system') || global;
  if (!concurrent && !alone) return undefined;
  const what = concurrent
    ? `${name} … CONCURRENTLY`
    : alone && !second
      ? name
      : `${name} ${second.toUpperCase()}`;
  return `${what} cannot run in a transaction: run it by hand before the release, and leave it out here`;
}
