import { Fault } from '@slipway/kernel';
import type { Node } from 'libpg-query';
import { afterBlanks, beforeBlanks } from './blanks.ts';
import { charactersToIndex } from './text.ts';
import { loadWasm, type PgQueryModule } from './wasm.ts';

type Keys<Union> = Union extends unknown ? keyof Union : never;

/** Names of PostgreSQL's parse nodes, as in its source: `IndexStmt`, `AlterTableStmt`. */
export type NodeTag = Keys<Node>;
export type NodeOf<Tag extends NodeTag> = Extract<Node, Record<Tag, unknown>>[Tag];
/** A parse node under its name. Fields that have their default (false, 0, empty) are absent. */
export type TaggedNode = { [Tag in NodeTag]: { tag: Tag; node: NodeOf<Tag> } }[NodeTag];

/** One statement of a text. Offsets count UTF-16 units of the JavaScript string; `end` is after its last token. */
export type ParsedStatement = TaggedNode & { offset: number; end: number };

/** A statement of a file, with its location. */
export type SqlStatement = TaggedNode & {
  /** Without the semicolon and the comments around it. Locations inside the node are bytes of its UTF-8 form. */
  text: string;
  /** Index of its first character in the file. */
  offset: number;
  /** From 1. */
  line: number;
  column: number;
  /** Of a DO block. */
  inside?: BlockContent;
};

/** What a DO block runs, as far as its text shows. */
export interface BlockContent {
  /** Statements that are written in it, or given to EXECUTE as a plain string. */
  statements: SqlStatement[];
  /** Whether it builds statements from pieces, or is not in PL/pgSQL. */
  hidden: boolean;
  /** Whether it ends the transaction. */
  commits: boolean;
}

interface SyntaxProblem {
  /** Where PostgreSQL stopped understanding, in UTF-16 units. */
  offset: number;
  /** PostgreSQL's own words. */
  message: string;
}

export type Parsed = { ok: true; statements: ParsedStatement[] } | { ok: false; problem: SyntaxProblem };

/** PostgreSQL's own parser (libpg_query of version 18), compiled to WebAssembly. */
export interface Grammar {
  /** Reads a text of any number of statements. Locations inside the nodes are bytes of its UTF-8 form. */
  parse(sql: string): Parsed;
  /** Reads a DO statement in PL/pgSQL; null when that parser refuses it. The tree is PL/pgSQL's own. */
  parseBlock(sql: string): unknown;
}

let loading: Promise<Grammar> | undefined;

/**
 * Loads the parser once (15 ms) for the whole process, on the first call. A caller that will need it later can call this
 * early without waiting: other threads do most of the work.
 */
export function loadGrammar(): Promise<Grammar> {
  loading ??= loadWasm().then((module) => ({
    parse: (sql) => parse(module, sql),
    parseBlock: (sql) => parseBlock(module, sql),
  }));
  return loading;
}

function withText<T>(module: PgQueryModule, text: string, use: (pointer: number, bytes: number) => T): T {
  const bytes = Buffer.byteLength(text);
  const pointer = module._malloc(bytes + 1);
  try {
    module.stringToUTF8(text, pointer, bytes + 1);
    return use(pointer, bytes);
  } finally {
    module._free(pointer);
  }
}

/** A failed assertion of the C code, or a lack of memory, becomes whatever Emscripten throws. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw new Fault("PostgreSQL's parser failed", {
      cause,
      hint: 'It has 1 GB of memory: split a statement of many megabytes. Otherwise report the text as a fault.',
    });
  }
}

/** PgQueryParseResult is { tree, stderr, error }, PgQueryError { message, function, file, line, position, context }. */
function parse(module: PgQueryModule, sql: string): Parsed {
  // C strings end at a NUL: text after it would pass unread.
  const nul = sql.indexOf('\0');
  if (nul >= 0) return { ok: false, problem: { offset: nul, message: 'the text contains a NUL byte' } };
  return withText(module, sql, (pointer, bytes) => {
    const result = guarded(() => module._wasm_parse_query_raw(pointer));
    /** Of a C struct of pointers and integers; 0 is NULL. */
    const field = (struct: number, index: number): number => module.getValue(struct + index * 4, 'i32');
    try {
      const error = field(result, 2);
      if (error === 0) {
        const tree: RawTree = JSON.parse(module.UTF8ToString(field(result, 0)));
        return { ok: true, statements: statementsOf(sql, bytes, tree) };
      }
      const message = module.UTF8ToString(field(error, 0));
      const characters = Math.max(field(error, 4) - 1, 0);
      return { ok: false, problem: { offset: charactersToIndex(sql, characters), message } };
    } finally {
      module._wasm_free_parse_result(result);
    }
  });
}

interface RawTree {
  stmts?: { stmt?: Record<string, unknown>; stmt_location?: number; stmt_len?: number }[];
}

/** @param length Of the text, in bytes. */
function statementsOf(sql: string, length: number, { stmts = [] }: RawTree): ParsedStatement[] {
  const toUnit = length === sql.length ? (byte: number) => byte : unitsOf(sql);
  return stmts.map(({ stmt = {}, stmt_location: from = 0, stmt_len: bytes = length - from }) => {
    const [tag = ''] = Object.keys(stmt);
    const start = toUnit(from);
    const end = toUnit(from + bytes);
    // PostgreSQL counts the blanks and comments before a statement to it.
    const offset = afterBlanks(sql, start);
    return { tag, node: stmt[tag], offset, end: beforeBlanks(sql, end) } as ParsedStatement;
  });
}

/** Converts byte indexes to indexes of UTF-16 units, in ascending order. */
function unitsOf(sql: string): (byte: number) => number {
  const bytes = Buffer.from(sql);
  let [byte, unit] = [0, 0];
  return (until) => {
    unit += bytes.toString('utf8', byte, until).length;
    byte = until;
    return unit;
  };
}

function parseBlock(module: PgQueryModule, sql: string): unknown {
  return withText(module, sql, (pointer) => {
    const result = guarded(() => module._wasm_parse_plpgsql(pointer));
    try {
      const text = module.UTF8ToString(result);
      return text.startsWith('{') ? JSON.parse(text) : null;
    } finally {
      module._wasm_free_string(result);
    }
  });
}
