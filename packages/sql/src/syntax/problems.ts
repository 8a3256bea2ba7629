import { isUtf8 } from 'node:buffer';
import { hasMarkers } from './markers.ts';
import { eachStatement, maxBackslashes, positionAt } from './scan.ts';
import type { Script } from './script.ts';
import { textOf } from './text.ts';

const marker = /^[ \t]*--[ \t]*slipway:[ \t]*(.*?)\s*$/gim;
const knownMarker = /^(contract|allow)\b/i;

/** The text of a SQL file, without the byte order mark that some editors put first. */
export function sqlText(content: Buffer): string {
  return textOf(content).replace(/^\uFEFF/, '');
}

/** Why bytes cannot be run as SQL, each with file and line. Pure. */
export function contentProblems(file: string, content: Buffer): string[] {
  if (!isUtf8(content)) return [`${file}: the file is not UTF-8`];
  if (content.includes(0)) return [`${file}: the file contains a NUL byte; save it as UTF-8 text`];
  return sqlProblems(file, sqlText(content));
}

/** Why a server cannot run a text, as far as the lexer shows. Pure. */
export function sqlProblems(file: string, sql: string): string[] {
  let empty = true;
  const backslashes: number[] = [];
  for (const statement of eachStatement(sql)) {
    empty = false;
    if (statement.backslashes) backslashes.push(...statement.backslashes);
  }
  return scriptProblems({ file, sql, empty, backslashes });
}

/** The same for a text that was read already. */
export function scriptProblems({
  file,
  sql,
  empty,
  backslashes,
}: Pick<Script, 'file' | 'sql' | 'empty' | 'backslashes'>): string[] {
  if (empty) return [`${file}: the file contains no statement`];
  const at = (offset: number, problem: string): string => {
    const { line, column } = positionAt(sql, offset);
    return `${file}:${line}:${column}: ${problem}`;
  };
  return [
    ...[...(hasMarkers(sql) ? sql.matchAll(marker) : [])]
      .filter((match) => !knownMarker.test(match[1] ?? ''))
      .map((match) =>
        at(match.index, `"slipway: ${match[1]}" is unknown; the markers are "contract" and "allow"`),
      ),
    ...backslashes
      .slice(0, maxBackslashes)
      .map((offset) => at(offset, 'backslash commands work only in psql; write them as SQL')),
  ];
}
