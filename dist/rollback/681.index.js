export const id = 681;
export const ids = [681];
export const modules = {

/***/ 1681:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  AppliedByAnotherRun: () => (/* reexport */ AppliedByAnotherRun),
  addExternallyApplied: () => (/* reexport */ addExternallyApplied),
  appliedOf: () => (/* reexport */ appliedOf),
  assertWritable: () => (/* reexport */ assertWritable),
  batchWork: () => (/* reexport */ batchWork),
  buildWork: () => (/* reexport */ buildWork),
  contractMigrationId: () => (/* reexport */ contractMigrationId),
  downsTableFor: () => (/* reexport */ downsTableFor),
  downsToSave: () => (/* reexport */ downsToSave),
  dumpSchema: () => (/* reexport */ dumpSchema),
  explainStatement: () => (/* reexport */ explainStatement),
  fillShadow: () => (/* reexport */ fillShadow),
  findReversal: () => (/* reexport */ findReversal),
  findVersionQuery: () => (/* reexport */ findVersionQuery),
  fingerprintOf: () => (/* reexport */ fingerprintOf),
  formatNames: () => (/* reexport */ formatNames),
  judgeDrift: () => (/* reexport */ judgeDrift),
  judgeProjections: () => (/* reexport */ judgeProjections),
  judgeStaging: () => (/* reexport */ judgeStaging),
  listVersions: () => (/* reexport */ listVersions),
  newestVersion: () => (/* reexport */ newestVersion),
  numberingGaps: () => (/* reexport */ numberingGaps),
  openVersionTable: () => (/* reexport */ openVersionTable),
  planMigrations: () => (/* reexport */ planMigrations),
  readAssertionFiles: () => (/* reexport */ readAssertionFiles),
  readCatalog: () => (/* reexport */ readCatalog),
  readContractMigrations: () => (/* reexport */ readContractMigrations),
  readDurations: () => (/* reexport */ readDurations),
  readExternallyApplied: () => (/* reexport */ readExternallyApplied),
  readFolder: () => (/* reexport */ readFolder),
  readMigrationFolder: () => (/* reexport */ readMigrationFolder),
  readMigrationTables: () => (/* reexport */ readMigrationTables),
  readProjections: () => (/* reexport */ readProjections),
  readReversal: () => (/* reexport */ readReversal),
  readSavedDowns: () => (/* reexport */ readSavedDowns),
  readSchemaBaseline: () => (/* reexport */ readSchemaBaseline),
  rehearse: () => (/* reexport */ rehearse),
  revertMigrations: () => (/* reexport */ revertMigrations),
  runAssertions: () => (/* reexport */ runAssertions),
  runBatch: () => (/* reexport */ runBatch),
  saveDowns: () => (/* reexport */ saveDowns),
  saveRevertedSchema: () => (/* reexport */ saveRevertedSchema),
  saveSchemaBaseline: () => (/* reexport */ saveSchemaBaseline),
  schemaTableFor: () => (/* reexport */ schemaTableFor),
  settleContractMigrations: () => (/* reexport */ settleContractMigrations),
  sharedChange: () => (/* reexport */ sharedChange),
  stateOf: () => (/* reexport */ stateOf),
  textOfBatch: () => (/* reexport */ textOfBatch),
  transactionText: () => (/* reexport */ transactionText),
  verifyVersions: () => (/* reexport */ verifyVersions)
});

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/postgres/src/connection/quoting.ts
var quoting = __webpack_require__(1505);
;// CONCATENATED MODULE: ./packages/sql/src/syntax/text.ts
const decoded = new WeakMap();
/** The bytes as text, decoded once: every migration format reads the same files to recognise its own. */
function textOf(content) {
    const text = decoded.get(content) ?? content.toString('utf8');
    decoded.set(content, text);
    return text;
}
/** PostgreSQL counts code points, JavaScript UTF-16 units. */
function charactersToIndex(text, characters) {
    let index = 0;
    for (let left = characters; left > 0 && index < text.length; left--) {
        index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    }
    return index;
}

// EXTERNAL MODULE: ./packages/postgres/src/connection/lost.ts
var lost = __webpack_require__(546);
;// CONCATENATED MODULE: ./packages/migrations/src/formats/table-access.ts


/** The error of reading the version table: the user's when it is about privileges. */
function readError(error, table) {
    if (error.code === '42501') {
        return new errors/* UserError */.yo(`the database user may not read ${table}`, {
            cause: error,
            hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
        });
    }
    return new errors/* Fault */.vC(`${table} cannot be read: ${(0,lost/* isConnectionLost */.pb)(error) ? (0,lost/* describeLost */.Uk)(error) : (0,errors/* describeError */.Uc)(error)}`, { cause: (0,lost/* causeOf */.rl)(error) });
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/found-table.ts


/**
 * Looks for a table, by search_path unless a schema is given.
 * @param table Its name, not quoted. @throws UserError when search_path names no schema that exists.
 */
async function findTable(client, table, schema) {
    const { rows } = await client.query(`WITH wanted AS (SELECT to_regclass(CASE WHEN $2::text IS NULL THEN format('%I', $1::text)
                                             ELSE format('%I.%I', $2::text, $1::text) END) AS oid),
     of_table AS (SELECT coalesce((SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                WHERE c.oid = (SELECT oid FROM wanted)), $2::text, current_schema()) AS schema)
     SELECT schema, (SELECT oid FROM wanted) IS NOT NULL AS exists, quote_ident(schema) || '.' || quote_ident($1::text) AS name,
       current_database() AS database,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', t.typname, 'optional',
                 NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '') ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = (SELECT oid FROM wanted) AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM of_table`, [table, schema ?? null]);
    const [found] = rows;
    if (!found?.schema || found.name === null) {
        throw new errors/* UserError */.yo('the search_path of the database user names no schema that exists', {
            hint: 'CREATE SCHEMA public, or set the search_path of the user: ALTER ROLE … SET search_path = ….',
        });
    }
    const { name, schema: foundSchema, exists, columns, database } = found;
    return { name, schema: foundSchema, exists, columns: columns ?? [], database };
}
/** Whether a table has all of these columns. */
function hasColumns(table, ...names) {
    return names.every((name) => table.columns.some((column) => column.name === name));
}
/**
 * Rows of a version table; the parts of the query are SQL. null when the table is not there.
 * @throws UserError when the user may not read it; Fault.
 */
async function readRows(client, table, query) {
    if (!table.exists)
        return null;
    const { columns, where = 'true', order } = query;
    const found = await client
        .query(`SELECT ${columns} FROM ${table.name} WHERE ${where} ORDER BY ${order}`)
        .catch((error) => {
        throw readError(error, table.name);
    });
    return found.rows;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/order.ts
/** Numeric, for numbers of any length. */
function compareNumbers(a, b) {
    const safe = Number.isSafeInteger(Number(a)) && Number.isSafeInteger(Number(b));
    const [one, other] = safe ? [Number(a), Number(b)] : [BigInt(a), BigInt(b)];
    return one < other ? -1 : one > other ? 1 : 0;
}
/** By code units, as tools that sort names do: neither the locale nor the width of numbers counts. */
function compareNames(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
/** Numbers without the zeros before them, so that a bigint in a table finds `002` among the files. */
function withoutZeros(version) {
    return /^0\d*$/.test(version) ? version.replace(/^0+(?=\d)/, '') : version;
}
/** A problem for each migration whose version an earlier one has already. */
function twinProblems(migrations, keyOf, what = 'number') {
    const seen = new Map();
    return migrations.flatMap((migration) => {
        const key = keyOf(migration);
        const twin = seen.get(key);
        if (twin)
            return [`${migration.file}: ${twin.file} has the same ${what}`];
        seen.set(key, migration);
        return [];
    });
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./packages/sql/src/syntax/markers.ts
/** Whether a text may contain a comment `-- slipway: …`. Most do not, and this check is quick. */
function hasMarkers(sql) {
    return /slipway:/i.test(sql);
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/blanks.ts
const lineEnd = /[\r\n]/g;
const [dash, slash, star] = [45, 47, 42];
/** The end of something that is never closed. */
const never = Number.POSITIVE_INFINITY;
/** A blank by PostgreSQL's rules; other blanks of Unicode, such as U+00A0, count as letters. */
function isBlank(code) {
    return code === 32 || (code >= 9 && code <= 13);
}
/** Index of the line end that ends a `--` comment, or of the end of the text. */
function endOfLine(sql, from) {
    lineEnd.lastIndex = from;
    return lineEnd.exec(sql)?.index ?? sql.length;
}
/** Index of the first character outside blanks and comments. */
function afterBlanks(sql, from) {
    return Math.min(afterBlanksOrNever(sql, from), sql.length);
}
/** The same, and `never` when a comment is never closed. */
function afterBlanksOrNever(sql, from) {
    for (let at = from;;) {
        const code = sql.charCodeAt(at);
        if (isBlank(code))
            at++;
        else if (code === dash && sql.charCodeAt(at + 1) === dash)
            at = endOfLine(sql, at);
        else if (code === slash && sql.charCodeAt(at + 1) === star)
            at = afterComment(sql, at + 2);
        else
            return at;
    }
}
/** Index after the last character before `end` that is not a blank. */
function beforeBlanks(sql, end) {
    let at = end;
    while (at > 0 && isBlank(sql.charCodeAt(at - 1)))
        at--;
    return at;
}
function afterComment(sql, from) {
    const edge = /\/\*|\*\//g;
    edge.lastIndex = from;
    for (let depth = 1; depth > 0;) {
        const found = edge.exec(sql);
        if (!found)
            return never;
        depth += found[0] === '/*' ? 1 : -1;
    }
    return edge.lastIndex;
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/lexer.ts

const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const integer = String.raw `\d(?:_?\d)*`;
const number = new RegExp(String.raw `0(?:x(?:_?[\da-f])+|o(?:_?[0-7])+|b(?:_?[01])+)|${integer}(?:\.(?!\.)(?:${integer})?)?(?:e[-+]?${integer})?`, 'iy');
/**
 * Walks over the tokens of a SQL text by PostgreSQL's lexical rules (manual, section 4.1; its scan.l), without blanks
 * and comments, which nest. It stores only its position, so that a text of many megabytes costs no memory. Something that is
 * never closed ends with the text.
 */
class Lexer {
    sql;
    /** The current token: index of its first character, and after its last. */
    start = 0;
    end;
    kind = 'mark';
    /** Whether a comment, a string or a quoted name before `end` is never closed: PostgreSQL refuses such a text. */
    unclosed = false;
    constructor(sql, from = 0) {
        this.sql = sql;
        this.end = from;
    }
    /** Goes to the next token; false at the end of the text. */
    next() {
        const { sql } = this;
        this.start = afterBlanksOrNever(sql, this.end);
        if (this.start === never)
            this.unclosed = true;
        if (this.start >= sql.length)
            return false;
        const code = sql.charCodeAt(this.start);
        const following = sql.charCodeAt(this.start + 1);
        if (code === quote)
            return this.#take('string', afterQuoted(sql, this.start, "'"));
        if (code === doubleQuote)
            return this.#take('name', afterQuoted(sql, this.start, '"'));
        if ((code | 32) === letterE && following === quote)
            return this.#take('string', afterEscapes(sql, this.start + 2));
        if (startsWord(code))
            return this.#take('word', afterWord(sql, this.start + 1));
        if (isDigit(code))
            return this.#take('number', afterNumber(sql, this.start));
        if (code === dollar && isDigit(following))
            return this.#take('word', afterDigits(sql, this.start + 2));
        if (code === dollar) {
            dollarTag.lastIndex = this.start;
            const [tag] = dollarTag.exec(sql) ?? [];
            if (tag)
                return this.#take('string', indexAfter(sql, tag, this.start + tag.length));
        }
        return this.#take('mark', this.start + 1);
    }
    #take(kind, end) {
        this.kind = kind;
        this.end = Math.min(end, this.sql.length);
        if (end === never)
            this.unclosed = true;
        return true;
    }
}
const [quote, doubleQuote, backslash, dollar, lexer_dash, letterE] = [39, 34, 92, 36, 45, 101];
function isDigit(code) {
    return code >= 48 && code <= 57;
}
function startsWord(code) {
    return ((code | 32) >= 97 && (code | 32) <= 122) || code === 95 || code >= 128;
}
function afterWord(sql, from) {
    let at = from;
    for (let code = sql.charCodeAt(at); startsWord(code) || isDigit(code) || code === dollar;)
        code = sql.charCodeAt(++at);
    return at;
}
function afterDigits(sql, from) {
    let at = from;
    while (isDigit(sql.charCodeAt(at)))
        at++;
    return at;
}
function afterNumber(sql, start) {
    number.lastIndex = start;
    return number.test(sql) ? number.lastIndex : start + 1;
}
/** Index after the next `end`. */
function indexAfter(sql, end, from) {
    const found = sql.indexOf(end, from);
    return found < 0 ? never : found + end.length;
}
/** A doubled quote is a quote inside the text. */
function afterQuoted(sql, start, by) {
    let at = indexAfter(sql, by, start + 1);
    while (sql[at] === by)
        at = indexAfter(sql, by, at + 1);
    return at;
}
/** A string continues after a line end. That matters for this kind only: others continue as the same kind. */
function afterEscapes(sql, from) {
    for (let at = from; at < sql.length; at++) {
        const code = sql.charCodeAt(at);
        if (code === backslash)
            at++;
        else if (code === quote && sql.charCodeAt(at + 1) === quote)
            at++;
        else if (code === quote) {
            const next = continuation(sql, at + 1);
            if (next < 0)
                return at + 1;
            at = next;
        }
    }
    return never;
}
/** Index of the quote with which a string continues, after blanks and `--` comments with a line end; else -1. */
function continuation(sql, from) {
    let newLine = false;
    for (let at = from;; at++) {
        const code = sql.charCodeAt(at);
        if (code === 10 || code === 13)
            newLine = true;
        else if (code === lexer_dash && sql.charCodeAt(at + 1) === lexer_dash)
            at = endOfLine(sql, at) - 1;
        else if (!isBlank(code))
            return newLine && code === quote ? at : -1;
    }
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/scan.ts

/** How many psql commands are listed. */
const maxBackslashes = 3;
const maxWords = 4;
/** No word that matters is longer than `atomic`. */
const maxWordLength = 6;
/** All that `eachStatement` finds. */
function scanStatements(sql) {
    const statements = [...eachStatement(sql)];
    return { statements, backslashes: statements.flatMap(({ backslashes = [] }) => backslashes) };
}
/**
 * Finds the statements of a SQL text one after the other, as the server cuts them: not inside parentheses (rules), not
 * inside the body of a function that is written as BEGIN ATOMIC … END. It does not check the syntax; the server does. The rest of the
 * line after a `COPY … FROM stdin;` is SQL, as in psql; a statement there ends with the line.
 */
function* eachStatement(sql) {
    const whole = new Lexer(sql);
    // The rest of a COPY's line, while that is read.
    let rest;
    for (;;) {
        const lexer = rest ?? whole;
        if (!lexer.next()) {
            if (!rest)
                return;
            rest = undefined;
            continue;
        }
        if (sql[lexer.start] === ';')
            continue;
        const statement = { offset: lexer.start, end: lexer.sql.length, words: [] };
        if (readStatement(lexer, statement)) {
            statement.data = copyData(sql, rest ? whole.end : lexer.end);
            rest ??= new Lexer(sql.slice(0, statement.data.start), lexer.end);
            whole.end = statement.data.end;
        }
        yield statement;
    }
}
/** Goes to the end of the current statement. @returns whether the rows of a COPY follow it. */
function readStatement(lexer, statement) {
    const { sql } = lexer;
    const { words } = statement;
    const body = new AtomicBody();
    let [depth, previous, takesData] = [0, '', false];
    do {
        const { kind, start, end } = lexer;
        let token = '';
        if (kind === 'mark') {
            token = sql[start];
            if (token === ';' && depth <= 0 && !body.open) {
                statement.end = end;
                return takesData;
            }
            if (token === '(')
                depth++;
            else if (token === ')')
                depth--;
            else if (token === '\\')
                noteBackslash(statement, start);
        }
        else if (kind === 'word' && sql.charCodeAt(start) < 128) {
            if (words.length < maxWords || (readsOn(words[0]) && end - start <= maxWordLength))
                token = sql.slice(start, end).toLowerCase();
            if (words.length < maxWords)
                words.push(token);
            if (words[0] === 'create')
                body.add(token, previous);
            takesData ||= depth <= 0 && token === 'stdin' && previous === 'from' && words[0] === 'copy';
        }
        previous = token;
    } while (lexer.next());
    return false;
}
/** Whether words after the first few matter for such a statement: a body, or rows after it. */
function readsOn(word) {
    return word === 'create' || word === 'copy';
}
/** Follows a statement into a body of BEGIN ATOMIC … END, in which CASE … END may stand. */
class AtomicBody {
    open = false;
    #cases = 0;
    add(word, previous) {
        // A column may have such a name.
        if (previous === '.' || previous === 'as')
            return;
        if (!this.open)
            this.open = word === 'atomic' && previous === 'begin';
        else if (word === 'case')
            this.#cases++;
        else if (word === 'end' && this.#cases > 0)
            this.#cases--;
        else if (word === 'end')
            this.open = previous !== ';' && previous !== 'atomic';
    }
}
function noteBackslash(statement, at) {
    statement.backslashes ??= [];
    if (statement.backslashes.length < maxBackslashes)
        statement.backslashes.push(at);
}
/** The lines from the one after `from` to `\.`, or to the end of the file. Rows end with a line feed and nothing else. */
function copyData(sql, from) {
    const line = sql.indexOf('\n', from);
    const start = line < 0 ? sql.length : line + 1;
    const last = /(?<=\n)\\\.[ \t]*\r?(?![^\n])/g;
    last.lastIndex = start;
    const match = last.exec(sql);
    const rows = sql.slice(start, match?.index ?? sql.length);
    return { start, end: match ? last.lastIndex : sql.length, rows };
}
/** Line and column, from 1, of an index in a text. */
function positionAt(text, offset) {
    let [line, start] = [1, 0];
    for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', start)) {
        line++;
        start = next + 1;
    }
    return { line, column: offset - start + 1 };
}

;// CONCATENATED MODULE: ./packages/sql/src/syntax/problems.ts




const marker = /^[ \t]*--[ \t]*slipway:[ \t]*(.*?)\s*$/gim;
const knownMarker = /^(contract|allow)\b/i;
/** The text of a SQL file, without the byte order mark that some editors put first. */
function sqlText(content) {
    return textOf(content).replace(/^\uFEFF/, '');
}
/** Why bytes cannot be run as SQL, each with file and line. Pure. */
function contentProblems(file, content) {
    if (!(0,external_node_buffer_.isUtf8)(content))
        return [`${file}: the file is not UTF-8`];
    if (content.includes(0))
        return [`${file}: the file contains a NUL byte; save it as UTF-8 text`];
    return sqlProblems(file, sqlText(content));
}
/** Why a server cannot run a text, as far as the lexer shows. Pure. */
function sqlProblems(file, sql) {
    let empty = true;
    const backslashes = [];
    for (const statement of eachStatement(sql)) {
        empty = false;
        if (statement.backslashes)
            backslashes.push(...statement.backslashes);
    }
    return scriptProblems({ file, sql, empty, backslashes });
}
/** The same for a text that was read already. */
function scriptProblems({ file, sql, empty, backslashes, }) {
    if (empty)
        return [`${file}: the file contains no statement`];
    const at = (offset, problem) => {
        const { line, column } = positionAt(sql, offset);
        return `${file}:${line}:${column}: ${problem}`;
    };
    return [
        ...[...(hasMarkers(sql) ? sql.matchAll(marker) : [])]
            .filter((match) => !knownMarker.test(match[1] ?? ''))
            .map((match) => at(match.index, `"slipway: ${match[1]}" is unknown; the markers are "contract" and "allow"`)),
        ...backslashes
            .slice(0, maxBackslashes)
            .map((offset) => at(offset, 'backslash commands work only in psql; write them as SQL')),
    ];
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/source.ts



const contractMarker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;
/** A file of a listing as SQL. Pure. */
function readSource(listing, name) {
    const content = listing.files.get(name) ?? Buffer.alloc(0);
    const file = userPath(listing, name);
    const text = sqlText(content);
    const problems = encodingProblems(file, content, text);
    const sql = problems.length > 0 ? '' : text;
    return {
        file,
        content,
        problems,
        sql,
        sha256: digest('sha256', withLineFeeds(content)),
        class: contractMarker.test(sql) ? 'contract' : 'expand',
        transaction: ownTransaction(sql) ? 'own' : 'auto',
    };
}
/** The file as the user knows it: relative to the workspace. */
function userPath(listing, name) {
    return listing.folder === '.' ? name : `${listing.folder}/${name}`;
}
/** What reverts a migration, from a separate file; null when there is no such file. */
function readDown(listing, name) {
    if (!listing.files.has(name))
        return null;
    const { file, sql } = readSource(listing, name);
    return { file, sql };
}
function encodingProblems(file, content, text) {
    if (!(0,external_node_buffer_.isUtf8)(content))
        return [`${file}: the file is not UTF-8`];
    if (text.includes('\0'))
        return [`${file}: the file contains a NUL byte; save it as UTF-8 text`];
    return [];
}
/** A checkout on Windows is the same migration. */
function withLineFeeds(content) {
    if (!content.includes('\r\n'))
        return content;
    return Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
function digest(algorithm, content) {
    return (0,external_node_crypto_.hash)(algorithm, content);
}
/** Whether the text begins and ends a transaction itself, comments aside. */
function ownTransaction(sql) {
    // Most files name neither word, and a scan of five thousand of them can be felt.
    if (!/\b(?:begin|start)\b/i.test(sql) || !/\b(?:commit|end)\b/i.test(sql))
        return false;
    const { statements } = scanStatements(sql);
    const [first, last] = [statements.at(0)?.words[0] ?? '', statements.at(-1)?.words[0] ?? ''];
    return ['begin', 'start'].includes(first) && ['commit', 'end'].includes(last);
}
/**
 * A text with a part of it replaced by spaces: what is left keeps its position, in UTF-16 units as well as in lines.
 * Line ends stay.
 */
function blankOut(text, from, to) {
    return text.slice(0, from) + text.slice(from, to).replace(/[^\r\n]/g, ' ') + text.slice(to);
}
/** `file:line` of an index of its text, for a problem. */
function locationOf(file, text, offset) {
    return `${file}:${positionAt(text, offset).line}`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/dbmate/sections.ts

const directive = /^--\s*migrate:(up|down)(?:[^\S\n]*$|[^\S\n]+\S.*$)/gm;
/**
 * The sections of a file as dbmate's pkg/dbmate/migration.go cuts it: from each directive to the next one; before the
 * first only comments are allowed, and every up is followed by exactly one down. Pure.
 */
function dbmateSections(file, sql) {
    const marks = [...sql.matchAll(directive)].map((match) => ({
        at: match.index,
        direction: match[1],
        without: /\stransaction:false(?:\s|$)/.test(match[0]),
    }));
    const problems = sectionProblems(file, sql, marks);
    let [up, down] = [sql, sql];
    for (const [index, { at, direction }] of marks.entries()) {
        const end = marks[index + 1]?.at ?? sql.length;
        if (direction === 'up')
            down = blankOut(down, at, end);
        else
            up = blankOut(up, at, end);
    }
    const ups = marks.filter(({ direction }) => direction === 'up');
    return { up, down, transaction: ups.some(({ without }) => without) ? 'none' : 'auto', problems };
}
function sectionProblems(file, sql, marks) {
    const firstUp = marks.find(({ direction }) => direction === 'up');
    if (!firstUp)
        return [`${file}: there is no line "-- migrate:up"`];
    const before = /^(?!\s*(?:--.*)?$).*\S/m.exec(sql.slice(0, firstUp.at));
    const problems = before
        ? [`${locationOf(file, sql, before.index)}: only comments may precede "-- migrate:up"`]
        : [];
    for (const [index, { at, direction }] of marks.entries()) {
        const next = marks[index + 1]?.direction;
        if (direction === 'up' && next !== 'down') {
            problems.push(`${locationOf(file, sql, at)}: no "-- migrate:down" follows this "-- migrate:up"`);
        }
        if (direction === 'down' && marks[index - 1]?.direction !== 'up') {
            problems.push(`${locationOf(file, sql, at)}: no "-- migrate:up" precedes this "-- migrate:down"`);
        }
    }
    return problems;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/dbmate/index.ts






const named = /^(\d+)[^/]*\.sql$/;
const marked = /^--\s*migrate:up(?:\s*$|\s+\S+)/m;
/** dbmate: one file with `-- migrate:up` and `-- migrate:down`, and a row per version. It orders by file name. */
const dbmate = {
    name: 'dbmate',
    reads: /\.sql$/,
    table: {
        name: 'schema_migrations',
        schema: null,
        accepts: (table) => hasColumns(table, 'version'),
        versions: null,
        shared: {
            owner: 'dbmate, or a tool like it,',
            owns: ({ columns }) => columns.length === 1 && columns[0]?.name === 'version',
            unmistakable: false,
            compatible: [],
        },
    },
    matches({ files }) {
        return [...files].some(([name, content]) => named.test(name) && marked.test(textOf(content)));
    },
    read(listing) {
        const problems = [];
        const migrations = [];
        for (const name of [...listing.files.keys()].sort(compareNames)) {
            if (name.includes('/') || !name.endsWith('.sql'))
                continue;
            const version = named.exec(name)?.[1];
            if (version === undefined) {
                problems.push(`${userPath(listing, name)}: the name does not begin with a number, as in 20240131120000_add_language.sql`);
                continue;
            }
            const { content: _, problems: found, ...source } = readSource(listing, name);
            const sections = found.length > 0 ? undefined : dbmateSections(source.file, source.sql);
            problems.push(...found, ...(sections?.problems ?? []));
            migrations.push({
                ...source,
                version,
                sql: sections?.up ?? '',
                checksum: null,
                kind: 'versioned',
                transaction: sections?.transaction ?? 'auto',
                down: sections ? { file: source.file, sql: sections.down } : null,
            });
        }
        return { migrations, problems: [...problems, ...twinProblems(migrations, ({ version }) => version)] };
    },
    async readTable(client, table) {
        return {
            table: table.name,
            lists: { versions: 'all' },
            rows: await readRows(client, table, {
                columns: `version::text, NULL AS checksum, 'applied' AS state`,
                order: 'version',
            }),
            creation: table.exists
                ? null
                : `CREATE TABLE IF NOT EXISTS ${table.name} (version varchar PRIMARY KEY)`,
            begin: () => null,
            record: ({ version }) => `INSERT INTO ${table.name} (version) VALUES (${(0,quoting/* quoteLiteral */.ce)(version)})`,
            forget: ({ version }) => `DELETE FROM ${table.name} WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`,
            locks: [],
        };
    },
};

;// CONCATENATED MODULE: ./packages/migrations/src/formats/drizzle/journal-file.ts

const journalFile = 'meta/_journal.json';
/** The entries of drizzle's journal in their order, and what is wrong with it. Pure. */
function readJournalFile(listing) {
    const file = userPath(listing, journalFile);
    const text = listing.files.get(journalFile)?.toString('utf8');
    if (text === undefined)
        return { entries: [], problems: [`${file}: the file does not exist`] };
    const problems = [];
    const journal = parse(text);
    if (journal === undefined)
        return { entries: [], problems: [`${file}: the file is not JSON`] };
    const { dialect, entries } = journal;
    if (!Array.isArray(entries))
        return { entries: [], problems: [`${file}: there is no list "entries"`] };
    if (dialect !== undefined && !['postgresql', 'pg'].includes(String(dialect))) {
        problems.push(`${file}: the migrations are for ${dialect}`);
    }
    const found = entries.flatMap((entry, index) => {
        const { tag, when } = entry ?? {};
        if (typeof tag === 'string' && Number.isSafeInteger(when)) {
            return [{ tag, when: String(when) }];
        }
        problems.push(`${file}: entry ${index} has no "tag", or no whole number as "when"`);
        return [];
    });
    return { entries: found, problems };
}
function parse(text) {
    try {
        return Object(JSON.parse(text));
    }
    catch {
        return undefined;
    }
}
/** `file:line` of the entry of a tag. */
function locationInJournal(listing, tag) {
    const text = listing.files.get(journalFile)?.toString('utf8') ?? '';
    return locationOf(userPath(listing, journalFile), text, Math.max(0, text.indexOf(JSON.stringify(tag))));
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/drizzle/index.ts





/** A comment for the server, an end of the statement for drizzle. */
const breakpoint = '--> statement-breakpoint';
/** drizzle-orm's migrator: `0000_name.sql` in the order of `meta/_journal.json`. */
const drizzle = {
    name: 'drizzle',
    reads: /(?:\.sql|(?:^|\/)meta\/_journal\.json)$/,
    table: {
        name: '__drizzle_migrations',
        schema: 'drizzle',
        accepts: (table) => hasColumns(table, 'id', 'hash', 'created_at'),
        versions: 'SELECT created_at FROM drizzle.__drizzle_migrations ORDER BY created_at',
    },
    matches({ files }) {
        return files.has(journalFile);
    },
    read(listing) {
        const { entries, problems } = readJournalFile(listing);
        const migrations = entries.flatMap((entry) => {
            const name = `${entry.tag}.sql`;
            if (!listing.files.has(name)) {
                problems.push(`${locationInJournal(listing, entry.tag)}: there is no file ${name}`);
                return [];
            }
            return [migrationOf(listing, entry, problems)];
        });
        const listed = new Set(entries.map(({ tag }) => `${tag}.sql`));
        for (const name of listing.files.keys()) {
            if (name.endsWith('.sql') && !name.includes('/') && !listed.has(name)) {
                problems.push(`${userPath(listing, name)}: the file is not in ${journalFile}, so drizzle never runs it`);
            }
        }
        problems.push(...twinProblems(migrations, ({ version }) => version, 'tag'));
        problems.push(...twinProblems(migrations, ({ when }) => when, '"when" in the journal'));
        return { migrations, problems };
    },
    readTable,
};
function migrationOf(listing, { tag, when }, problems) {
    const { content, problems: found, ...source } = readSource(listing, `${tag}.sql`);
    problems.push(...found);
    // Of the same length, so that every statement stays where it is; a statement before it may lack its semicolon.
    const sql = source.sql.replaceAll(breakpoint, `;${' '.repeat(breakpoint.length - 1)}`);
    const checksum = digest('sha256', content);
    return { ...source, sql, version: tag, when, checksum, kind: 'versioned', down: null };
}
/** As drizzle-orm's pg-core/dialect.js makes it; what is newer than the newest created_at is pending for drizzle. */
async function readTable(client, table, migrations) {
    const rows = await readRows(client, table, {
        columns: `hash, coalesce(created_at::text, '') AS at`,
        order: 'id',
    });
    const byWhen = new Map(migrations.map(({ when, version }) => [when, version]));
    const applied = rows?.map(({ hash, at }) => {
        return { version: byWhen.get(at) ?? `of ${at}`, checksum: hash, state: 'applied' };
    });
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: applied ?? null,
        creation: table.exists
            ? null
            : `CREATE SCHEMA IF NOT EXISTS drizzle;
CREATE TABLE IF NOT EXISTS ${table.name} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
        begin: () => null,
        record: ({ checksum, when }) => `INSERT INTO ${table.name} (hash, created_at) VALUES (${(0,quoting/* quoteLiteral */.ce)(checksum ?? '')}, ${when})`,
        forget: ({ when }) => `DELETE FROM ${table.name} WHERE created_at = ${when}`,
        locks: [],
    };
}

// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
;// CONCATENATED MODULE: ./packages/migrations/src/formats/flyway/checksum.ts

/**
 * CRC-32 over the UTF-8 bytes of the lines without their ends and without a byte order mark, as a signed 32-bit number;
 * after flyway's ChecksumCalculator, whose lines end where Java's BufferedReader ends them.
 * @param sql The text without a byte order mark.
 */
function flywayChecksum(sql) {
    return String((0,external_node_zlib_.crc32)(sql.replace(/\r\n|\n|\r/g, '')) | 0);
}
/** Java's String.hashCode, a signed 32-bit number. */
function javaHashCode(text) {
    let hash = 0;
    for (let index = 0; index < text.length; index++)
        hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
    return hash;
}
/** "Flyway" as bytes of a number, plus the hash of the quoted table; after its PostgreSQLAdvisoryLockTemplate. */
function flywayLock(schema, table) {
    const quote = (name) => `"${name.replaceAll('"', '""')}"`;
    return String(77431708279161n + BigInt(javaHashCode(`${quote(schema)}.${quote(table)}`)));
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/flyway/names.ts
/** Flyway runs these on its own at certain moments: `afterMigrate.sql`, `beforeEachMigrate__grants.sql`. */
const callback = /^(?:before|after|create)(?:Each)?[A-Z][A-Za-z]*(?:__[^/]*)?\.sql$/;
const versioned = /^([VUB])(\d+(?:[._]\d+)*)__([^/]*)\.sql$/;
const repeatable = /^R__([^/]*)\.sql$/;
/** The parts of a name with flyway's default prefixes and separator, after its ResourceNameParser. Pure. */
function parseFlywayName(path) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const [, prefix, number, text] = versioned.exec(name) ?? [];
    if (prefix === 'B')
        return { kind: 'baseline' };
    if (number !== undefined && text !== undefined) {
        const version = number.replaceAll('_', '.');
        return { kind: prefix === 'U' ? 'undo' : 'versioned', version, description: describe(text) };
    }
    const description = repeatable.exec(name)?.[1];
    if (description !== undefined)
        return { kind: 'repeatable', description: describe(description) };
    return { kind: callback.test(name) ? 'callback' : 'unknown' };
}
function describe(text) {
    return text.replaceAll('_', ' ');
}
/** Part by part as numbers; what is missing counts as 0, so that 1.0 is 1. After flyway's MigrationVersion. */
function compareFlywayVersions(a, b) {
    const [one, other] = [partsOf(a), partsOf(b)];
    for (let index = 0; index < Math.max(one.length, other.length); index++) {
        const [left, right] = [one[index] ?? 0n, other[index] ?? 0n];
        if (left !== right)
            return left < right ? -1 : 1;
    }
    return 0;
}
/** The same for all ways of writing a version: `01.0` and `1` are `1`. */
function flywayVersionKey(version) {
    return /^\d+(?:\.\d+)*$/.test(version)
        ? partsOf(version)
            .join('.')
            .replace(/(?:\.0)+$/, '')
        : version;
}
function partsOf(version) {
    return version.split('.').map(BigInt);
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/flyway/version-table.ts





const tableName = 'flyway_schema_history';
const flywayTable = {
    name: tableName,
    schema: null,
    accepts: (table) => hasColumns(table, 'installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success'),
    versions: 'SELECT coalesce(version, script) FROM flyway_schema_history WHERE success ORDER BY installed_rank',
};
/** The table as flyway's PostgreSQLDatabase makes it. */
async function readFlywayTable(client, table, migrations) {
    const rows = await readRows(client, table, {
        columns: 'version, description, type, checksum::text, success',
        order: 'installed_rank',
    });
    const ours = ({ kind, version, description }) => kind === 'repeatable'
        ? `version IS NULL AND description = ${(0,quoting/* quoteLiteral */.ce)(cut(description))}`
        : `version = ${(0,quoting/* quoteLiteral */.ce)(storedVersion(rows ?? [], version))}`;
    const insert = (migration, success) => `INSERT INTO ${table.name} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
SELECT coalesce(max(installed_rank), 0) + 1, ${valuesOf(migration)}, current_user, (extract(epoch FROM clock_timestamp() - now()) * 1000)::int, ${success} FROM ${table.name}`;
    const clear = (migration) => `DELETE FROM ${table.name} WHERE ${ours(migration)} AND NOT success`;
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: rows && appliedByFlyway(rows, migrations),
        creation: table.exists ? null : createTable(table.name),
        // Flyway writes such a row after the failure; a process that was killed cannot.
        begin: (migration) => `${clear(migration)};\n${insert(migration, false)}`,
        record: (migration) => `${clear(migration)};\n${insert(migration, true)}`,
        // Its own row UNDO_SQL is understood only by the editions that can undo.
        forget: (migration) => `DELETE FROM ${table.name} WHERE ${ours(migration)}`,
        locks: [`${flywayLock(table.schema, tableName)}::bigint`],
    };
}
/** A row may spell the version differently: `1.0` for `1`. */
function storedVersion(rows, version) {
    const key = flywayVersionKey(version);
    return (rows.find((row) => row.version !== null && flywayVersionKey(row.version) === key)?.version ?? version);
}
function valuesOf({ kind, version, description, script, checksum }) {
    const number = kind === 'repeatable' ? 'NULL' : (0,quoting/* quoteLiteral */.ce)(version);
    // After its AbbreviationUtils: the columns end at 200 and 1000 characters.
    const path = script.length <= 1000 ? script : `...${script.slice(3, 1000)}`;
    return `${number}, ${(0,quoting/* quoteLiteral */.ce)(cut(description))}, 'SQL', ${(0,quoting/* quoteLiteral */.ce)(path)}, ${checksum ?? 'NULL'}`;
}
function cut(description) {
    return description.length <= 200 ? description : `${description.slice(0, 197)}...`;
}
function createTable(name) {
    const schema = name.slice(0, -tableName.length);
    return `DO $create$ BEGIN
  IF to_regclass('${name.replaceAll("'", "''")}') IS NULL THEN
    CREATE TABLE ${name} (
      installed_rank integer NOT NULL, version varchar(50), description varchar(200) NOT NULL,
      type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
      installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL,
      CONSTRAINT ${tableName}_pk PRIMARY KEY (installed_rank)
    );
    CREATE INDEX ${tableName}_s_idx ON ${schema}${tableName} (success);
  END IF;
END $create$`;
}
/**
 * What the rows mean: the newest of a migration counts; one that was undone or deleted is pending again; all up to a
 * baseline count as applied. Pure.
 * @throws UserError when migrations written in Java are among them.
 */
function appliedByFlyway(rows, migrations) {
    const names = new Map(migrations.map((one) => [
        one.kind === 'versioned' ? flywayVersionKey(one.version) : `R ${cut(one.description)}`,
        one.version,
    ]));
    const states = new Map();
    for (const { version, description, type, checksum, success } of rows) {
        if (type === 'SCHEMA')
            continue;
        const key = version === null ? `R ${description}` : flywayVersionKey(version);
        if (type.startsWith('UNDO') || type === 'DELETE') {
            if (success)
                states.delete(key);
            continue;
        }
        if (type.endsWith('BASELINE')) {
            for (const one of migrations.filter((file) => isBelow(file, version))) {
                const below = flywayVersionKey(one.version);
                states.set(below, { version: one.version, checksum: null, state: 'applied' });
            }
            continue;
        }
        if (type !== 'SQL')
            throw inJava(type, version ?? description);
        const name = names.get(key) ?? version ?? `R__${description.replaceAll(' ', '_')}`;
        states.set(key, { version: name, checksum, state: success ? 'applied' : 'failed' });
    }
    return [...states.values()];
}
function isBelow({ kind, version }, baseline) {
    return kind === 'versioned' && compareFlywayVersions(version, baseline ?? '0') <= 0;
}
function inJava(type, what) {
    return new errors/* UserError */.yo(`flyway ran ${what} as ${type}, which only flyway itself can run; nothing was changed`, {
        hint: 'Let flyway run its migrations: database.migrations.command: [flyway, migrate].',
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/flyway/index.ts





/** Flyway: `V1_2__name.sql`, `R__name.sql` that runs again when it changes, `U1_2__name.sql` that undoes. */
const flyway = {
    name: 'flyway',
    reads: /\.sql(?:\.conf)?$/,
    table: flywayTable,
    matches({ files }) {
        return [...files.keys()].some((name) => ['versioned', 'repeatable'].includes(parseFlywayName(name).kind));
    },
    read(listing) {
        const problems = [];
        const migrations = [];
        const undoing = new Map();
        for (const script of listing.files.keys()) {
            if (!script.endsWith('.sql'))
                continue;
            const name = parseFlywayName(script);
            if (name.kind === 'undo')
                undoing.set(flywayVersionKey(name.version), script);
            else if (name.kind === 'versioned' || name.kind === 'repeatable') {
                migrations.push(flyway_migrationOf(listing, script, name, problems));
            }
            else
                problems.push(nameProblem(userPath(listing, script), name.kind));
        }
        for (const migration of migrations.filter(({ kind }) => kind === 'versioned')) {
            const key = flywayVersionKey(migration.version);
            migration.down = readDown(listing, undoing.get(key) ?? '');
            undoing.delete(key);
        }
        for (const script of undoing.values()) {
            problems.push(`${userPath(listing, script)}: there is no versioned migration that it reverts`);
        }
        problems.push(...twinProblems(migrations, keyOf, 'version'));
        migrations.sort(compareMigrations);
        return { migrations, problems };
    },
    readTable: readFlywayTable,
};
function keyOf({ kind, version, description }) {
    return kind === 'versioned' ? flywayVersionKey(version) : `R ${description}`;
}
/** Repeatable ones come last, by their description. */
function compareMigrations(a, b) {
    if (a.kind !== b.kind)
        return a.kind === 'versioned' ? -1 : 1;
    return a.kind === 'versioned'
        ? compareFlywayVersions(a.version, b.version)
        : compareNames(a.description, b.description);
}
function flyway_migrationOf(listing, script, name, problems) {
    const { content: _, problems: found, ...source } = readSource(listing, script);
    const settings = readSettings(listing, `${script}.conf`, problems);
    problems.push(...found);
    const placeholder = /\$\{[^}\n]*\}/.exec(source.sql);
    if (placeholder && settings.get('placeholderReplacement') !== 'false') {
        problems.push(`${locationOf(source.file, source.sql, placeholder.index)}: flyway would replace ${placeholder[0]}; without flyway it stays`);
    }
    return {
        ...source,
        version: name.kind === 'repeatable' ? `R__${name.description.replaceAll(' ', '_')}` : name.version,
        description: name.description,
        script,
        checksum: flywayChecksum(source.sql),
        kind: name.kind === 'repeatable' ? 'repeatable' : 'versioned',
        transaction: settings.get('executeInTransaction') === 'false' ? 'none' : source.transaction,
        down: null,
    };
}
/** `<script>.conf` next to a script: `key=value` lines. */
function readSettings(listing, name, problems) {
    const settings = new Map();
    const text = listing.files.get(name)?.toString('utf8') ?? '';
    for (const match of text.matchAll(/^[ \t]*([A-Za-z][\w.]*)[ \t]*=[ \t]*(\S*)[ \t]*$/gm)) {
        const [, key = '', value = ''] = match;
        if (['executeInTransaction', 'placeholderReplacement', 'encoding'].includes(key))
            settings.set(key, value);
        else
            problems.push(`${locationOf(userPath(listing, name), text, match.index)}: "${key}" has a meaning for flyway only`);
    }
    return settings;
}
function nameProblem(file, kind) {
    if (kind === 'callback')
        return `${file}: callbacks of flyway are not run; see database.migrations.command`;
    if (kind === 'baseline')
        return `${file}: baseline migrations of flyway are not supported; see database.migrations.command`;
    return `${file}: the name is not valid for flyway; examples: V3__add_language.sql or R__views.sql`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/golang-migrate/index.ts





/** As in golang-migrate's source/parse.go; without folders, which it does not look into. */
const golang_migrate_named = /^(\d+)_([^/]*)\.(up|down)\.sql$/;
const ofNodePgMigrate = /^(?:\d{13}|\d{17})_/;
/** golang-migrate: `000001_name.up.sql` with `000001_name.down.sql`, and one row that says how far the database is. */
const golangMigrate = {
    name: 'golang-migrate',
    reads: /\.sql$/,
    table: {
        name: 'schema_migrations',
        schema: null,
        accepts: (table) => hasColumns(table, 'version', 'dirty'),
        versions: null,
        shared: {
            owner: 'golang-migrate',
            owns: (table) => hasColumns(table, 'version', 'dirty'),
            unmistakable: true,
            compatible: [],
        },
    },
    matches({ files }) {
        return [...files.keys()].some((name) => golang_migrate_named.exec(name)?.[3] === 'up' && !ofNodePgMigrate.test(name));
    },
    read,
    readTable: golang_migrate_readTable,
};
function read(listing) {
    const problems = [];
    const migrations = [];
    const downs = new Map();
    for (const name of listing.files.keys()) {
        if (name.includes('/') || !name.endsWith('.sql'))
            continue;
        const [, version, , direction] = golang_migrate_named.exec(name) ?? [];
        if (version === undefined) {
            problems.push(`${userPath(listing, name)}: the name is not valid for golang-migrate; example: 000003_add_language.up.sql`);
        }
        else if (BigInt(version) > 9223372036854775807n) {
            problems.push(`${userPath(listing, name)}: the number is too large for the bigint column of the version table`);
        }
        else if (direction === 'down')
            downs.set(withoutZeros(version), name);
        else {
            const { content: _, problems: found, ...source } = readSource(listing, name);
            problems.push(...found);
            migrations.push({ ...source, version, checksum: null, kind: 'versioned', down: null });
        }
    }
    for (const migration of migrations) {
        const down = downs.get(withoutZeros(migration.version));
        if (down)
            migration.down = readDown(listing, down);
        downs.delete(withoutZeros(migration.version));
    }
    for (const name of downs.values())
        problems.push(`${userPath(listing, name)}: there is no .up.sql for it`);
    problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
    migrations.sort((a, b) => compareNumbers(a.version, b.version));
    return { migrations, problems };
}
/** As golang-migrate's database/postgres does it: the one row is replaced, dirty before a migration and clean after. */
async function golang_migrate_readTable(client, table, migrations) {
    const rows = await readRows(client, table, {
        columns: 'version::text, dirty',
        order: 'version',
    });
    const set = (version, dirty) => version === undefined
        ? `TRUNCATE ${table.name}`
        : `TRUNCATE ${table.name};\nINSERT INTO ${table.name} (version, dirty) VALUES (${(0,quoting/* quoteLiteral */.ce)(withoutZeros(version))}, ${dirty})`;
    // A file that is merged late is not reported to the tool, which would take what is above for not applied.
    const isLate = ({ version }) => rows?.[0] !== undefined && compareNumbers(version, rows[0].version) < 0;
    const lockFor = (database) => `${golangMigrateLock(table.schema, 'schema_migrations', database)}::bigint`;
    return {
        table: table.name,
        rows: rows && appliedUpTo(rows[0], migrations),
        lists: {
            versions: 'newest',
            row: (rows ?? []).map(({ version, dirty }) => `${version} ${dirty}`).join(),
            unrecorded: [],
        },
        creation: table.exists
            ? null
            : `CREATE TABLE IF NOT EXISTS ${table.name} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)`,
        begin: (it) => (isLate(it) ? null : set(it.version, true)),
        record: (it) => (isLate(it) ? null : set(it.version, false)),
        forget: (it) => isLate(it)
            ? ''
            : set(migrations.findLast((one) => compareNumbers(one.version, it.version) < 0)?.version, false),
        // Opened by an address it takes the path of it for the name of the database, slash included.
        locks: [lockFor(`/${table.database}`), lockFor(table.database)],
    };
}
/** One row stands for all migrations up to it. Pure. */
function appliedUpTo(row, migrations) {
    // -1 is written, dirty, when the undoing of the first migration failed.
    if (!row || row.version.startsWith('-'))
        return [];
    const { version: newest, dirty } = row;
    const below = migrations.filter(({ version }) => compareNumbers(version, newest) < 0);
    const own = migrations.find(({ version }) => compareNumbers(version, newest) === 0);
    return [
        ...below.map(({ version }) => ({ version, checksum: null, state: 'applied' })),
        { version: own?.version ?? newest, checksum: null, state: dirty ? 'failed' : 'applied' },
    ];
}
/** uint32(crc32(schema NUL table NUL database) × 1486364155), after golang-migrate's database/util.go. */
function golangMigrateLock(schema, table, database) {
    const sum = (0,external_node_zlib_.crc32)([schema, table, database].join('\0'));
    return BigInt.asUintN(32, BigInt(sum) * 1486364155n).toString();
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/graphile-migrate/headers.ts

/**
 * The `--! Name: value` lines at the top of a committed migration, followed by an empty line; after parseMigrationText
 * in graphile-migrate's src/migration.ts. Pure.
 */
function readHeaders(file, sql) {
    const headers = new Map();
    const problems = [];
    let bodyAt = 0;
    let line = 1;
    for (;; line++) {
        const end = sql.indexOf('\n', bodyAt);
        const match = /^--! ([A-Z][a-zA-Z0-9_]*)(?::(.*))?$/.exec(sql.slice(bodyAt, end < 0 ? undefined : end));
        if (!match?.[1])
            break;
        if (headers.has(match[1]))
            problems.push(`${file}:${line}: the header "${match[1]}" occurs twice`);
        headers.set(match[1], { value: match[2]?.trim() ?? '', line });
        bodyAt = end < 0 ? sql.length : end + 1;
    }
    if (sql[bodyAt] !== '\n')
        problems.push(`${file}:${line}: an empty line must follow the headers`);
    for (const name of ['Previous', 'Hash']) {
        if (!headers.get(name)?.value)
            problems.push(`${file}:1: there is no header "--! ${name}: …"`);
    }
    const hash = headers.get('Hash');
    if (hash?.value && !/^sha1:[0-9a-f]{40}$/.test(hash.value)) {
        problems.push(`${file}:${hash.line}: "Hash" is not "sha1:" and 40 hexadecimal digits`);
    }
    return { headers, bodyAt, problems };
}
/** After calculateHash in graphile-migrate's src/hash.ts. */
function graphileHash(body, previous) {
    return `sha1:${digest('sha1', `${`${previous ?? ''}\n${body.trim()}`.trim()}\n`)}`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/graphile-migrate/index.ts






const graphile_migrate_named = /^((?:committed\/)?)(\d+)(?:-[-_a-zA-Z0-9]*)?\.sql$/;
const placeholder = /(?<![:\w]):(?:DATABASE_NAME|DATABASE_OWNER)\b/;
/** graphile-migrate: `committed/000001-name.sql`, each naming the hash of the one before it, without a way down. */
const graphileMigrate = {
    name: 'graphile-migrate',
    reads: /\.sql$/,
    table: {
        name: 'migrations',
        schema: 'graphile_migrate',
        accepts: (table) => hasColumns(table, 'hash', 'previous_hash', 'filename'),
        versions: null,
    },
    matches({ files }) {
        return [...files].some(([name, content]) => graphile_migrate_named.test(name) && /^--! Previous:/m.test(textOf(content)));
    },
    read(listing) {
        const problems = [];
        const migrations = [];
        // The folder itself may be the one of the committed migrations.
        const inside = [...listing.files.keys()].some((name) => name.startsWith('committed/'))
            ? 'committed/'
            : '';
        for (const name of [...listing.files.keys()].sort(compareNames)) {
            if (!name.endsWith('.sql') || !name.startsWith(inside) || name.slice(inside.length).includes('/'))
                continue;
            if (inside === '' && name === 'current.sql')
                continue;
            const version = graphile_migrate_named.exec(name)?.[2];
            if (version === undefined) {
                problems.push(`${userPath(listing, name)}: the name is not a number, as in 000003-add-language.sql`);
            }
            else
                migrations.push(graphile_migrate_migrationOf(listing, name, version, problems));
        }
        problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
        migrations.sort((a, b) => compareNumbers(a.version, b.version));
        return { migrations, problems: [...problems, ...chainProblems(migrations)] };
    },
    readTable: graphile_migrate_readTable,
};
function graphile_migrate_migrationOf(listing, name, version, problems) {
    const { content: _, problems: found, ...source } = readSource(listing, name);
    const { file, sql } = source;
    const { headers, bodyAt, problems: wrong } = readHeaders(file, sql);
    const body = sql.slice(bodyAt);
    const [hash, previous] = [headers.get('Hash')?.value ?? '', headers.get('Previous')?.value ?? ''];
    const before = previous === '-' ? null : previous;
    problems.push(...found, ...(found.length > 0 ? [] : wrong));
    const fitting = graphileHash(body, before) === hash;
    if (wrong.length === 0 && found.length === 0 && fitting === headers.has('AllowInvalidHash')) {
        problems.push(`${file}:${headers.get('Hash')?.line}: ${fitting ? 'the hash matches, but AllowInvalidHash is set' : 'the hash does not match the text: the file was changed after it was committed'}`);
    }
    const asked = placeholder.exec(sql);
    if (asked)
        problems.push(`${locationOf(file, sql, asked.index)}: ${asked[0]} is a placeholder that only graphile-migrate replaces`);
    // Asked of the first line of the trimmed body, as its src/header.ts does.
    const alone = /^--!\s*no-transaction\b/.test(body.trimStart());
    const transaction = alone ? 'none' : source.transaction;
    return { ...source, version, checksum: hash, previous: before, transaction, kind: 'versioned', down: null };
}
function chainProblems(migrations) {
    return migrations.flatMap(({ file, previous }, index) => {
        const before = migrations[index - 1];
        if (previous === (before?.checksum ?? null))
            return [];
        return [
            `${file}:1: "Previous" is ${previous ?? '-'}, but ${before ? `${before.file} has the hash ${before.checksum}` : 'it is the first migration'}`,
        ];
    });
}
async function graphile_migrate_readTable(client, table, migrations) {
    const rows = await readRows(client, table, {
        columns: 'hash, filename',
        order: 'filename',
    });
    const byNumber = new Map(migrations.map(({ version }) => [withoutZeros(version), version]));
    const applied = rows?.map(({ hash, filename }) => {
        const number = /^\d+/.exec(filename)?.[0] ?? filename;
        return { version: byNumber.get(withoutZeros(number)) ?? number, checksum: hash, state: 'applied' };
    });
    const text = (value) => (value === null ? 'NULL' : (0,quoting/* quoteLiteral */.ce)(value));
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: applied ?? null,
        creation: table.exists
            ? null
            : `CREATE SCHEMA IF NOT EXISTS graphile_migrate;
CREATE TABLE IF NOT EXISTS ${table.name} (
  hash text PRIMARY KEY, previous_hash text REFERENCES ${table.name}, filename text NOT NULL, date timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS graphile_migrate.current (
  filename text PRIMARY KEY DEFAULT 'current.sql', content text NOT NULL, date timestamptz NOT NULL DEFAULT now()
)`,
        begin: () => null,
        record: ({ checksum, previous, version }) => `INSERT INTO ${table.name} (hash, previous_hash, filename) VALUES (${text(checksum)}, ${text(previous)}, ${(0,quoting/* quoteLiteral */.ce)(`${version}.sql`)})`,
        forget: ({ checksum }) => `DELETE FROM ${table.name} WHERE hash = ${text(checksum)}`,
        // "GRAPHILE MIGRATE" on the keys of a telephone, says its src/pgReal.ts.
        locks: ['4727445306447283::bigint'],
    };
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/node-pg-migrate/index.ts





/** As node-pg-migrate's src/sqlMigration.ts looks for them. */
const upComment = /^\s*--[\s-]*up\s+migration/im;
const downComment = /^\s*--[\s-]*down\s+migration/im;
const paired = /^(?:\d{13}|\d{17})_[^/]*\.up\.sql$/;
const script = /^[^/.][^/]*\.[cm]?[jt]s$/;
const suffix = /(?:\.up)?\.sql$/;
/** node-pg-migrate with SQL: `1700000000000_name.sql` with two comments in it, or a pair `.up.sql` and `.down.sql`. */
const nodePgMigrate = {
    name: 'node-pg-migrate',
    reads: /\.sql$/,
    table: {
        name: 'pgmigrations',
        schema: null,
        accepts: (table) => hasColumns(table, 'id', 'name', 'run_on'),
        versions: 'SELECT name FROM pgmigrations ORDER BY id',
    },
    matches({ files }) {
        return [...files].some(([name, content]) => {
            return paired.test(name) || (/^\d+[^/]*\.sql$/.test(name) && upComment.test(textOf(content)));
        });
    },
    read: node_pg_migrate_read,
    readTable: node_pg_migrate_readTable,
};
function node_pg_migrate_read(listing) {
    const problems = [];
    const migrations = [];
    for (const name of listing.files.keys()) {
        const file = userPath(listing, name);
        if (name.includes('/') || name.startsWith('.'))
            continue;
        if (script.test(name))
            problems.push(`${file}: only migrations in SQL can be read; see database.migrations.command`);
        if (!name.endsWith('.sql'))
            continue;
        const id = name.replace(suffix, '');
        if (!/^\d/.test(name)) {
            problems.push(`${file}: the name does not begin with a number, as in 1700000000000_add-language.sql`);
        }
        else if (name.endsWith('.down.sql')) {
            const up = name.replace(/\.down\.sql$/, '.up.sql');
            if (!listing.files.has(up))
                problems.push(`${file}: there is no ${up} for it`);
        }
        else {
            const { content: _, problems: found, ...source } = readSource(listing, name);
            const parts = name.endsWith('.up.sql')
                ? { sql: source.sql, down: readDown(listing, `${id}.down.sql`), problems: [] }
                : sections(source);
            problems.push(...found, ...parts.problems);
            const { sql, down } = parts;
            migrations.push({ ...source, version: id, sql, checksum: null, kind: 'versioned', down });
        }
    }
    problems.push(...twinProblems(migrations, ({ version }) => version, 'name'));
    migrations.sort((a, b) => compareFiles(a.version, b.version));
    return { migrations, problems };
}
/** Each part goes from its comment to the other one. Pure. */
function sections({ file, sql }) {
    const [up, down] = [sql.search(upComment), sql.search(downComment)];
    if (down < 0)
        return { sql, down: null, problems: [] };
    if (up < 0) {
        const problem = 'there is no comment "Up Migration", so node-pg-migrate would run the Down part as well';
        return { sql, down: null, problems: [`${locationOf(file, sql, down)}: ${problem}`] };
    }
    const end = sql.length;
    const [first, second] = up < down ? [up, down] : [down, up];
    const head = blankOut(blankOut(sql, 0, first), second, end);
    const tail = blankOut(sql, 0, second);
    return up < down
        ? { sql: head, down: { file, sql: tail }, problems: [] }
        : { sql: tail, down: { file, sql: head }, problems: [] };
}
/** By the number, of which 17 digits are a date; then by name. After node-pg-migrate's src/utils/comparators.ts. */
function compareFiles(a, b) {
    // 1_a and 01_a are alike for all that it compares; the order must not depend on the file system.
    return momentOf(a) - momentOf(b) || naturally().compare(a, b) || compareNames(a, b);
}
let collator;
/** Made when it is asked for: that takes 6 ms, and most folders have no use for it. */
function naturally() {
    collator ??= new Intl.Collator('en', { numeric: true, ignorePunctuation: true });
    return collator;
}
function momentOf(name) {
    const digits = /^\d+/.exec(name)?.[0] ?? '';
    if (digits.length !== 17)
        return Number(digits);
    const [date, time] = [digits.slice(0, 8), digits.slice(8)];
    const day = date.replace(/(....)(..)(..)/, '$1-$2-$3');
    return Date.parse(`${day}T${time.replace(/(..)(..)(..)(...)/, '$1:$2:$3.$4')}Z`) || Number(digits);
}
async function node_pg_migrate_readTable(client, table) {
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: await readRows(client, table, {
            columns: `name AS version, NULL AS checksum, 'applied' AS state`,
            order: 'run_on, id',
        }),
        creation: table.exists
            ? null
            : `CREATE TABLE IF NOT EXISTS ${table.name} (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)`,
        begin: () => null,
        record: ({ version }) => `INSERT INTO ${table.name} (name, run_on) VALUES (${(0,quoting/* quoteLiteral */.ce)(version)}, now())`,
        forget: ({ version }) => `DELETE FROM ${table.name} WHERE name = ${(0,quoting/* quoteLiteral */.ce)(version)}`,
        // PG_MIGRATE_LOCK_ID of its src/runner.ts.
        locks: ['7241865325823964::bigint'],
    };
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/plain/version-table.ts




const wholeNumbers = ['int2', 'int4', 'int8', 'numeric'];
const texts = ['text', 'varchar', 'bpchar'];
const plainTable = {
    name: 'schema_migrations',
    schema: null,
    accepts: ({ columns }) => columns.some(({ name, type }) => name === 'version' && [...wholeNumbers, ...texts].includes(type)),
    versions: null,
    shared: {
        owner: 'a team that numbers its files itself, or Slipway,',
        owns: (table) => hasColumns(table, 'version'),
        unmistakable: false,
        compatible: ['dbmate'],
    },
};
/**
 * The table `schema_migrations` of a team: ours, or one made by hand that has `version` as text or a whole number and
 * needs nothing else in a row. A column sha256, when there is one, holds the checksum.
 */
async function readPlainTable(client, table, migrations) {
    assertUsable(table);
    const type = table.columns.find(({ name }) => name === 'version')?.type ?? 'text';
    const summed = hasColumns(table, 'sha256');
    if (!wholeNumbers.includes(type))
        assertSameWidth(migrations);
    const byNumber = new Map(migrations.map(({ version }) => [withoutZeros(version), version]));
    const rows = await readRows(client, table, {
        columns: `trim(version::text) AS version, ${summed ? 'sha256::text' : 'NULL'} AS checksum`,
        order: 'version',
    });
    const applied = rows?.map(({ version, checksum }) => {
        return { version: byNumber.get(withoutZeros(version)) ?? version, checksum, state: 'applied' };
    });
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: applied ?? null,
        creation: table.exists ? null : createPlainTable(table.name),
        begin: () => null,
        record: ({ version, sha256 }) => summed
            ? `INSERT INTO ${table.name} (version, sha256) VALUES (${(0,quoting/* quoteLiteral */.ce)(version)}, ${(0,quoting/* quoteLiteral */.ce)(sha256)})`
            : `INSERT INTO ${table.name} (version) VALUES (${(0,quoting/* quoteLiteral */.ce)(version)})`,
        forget: ({ version }) => {
            // A row that was written by hand may have the number without its zeros.
            const found = rows?.find((row) => withoutZeros(row.version) === withoutZeros(version))?.version;
            return `DELETE FROM ${table.name} WHERE version = ${(0,quoting/* quoteLiteral */.ce)(found ?? version)}`;
        },
        locks: [],
    };
}
/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
function createPlainTable(name) {
    return `CREATE TABLE IF NOT EXISTS ${name} (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  applied_at timestamptz NOT NULL DEFAULT now()
)`;
}
function assertUsable(table) {
    const known = ['version', 'sha256'];
    const demanded = table.columns.filter(({ name, optional }) => !optional && !known.includes(name));
    if (demanded.length === 0)
        return;
    throw new errors/* UserError */.yo(`the table ${table.name} requires a value for ${demanded.map(({ name }) => name).join(', ')} in every row; nothing was changed`, {
        hint: `Give the column a default: ALTER TABLE ${table.name} ALTER COLUMN ${demanded[0]?.name} SET DEFAULT ….`,
    });
}
/** @throws UserError: ORDER BY version on text, which everybody uses to ask for the newest, would lie. */
function assertSameWidth(migrations) {
    const widths = new Map(migrations.map((migration) => [migration.version.length, migration.file]));
    if (widths.size <= 1)
        return;
    throw new errors/* UserError */.yo(`${[...widths.values()].join(', ')}: the numbers have different lengths; pad them with zeros to the same one`, { hint: 'Versions are stored as text, and ORDER BY version must find the newest. Nothing was changed.' });
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/plain/index.ts



const plain_named = /^(\d+)[_-][^/]*\.sql$/;
const undoing = /\.(?:down|rollback|undo)\.sql$/;
const withoutTransaction = /^--[ \t]*no-transaction[ \t]*(?:\r?\n|$)/;
/** Numbered SQL files without a tool: `003_add_language.sql`, perhaps with `003_add_language.down.sql`. */
const plain = {
    name: 'plain',
    reads: /\.sql$/,
    table: plainTable,
    matches({ files }) {
        return [...files.keys()].some((name) => plain_named.test(name) && !undoing.test(name));
    },
    read(listing) {
        const problems = [];
        const migrations = [];
        const undone = [...listing.files.keys()].some((name) => undoing.test(name));
        for (const name of listing.files.keys()) {
            // Folders below are the team's own: assertions, seeds.
            if (name.includes('/') || !name.endsWith('.sql'))
                continue;
            if (undoing.test(name)) {
                if (!listing.files.has(name.replace(undoing, '.sql'))) {
                    problems.push(`${userPath(listing, name)}: there is no ${name.replace(undoing, '.sql')} that it reverts`);
                }
                continue;
            }
            const version = plain_named.exec(name)?.[1];
            if (version === undefined) {
                problems.push(`${userPath(listing, name)}: the name does not begin with a number and "_", as in 003_add_language.sql`);
                continue;
            }
            const { content: _, problems: found, ...source } = readSource(listing, name);
            problems.push(...found);
            migrations.push({
                ...source,
                version,
                checksum: source.sha256,
                kind: 'versioned',
                transaction: withoutTransaction.test(source.sql) ? 'none' : source.transaction,
                down: undone ? downOf(listing, name) : null,
            });
        }
        problems.push(...twinProblems(migrations, ({ version }) => withoutZeros(version)));
        migrations.sort((a, b) => compareNumbers(a.version, b.version));
        return { migrations, problems };
    },
    readTable: readPlainTable,
};
function downOf(listing, name) {
    const suffix = ['.down.sql', '.rollback.sql', '.undo.sql'].find((one) => listing.files.has(name.replace(/\.sql$/, one)));
    return suffix === undefined ? null : readDown(listing, name.replace(/\.sql$/, suffix));
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/prisma/index.ts




const prisma_script = /^([^/]+)\/migration\.sql$/;
const lockFile = 'migration_lock.toml';
/** Prisma Migrate: `20240131120000_name/migration.sql`, by the name of the folder, without a way down. */
const prisma = {
    name: 'prisma',
    reads: /\.(?:sql|toml)$/,
    table: {
        name: '_prisma_migrations',
        schema: null,
        accepts: (table) => hasColumns(table, 'migration_name', 'checksum', 'finished_at', 'rolled_back_at', 'applied_steps_count'),
        versions: 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at',
    },
    matches({ files }) {
        return files.has(lockFile) || [...files.keys()].some((name) => prisma_script.test(name));
    },
    read(listing) {
        const problems = providerProblems(listing);
        const migrations = [];
        for (const name of [...listing.files.keys()].sort(compareNames)) {
            const version = prisma_script.exec(name)?.[1];
            if (version === undefined) {
                if (name.endsWith('.sql')) {
                    problems.push(`${userPath(listing, name)}: prisma reads only migration.sql in a folder for each migration`);
                }
                continue;
            }
            if (listing.files.has(`${version}/snapshot.json`)) {
                problems.push(`${userPath(listing, name)}: this is the layout of drizzle 1, which is not supported yet`);
            }
            const { content, problems: found, ...source } = readSource(listing, name);
            problems.push(...found);
            const checksum = digest('sha256', content);
            const text = content.toString('latin1').replaceAll('\r\n', '\n');
            const checksums = [text, text.replaceAll('\n', '\r\n')].map((one) => digest('sha256', Buffer.from(one, 'latin1')));
            migrations.push({ ...source, version, checksum, checksums, kind: 'versioned', down: null });
        }
        return { migrations, problems };
    },
    readTable: prisma_readTable,
};
function providerProblems(listing) {
    const text = listing.files.get(lockFile)?.toString('utf8') ?? '';
    const found = /^[ \t]*provider[ \t]*=[ \t]*"([^"]*)"/m.exec(text);
    if (!found || ['postgresql', 'postgres'].includes(found[1] ?? ''))
        return [];
    return [
        `${locationOf(userPath(listing, lockFile), text, found.index)}: the migrations are for ${found[1]}`,
    ];
}
/** The table of Prisma's schema engine. A row without finished_at failed, unless it says rolled_back_at. */
async function prisma_readTable(client, table, migrations) {
    const rows = await readRows(client, table, {
        columns: 'migration_name, checksum, finished_at IS NOT NULL AS finished',
        where: 'rolled_back_at IS NULL',
        order: 'started_at, finished_at',
    });
    const unfinished = (name) => `migration_name = ${(0,quoting/* quoteLiteral */.ce)(name)} AND finished_at IS NULL AND rolled_back_at IS NULL`;
    const insert = `INSERT INTO ${table.name} (id, checksum, migration_name, finished_at, applied_steps_count)`;
    const values = ({ checksum, version }) => `gen_random_uuid()::text, ${(0,quoting/* quoteLiteral */.ce)(checksum ?? '')}, ${(0,quoting/* quoteLiteral */.ce)(version)}`;
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: rows && newestStates(rows, migrations),
        creation: table.exists
            ? null
            : `CREATE TABLE IF NOT EXISTS ${table.name} (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0
)`,
        begin: (migration) => `INSERT INTO ${table.name} (id, checksum, migration_name) SELECT ${values(migration)} WHERE NOT EXISTS (SELECT FROM ${table.name} WHERE ${unfinished(migration.version)})`,
        record: (migration) => `WITH begun AS (UPDATE ${table.name} SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE ${unfinished(migration.version)} RETURNING 1)
${insert} SELECT ${values(migration)}, clock_timestamp(), 1 WHERE NOT EXISTS (SELECT FROM begun)`,
        forget: ({ version }) => `DELETE FROM ${table.name} WHERE migration_name = ${(0,quoting/* quoteLiteral */.ce)(version)} AND rolled_back_at IS NULL`,
        // The number that Prisma Migrate chose for itself.
        locks: ['72707369::bigint'],
    };
}
function newestStates(rows, migrations) {
    const byName = new Map(migrations.map((migration) => [migration.version, migration]));
    const states = new Map();
    for (const { migration_name: version, checksum: stored, finished } of rows) {
        const file = byName.get(version);
        const checksum = file?.checksums.includes(stored) ? file.checksum : stored;
        states.set(version, { version, checksum, state: finished ? 'applied' : 'failed' });
    }
    return [...states.values()];
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/lines.ts
/** A name neither begins nor ends with punctuation; `_` is none. */
const punctuation = '[-!"#$%&\'()*+,./:;<=>?@[\\\\\\]^`{|}~]';
const lines_name = `(?!${punctuation})(?:(?![~/=%^[\\]]\\d+(?:$|[ \\t]))[^\\s:@#\\\\])+(?<!${punctuation})`;
const pragma = /^[ \t]*%[ \t]*([^\s=]+)(?:[ \t]*=[ \t]*(.+))?$/;
const entry = new RegExp(`^[ \\t]*(?:(@)|([+-])[ \\t]*)?(${lines_name})(?:[ \\t]+\\[([^\\]]+)\\])?[ \\t]+(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)[ \\t]+([^<]+)[ \\t]+<([^>]+)>$`);
const dependency = new RegExp(`^(!?)(?:(${lines_name}):)?(${lines_name})?(?:@(${lines_name}))?$`);
/** The lines of a plan, without what they mean together. After sqitch's App::Sqitch::Plan. Pure. */
function readPlanLines(text) {
    const pragmas = new Map();
    const lines = [];
    const problems = [];
    let heading = true;
    for (const [index, whole] of text.split(/\r?\n/).entries()) {
        const line = index + 1;
        const { said, note } = splitNote(whole);
        if (said === '') {
            if (note === '')
                heading = false;
            continue;
        }
        const [, key, value] = heading ? (pragma.exec(said) ?? []) : [];
        if (key !== undefined)
            pragmas.set(key, value ?? '');
        else if (heading)
            problems.push(`${line}: an empty line must separate the "%" lines from the changes`);
        else
            parseEntry(said, note, line, lines, problems);
    }
    const project = pragmas.get('project') ?? '';
    if (project === '')
        problems.unshift('1: there is no line "%project=…"');
    return { project, uri: canonicalUri(pragmas.get('uri')), lines, problems };
}
function parseEntry(said, note, line, lines, problems) {
    const [, at, operator, called, needs, date, planner, email] = entry.exec(said) ?? [];
    if (called === undefined || date === undefined || planner === undefined || email === undefined) {
        problems.push(`${line}: the line is not "name [dependencies] date planner <email>"`);
        return;
    }
    if (operator === '-')
        problems.push(`${line}: a line that reverts a change is not supported; revert it with sqitch`);
    const dependencies = (needs ?? '').split(/[ \t]+/).flatMap((one) => {
        if (one === '')
            return [];
        const [found, not, project, change, tag] = dependency.exec(one) ?? [];
        if (found === undefined || (change === undefined && tag === undefined)) {
            problems.push(`${line}: "${one}" is not a dependency`);
            return [];
        }
        const type = not === '!' ? 'conflict' : 'require';
        return [
            { type, change: change ?? '', ...(project ? { project } : {}), ...(tag === undefined ? {} : { tag }) },
        ];
    });
    lines.push({
        kind: at ? 'tag' : 'change',
        name: called,
        dependencies,
        date,
        planner: { name: planner, email },
        note,
        line,
    });
}
/** A note begins at the first `#`; line ends in it are escaped. */
function splitNote(whole) {
    const at = whole.indexOf('#');
    if (at < 0)
        return { said: whole.trimEnd(), note: '' };
    const escapes = { '\\n': '\n', '\\r': '\r', '\\\\': '\\' };
    const note = whole
        .slice(at + 1)
        .trim()
        .replace(/\\[\\nr]/g, (found) => escapes[found] ?? found);
    return { said: whole.slice(0, at).trimEnd(), note };
}
/** Scheme and host in lower case, a path where there is none, as Perl's URI writes it. */
function canonicalUri(uri) {
    if (!uri)
        return null;
    return URL.canParse(uri) ? new URL(uri).href : uri;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/planned-changes.ts
/** The changes of a plan up to a line of it, to be found as a dependency names them. */
class PlannedChanges {
    all = [];
    /** Positions in `all`, by name and by id: a change that was reworked has several. */
    #positions = new Map();
    /** Positions of the changes that tags belong to. */
    #tags = new Map();
    /** A name that comes again marks the change before it as reworked: its scripts are named after a tag since then. */
    add(change) {
        const position = this.#positions.get(change.name)?.at(-1);
        if (position !== undefined) {
            const since = this.all.slice(position).reverse();
            const reworked = this.all[position];
            if (reworked)
                reworked.reworkTags = since.flatMap(({ tags }) => tags.map(({ name }) => name));
        }
        for (const key of [change.name, change.id]) {
            this.#positions.set(key, [...(this.#positions.get(key) ?? []), this.all.length]);
        }
        this.all.push(change);
    }
    hasTag(name) {
        return this.#tags.has(name);
    }
    /** @param name Without its `@`. */
    addTag(name, tag) {
        this.all.at(-1)?.tags.push(tag);
        this.#tags.set(name, this.all.length - 1);
    }
    /** The first change of a name; with a tag the one as of the tag; with a tag alone the one that has it. */
    find(name, tag) {
        const until = tag === undefined || tag === 'HEAD' ? this.all.length - 1 : this.#tags.get(tag);
        if (until === undefined)
            return undefined;
        if (name === '')
            return this.all[until];
        const within = (this.#positions.get(name) ?? []).filter((position) => position <= until);
        const position = tag === undefined ? within.at(0) : within.at(-1);
        return position === undefined ? undefined : this.all[position];
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/plan.ts



/**
 * A `sqitch.plan` after sqitch's App::Sqitch::Plan: every change names the one before it in its id, so that a plan that
 * was edited in the middle is another plan from there on. Pure.
 */
function readSqitchPlan(text) {
    const { project, uri, lines, problems } = readPlanLines(text);
    const seen = new PlannedChanges();
    const sinceTag = new Set();
    for (const line of lines) {
        const last = seen.all.at(-1);
        if (line.kind === 'tag') {
            if (!last)
                problems.push(`${line.line}: the tag @${line.name} precedes any change`);
            else if (seen.hasTag(line.name))
                problems.push(`${line.line}: the tag @${line.name} occurs twice`);
            else
                seen.addTag(line.name, tagOf(line, project, uri, last.id));
            sinceTag.clear();
            continue;
        }
        if (sinceTag.has(line.name)) {
            problems.push(`${line.line}: the change ${line.name} occurs twice without a tag in between`);
        }
        sinceTag.add(line.name);
        const dependencies = line.dependencies.flatMap((wanted) => {
            const found = resolve(wanted, project, seen);
            if (typeof found !== 'string')
                return [found];
            problems.push(`${line.line}: ${found}`);
            return [];
        });
        seen.add(changeOf(line, project, uri, last?.id, dependencies));
    }
    return { changes: seen.all, problems };
}
/** An object id as git and sqitch make it: sha1 of kind, length in bytes, NUL and text. */
function objectId(kind, info) {
    const text = info.join('\n');
    return digest('sha1', `${kind} ${Buffer.byteLength(text)}\0${text}`);
}
function tagOf(line, project, uri, change) {
    const { note, date, planner } = line;
    const id = objectId('tag', [
        `project ${project}`,
        ...(uri ? [`uri ${uri}`] : []),
        `tag @${line.name}`,
        `change ${change}`,
        `planner ${planner.name} <${planner.email}>`,
        `date ${date}`,
        ...(note ? ['', note] : []),
    ]);
    return { id, name: `@${line.name}`, note, date, planner };
}
function changeOf({ name, note, date, planner, line }, project, uri, parent, dependencies) {
    const named = (type, sign) => {
        const texts = dependencies.filter((one) => one.type === type).map(({ text }) => `  ${sign} ${text}`);
        return texts.length > 0 ? [`${type}s`, ...texts] : [];
    };
    const id = objectId('change', [
        `project ${project}`,
        ...(uri ? [`uri ${uri}`] : []),
        `change ${name}`,
        ...(parent ? [`parent ${parent}`] : []),
        `planner ${planner.name} <${planner.email}>`,
        `date ${date}`,
        ...named('require', '+'),
        ...named('conflict', '-'),
        ...(note ? ['', note] : []),
    ]);
    return { id, name, project, uri, note, date, planner, tags: [], dependencies, reworkTags: [], line };
}
/** A dependency and the change it means, or what is wrong with it. */
function resolve(wanted, project, seen) {
    const { type, change, tag } = wanted;
    const key = tag === undefined ? change : `${change}@${tag}`;
    if (wanted.project !== undefined && wanted.project !== project) {
        return { type, text: `${wanted.project}:${key}`, id: null, project: wanted.project, change };
    }
    const found = seen.find(change, tag);
    if (!found && type === 'require')
        return `it requires ${key}, but no earlier change has that name`;
    return { type, text: key, id: found?.id ?? null, project, change };
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/registry.ts
/** Of the registry that is read and written, as sqitch's releases table says it. */
const registryVersion = '1.1';
const now = 'timestamptz NOT NULL DEFAULT clock_timestamp()';
const committed = `committed_at ${now}, committer_name text NOT NULL, committer_email text NOT NULL`;
const planned = 'planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL';
const ofProject = 'text NOT NULL REFERENCES sqitch.projects (project) ON UPDATE CASCADE';
const ofChange = 'REFERENCES sqitch.changes (change_id) ON UPDATE CASCADE';
/**
 * The tables of sqitch's registry, version 1.1, column by column as in its Engine/pg.sql; idempotent.
 * @param installer SQL of two values, the name and the e-mail of who makes it.
 */
function createSqitchRegistry(installer) {
    return `CREATE SCHEMA IF NOT EXISTS sqitch;
CREATE TABLE IF NOT EXISTS sqitch.releases (
  version real PRIMARY KEY, installed_at ${now}, installer_name text NOT NULL, installer_email text NOT NULL
);
CREATE TABLE IF NOT EXISTS sqitch.projects (
  project text PRIMARY KEY, uri text NULL UNIQUE, created_at ${now}, creator_name text NOT NULL, creator_email text NOT NULL
);
CREATE TABLE IF NOT EXISTS sqitch.changes (
  change_id text PRIMARY KEY, script_hash text NULL, change text NOT NULL, project ${ofProject},
  note text NOT NULL DEFAULT '', ${committed}, ${planned}, UNIQUE (project, script_hash)
);
CREATE TABLE IF NOT EXISTS sqitch.tags (
  tag_id text PRIMARY KEY, tag text NOT NULL, project ${ofProject}, change_id text NOT NULL ${ofChange},
  note text NOT NULL DEFAULT '', ${committed}, ${planned}, UNIQUE (project, tag)
);
CREATE TABLE IF NOT EXISTS sqitch.dependencies (
  change_id text NOT NULL ${ofChange} ON DELETE CASCADE, type text NOT NULL, dependency text NOT NULL,
  dependency_id text NULL ${ofChange} CONSTRAINT dependencies_check CHECK (
    (type = 'require' AND dependency_id IS NOT NULL) OR (type = 'conflict' AND dependency_id IS NULL)
  ),
  PRIMARY KEY (change_id, dependency)
);
CREATE TABLE IF NOT EXISTS sqitch.events (
  event text NOT NULL CONSTRAINT events_event_check CHECK (event IN ('deploy', 'revert', 'fail', 'merge')),
  change_id text NOT NULL, change text NOT NULL, project ${ofProject}, note text NOT NULL DEFAULT '',
  requires text[] NOT NULL DEFAULT '{}', conflicts text[] NOT NULL DEFAULT '{}', tags text[] NOT NULL DEFAULT '{}',
  ${committed}, ${planned}, PRIMARY KEY (change_id, committed_at)
);
INSERT INTO sqitch.releases (version, installer_name, installer_email)
SELECT ${registryVersion}, ${installer} WHERE NOT EXISTS (SELECT FROM sqitch.releases)`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/version-table.ts




/** Who wrote the row: sqitch takes it from its configuration, we from the connection. */
const committer = "current_user, current_user || '@localhost'";
const sqitchTable = {
    name: 'changes',
    schema: 'sqitch',
    accepts: (table) => hasColumns(table, 'change_id', 'change', 'project'),
    versions: null,
};
/**
 * The registry of sqitch in its schema `sqitch`, as App::Sqitch::Role::DBIEngine writes it: a change, its dependencies
 * and tags, and an event for each thing that happened.
 */
async function readSqitchTable(client, table, migrations) {
    if (table.exists)
        await assertRegistry(client, hasColumns(table, 'script_hash'));
    const project = migrations[0]?.change.project ?? '';
    const rows = await readRows(client, table, {
        columns: 'change_id AS id, change, script_hash AS hash',
        where: `project = ${(0,quoting/* quoteLiteral */.ce)(project)}`,
        order: 'committed_at',
    });
    const byId = new Map(migrations.map(({ change, version }) => [change.id, version]));
    const applied = rows?.map(({ id, change, hash }) => {
        // The same name with another id: the plan was edited above it.
        return { version: byId.get(id) ?? `${change} (${id.slice(0, 7)})`, checksum: hash, state: 'applied' };
    });
    const uri = migrations[0]?.change.uri ?? null;
    return {
        table: table.name,
        lists: { versions: 'all' },
        rows: applied ?? null,
        creation: `${createSqitchRegistry(committer)};
INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES (${(0,quoting/* quoteLiteral */.ce)(project)}, ${orNull(uri)}, ${committer}) ON CONFLICT DO NOTHING`,
        begin: () => null,
        record: (migration) => [
            insertChange(migration),
            ...migration.change.dependencies.map((one) => insertDependency(migration.change, one)),
            ...insertTags(migration.change),
            insertEvent('deploy', migration.change),
        ].join(';\n'),
        forget: ({ change }) => [
            `DELETE FROM sqitch.tags WHERE change_id = ${(0,quoting/* quoteLiteral */.ce)(change.id)}`,
            `DELETE FROM sqitch.changes WHERE change_id = ${(0,quoting/* quoteLiteral */.ce)(change.id)}`,
            insertEvent('revert', change),
        ].join(';\n'),
        locks: ['75474063::bigint'],
    };
}
async function assertRegistry(client, hashed) {
    const releases = await findTable(client, 'releases', 'sqitch');
    const rows = await readRows(client, releases, {
        columns: 'max(version)::text AS version',
        order: '1',
    });
    const version = rows?.[0]?.version ?? 'unknown';
    if (hashed && version === registryVersion)
        return;
    throw new errors/* UserError */.yo(`the registry of sqitch has version ${version}, but only ${registryVersion} is supported; nothing was changed`, {
        hint: 'Run "sqitch upgrade" if it is older; let sqitch itself deploy with database.migrations.command if it is newer.',
    });
}
function insertChange({ change, checksum }) {
    const { id, name, project } = change;
    const values = [id, checksum, name, project].map(orNull).join(', ');
    return `INSERT INTO sqitch.changes (change_id, script_hash, change, project, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES (${values}, ${plannedOf(change)})`;
}
function insertDependency({ id }, dependency) {
    const { type, text, id: known, project, change } = dependency;
    const ofOtherProject = `(SELECT change_id FROM sqitch.changes WHERE project = ${(0,quoting/* quoteLiteral */.ce)(project)} AND change = ${(0,quoting/* quoteLiteral */.ce)(change)} ORDER BY committed_at LIMIT 1)`;
    const target = type === 'conflict' ? 'NULL' : known === null ? ofOtherProject : (0,quoting/* quoteLiteral */.ce)(known);
    return `INSERT INTO sqitch.dependencies (change_id, type, dependency, dependency_id)
VALUES (${(0,quoting/* quoteLiteral */.ce)(id)}, '${type}', ${(0,quoting/* quoteLiteral */.ce)(text)}, ${target})`;
}
function insertTags({ id, project, tags }) {
    return tags.map((tag) => {
        const values = [tag.id, tag.name, project, id].map(quoting/* quoteLiteral */.ce).join(', ');
        return `INSERT INTO sqitch.tags (tag_id, tag, project, change_id, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES (${values}, ${plannedOf(tag)})`;
    });
}
function insertEvent(event, change) {
    const { id, name, project, tags, dependencies } = change;
    const texts = (type) => dependencies.filter((one) => one.type === type).map(({ text }) => text);
    const lists = [texts('require'), texts('conflict'), tags.map((tag) => tag.name)].map((list) => `ARRAY[${list.map(quoting/* quoteLiteral */.ce).join(', ')}]::text[]`);
    return `INSERT INTO sqitch.events (event, change_id, change, project, requires, conflicts, tags, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES ('${event}', ${[id, name, project].map(quoting/* quoteLiteral */.ce).join(', ')}, ${lists.join(', ')}, ${plannedOf(change)})`;
}
/** Note, committer, and who planned it when: columns that three tables share. */
function plannedOf({ note, date, planner }) {
    const planned = [date, planner.name, planner.email].map(quoting/* quoteLiteral */.ce).join(', ');
    return `${(0,quoting/* quoteLiteral */.ce)(note)}, ${committer}, ${planned}`;
}
function orNull(value) {
    return value === null ? 'NULL' : (0,quoting/* quoteLiteral */.ce)(value);
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/sqitch/index.ts



const planFile = 'sqitch.plan';
/** sqitch: a plan, and per change a script each to deploy, revert and verify it. */
const sqitch = {
    name: 'sqitch',
    reads: /(?:\.sql|(?:^|\/)sqitch\.plan)$/,
    table: sqitchTable,
    matches({ files }) {
        return files.has(planFile);
    },
    read(listing) {
        const plan = readSource(listing, planFile);
        const { changes, problems } = readSqitchPlan(plan.sql);
        const found = plan.problems.length > 0 ? plan.problems : problems.map((one) => `${plan.file}:${one}`);
        const migrations = [];
        for (const change of changes) {
            const version = versionOf(listing, change);
            const script = `deploy/${version}.sql`;
            if (!listing.files.has(script)) {
                found.push(`${plan.file}:${change.line}: there is no file ${userPath(listing, script)}`);
                continue;
            }
            const { content, problems: wrong, ...source } = readSource(listing, script);
            found.push(...wrong);
            migrations.push({
                ...source,
                version,
                checksum: digest('sha1', content),
                kind: 'versioned',
                down: readDown(listing, `revert/${version}.sql`),
                verify: readDown(listing, `verify/${version}.sql`),
                change,
            });
        }
        return { migrations, problems: found };
    },
    readTable: readSqitchTable,
};
/** Of the tags since which a change was reworked, sqitch takes the first for which there is a script. */
function versionOf({ files }, { name, reworkTags }) {
    const tag = reworkTags.find((one) => files.has(`deploy/${name}${one}.sql`)) ?? reworkTags[0] ?? '';
    return `${name}${tag}`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/index.ts









/**
 * Every format that `database.migrations.format` can name; the compiler holds both lists together. Those of a tool come
 * before plain numbers, which many of them use as well.
 */
const byName = {
    sqitch: sqitch,
    drizzle: drizzle,
    prisma: prisma,
    'graphile-migrate': graphileMigrate,
    flyway: flyway,
    'golang-migrate': golangMigrate,
    dbmate: dbmate,
    'node-pg-migrate': nodePgMigrate,
    plain: plain,
};
const formats = Object.values(byName);
/** The format of a name. */
function formatOf(name) {
    return byName[name];
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/journal.ts


/**
 * Reads the journal next to a version table. It records what the tables of other tools have no column for: the checksum,
 * the release, and how far a migration came that runs without a transaction.
 * @param versionTable Quoted, with its schema. @throws UserError when the user may not read it; Fault.
 */
async function readJournal(client, versionTable) {
    const table = journalFor(versionTable);
    const found = await client
        .query(`SELECT version, sha256, release, finished_at IS NOT NULL AS finished, step,
         in_flight AS "inFlight", done, contract, (started_at AT TIME ZONE 'UTC')::text AS "startedAt", (finished_at AT TIME ZONE 'UTC')::text AS "finishedAt",
         extract(epoch FROM now() - finished_at)::float8 AS "ageSeconds" FROM ${table} ORDER BY started_at`)
        .catch((error) => {
        if (error.code === '42P01')
            return null;
        throw readError(error, table);
    });
    if (found === null)
        return { table, rows: null, externallyApplied: [] };
    return {
        table,
        rows: found.rows.filter(({ release }) => release !== externalRelease),
        externallyApplied: found.rows.flatMap(({ version, release }) => release === externalRelease ? [version] : []),
    };
}
/** In place of a release, where no release of ours ran it. */
const externalRelease = '';
const journalName = 'slipway_migrations';
/** `public.schema_migrations` → `public.slipway_migrations`; a quoted schema may hold a dot. */
function journalFor(versionTable) {
    return `${(0,quoting/* schemaOf */.pP)(versionTable)}${journalName}`;
}
/** Milliseconds that each of these versions took, by the server's clock. @throws what the server says. */
async function readDurations(client, table, versions) {
    const { rows } = await client.query(`SELECT version, extract(epoch FROM finished_at - started_at)::float8 * 1000 AS ms FROM ${table}
     WHERE version = ANY ($1::text[]) AND finished_at IS NOT NULL`, [versions]);
    return new Map(rows.map(({ version, ms }) => [version, ms]));
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/journal-entries.ts




/** Schemas of the tools' own; the tables of all others are where search_path leads. */
const schemasOfTools = formats.flatMap(({ table }) => table.schema ?? []);
const searchPathScope = { path: true, schemas: [] };
const anyScope = { path: true, schemas: schemasOfTools };
function journalScopeOf(format) {
    const { schema } = formatOf(format).table;
    return schema === null ? searchPathScope : { path: false, schemas: [schema] };
}
/**
 * The rows of the journals that may be read; null when there is none. @throws UserError when none of them may be; Fault.
 */
async function readJournalEntries(client, scope) {
    const journals = await findJournals(client, scope);
    const rows = [];
    for (const name of journals)
        rows.push(...(await journal_entries_readRows(client, name)));
    return journals.length === 0 ? null : rows;
}
/**
 * The journals that may be read, quoted. One of another application in the same database need not be readable.
 * @throws UserError when there are some and none may be.
 */
async function findJournals(client, { path, schemas }) {
    const { rows: journals } = await client.query(`SELECT format('%I.%I', n.nspname, c.relname) AS name,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND ($2 AND pg_table_is_visible(c.oid) OR n.nspname = ANY ($3::text[]))`, [journalName, path, schemas]);
    const readable = journals.filter((journal) => journal.readable);
    if (journals.length > 0 && readable.length === 0) {
        throw new errors/* UserError */.yo(`the database user may not read ${journals.map(({ name }) => name).join(', ')}`);
    }
    return readable.map(({ name }) => name);
}
async function journal_entries_readRows(client, table) {
    const { rows } = await client
        .query(`SELECT version, contract, extract(epoch FROM clock_timestamp() - started_at)::float8 AS "ageSeconds" FROM ${table}`)
        .catch((error) => {
        throw readError(error, table);
    });
    return rows.map((row) => ({ ...row, repeatable: isRepeatable(row.version), listedIn: 'journal' }));
}
/** By its name, as flyway's are called. */
function isRepeatable(version) {
    return version.startsWith('R__');
}

// EXTERNAL MODULE: ./packages/postgres/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(4731);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connection-error.ts
var connection_error = __webpack_require__(7123);
;// CONCATENATED MODULE: ./packages/migrations/src/run/read-only.ts


/**
 * Asks a database something over one connection that reads only. For a lock it waits a second at most.
 * @throws UserError when it cannot be reached; what `read` throws; Fault; Cancelled.
 */
async function readOnly({ url, timeoutMs, redactor, signal: stop }, read) {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([stop, deadline]);
    const during = 'the inspection of the database';
    let client;
    const cut = () => client && (0,connect/* cutConnection */.tP)(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        client = await (0,connect/* connect */.Ng)({ url, applicationName: 'slipway rollback', timeoutMs, signal, redactor });
        // A query that the users wrote may be among them. The settings end with the transaction, also behind a pooler.
        await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = '1s'`);
        return await read(client);
    }
    catch (error) {
        if (stop.aborted)
            throw new errors/* Cancelled */.cJ(during);
        if (deadline.aborted)
            throw (0,connection_error/* connectionError */.$t)({ code: 'ETIMEDOUT' });
        throw (0,lost/* asDatabaseError */.gk)(error, during);
    }
    finally {
        signal.removeEventListener('abort', cut);
        if (client)
            await (0,connect/* closeConnection */.Bn)(client);
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/down/saved-downs.ts

const downsName = 'slipway_down_migrations';
/** The table next to the journal. */
function downsTableFor(journal) {
    return `${(0,quoting/* schemaOf */.pP)(journal)}${downsName}`;
}
/** The rows that the pending migrations of a release become. */
function downsToSave(migrations, versionTable) {
    return migrations.map((migration) => ({
        version: migration.version,
        sha256: migration.sha256,
        down: migration.down,
        forget: versionTable.forget(migration),
    }));
}
/** Saves them, in one transaction. @param table Quoted, with its schema. @throws what the server says. */
async function saveDowns(client, table, downs, { appliedBefore, locks }) {
    const lockList = `ARRAY[${locks.map(quoting/* quoteLiteral */.ce).join(', ')}]::text[]`;
    const rows = downs.map(({ version, sha256, down, forget }) => {
        const texts = [version, sha256, down.file, down.sql, forget, appliedBefore].map(quoting/* quoteLiteral */.ce);
        return `(${[...texts, lockList].join(', ')})`;
    });
    await client.query(`${await schemaCreation(client, table)}CREATE TABLE IF NOT EXISTS ${table} (
  version text PRIMARY KEY,
  sha256 text NOT NULL,
  file text NOT NULL,
  sql text NOT NULL,
  forget text NOT NULL,
  applied_before text NOT NULL,
  locks text[] NOT NULL
);
INSERT INTO ${table} (version, sha256, file, sql, forget, applied_before, locks) VALUES ${rows.join(',\n')}
 ON CONFLICT (version) DO UPDATE SET (sha256, file, sql, forget, applied_before, locks)
 = (EXCLUDED.sha256, EXCLUDED.file, EXCLUDED.sql, EXCLUDED.forget, EXCLUDED.applied_before, EXCLUDED.locks)`);
}
/** A tool with a schema of its own may not have made it yet. The right to create one is not asked where it is there. */
async function schemaCreation(client, table) {
    const schema = (0,quoting/* schemaOf */.pP)(table).slice(0, -1);
    if (schema === '')
        return '';
    const { rows } = await client.query(`SELECT to_regnamespace(${(0,quoting/* quoteLiteral */.ce)(schema)}) IS NOT NULL AS exists`);
    return rows[0]?.exists ? '' : `CREATE SCHEMA ${schema};\n`;
}
/** The saved down migrations by version, and what they belong to; none when nothing was ever saved. @throws what the server says. */
async function readSavedDowns(client, table) {
    if (!(await relationExists(client, table)))
        return new Map();
    const { rows } = await client.query(`SELECT version, sha256, sql FROM ${table}`);
    return new Map(rows.map((row) => [row.version, row]));
}
/** @param name Quoted, with its schema. */
async function relationExists(client, name) {
    const { rows } = await client.query(`SELECT to_regclass(${(0,quoting/* quoteLiteral */.ce)(name)}) IS NOT NULL AS exists`);
    return rows[0]?.exists === true;
}

;// CONCATENATED MODULE: ./packages/migrations/src/down/reversal.ts



/** Asks a database what has to be taken back. @throws as `readOnly` does. */
function readReversal(question) {
    return readOnly(question, (client) => findReversal(client, question));
}
/** The same, by a connection that is there. @throws UserError when the journal may not be read; what the server says. */
async function findReversal(client, { format, releases }) {
    const journals = await findJournals(client, format ? journalScopeOf(format) : anyScope);
    const reversal = { versions: [], downs: [], problems: [] };
    for (const journal of journals) {
        const { versions, downs, problems } = await reversalIn(client, journal, releases);
        reversal.versions.push(...versions);
        reversal.downs.push(...downs);
        reversal.problems.push(...problems);
    }
    return reversal;
}
async function reversalIn(client, journal, releases) {
    const table = downsTableFor(journal);
    const saved = (await relationExists(client, table))
        ? {
            columns: 'd.file, d.sql, d.forget, d.locks, d.applied_before AS "appliedBefore"',
            join: `LEFT JOIN ${table} d ON d.version = j.version AND d.sha256 = j.sha256`,
        }
        : { columns: 'NULL AS sql', join: '' };
    const { rows } = await client.query(`SELECT j.version, j.finished_at IS NOT NULL AS finished, ${saved.columns}
     FROM ${journal} j ${saved.join} WHERE j.release = ANY ($1::text[]) ORDER BY j.started_at DESC, j.version DESC`, [releases]);
    const reversal = { versions: [], downs: [], problems: [] };
    for (const { finished, ...row } of rows) {
        reversal.versions.push(row.version);
        if (!finished)
            reversal.problems.push(`${row.version} was begun and is not complete`);
        else if (row.sql === null)
            reversal.problems.push(`${row.version} has no saved down migration`);
        else
            reversal.downs.push({ ...row, journal });
    }
    return reversal;
}

// EXTERNAL MODULE: ./packages/postgres/src/catalog/schema-snapshot.ts
var schema_snapshot = __webpack_require__(4055);
// EXTERNAL MODULE: ./packages/kernel/src/retry.ts
var retry = __webpack_require__(8209);
// EXTERNAL MODULE: ./packages/kernel/src/outside-text.ts + 1 modules
var outside_text = __webpack_require__(6094);
;// CONCATENATED MODULE: ./packages/migrations/src/run/applied-by-another-run.ts

/** A file of another run, which must not run twice. Ours has changed nothing of it. */
class AppliedByAnotherRun extends errors/* Fault */.vC {
    constructor(file, cause) {
        super(`${file}: another run has applied or started it; none of it was run again`, {
            cause,
            hint: 'Re-run this job: it plans again from what the other run has left.',
        });
    }
}

// EXTERNAL MODULE: ./packages/postgres/src/connection/run-lock.ts
var run_lock = __webpack_require__(6827);
;// CONCATENATED MODULE: ./packages/sql/src/syntax/quote-sql.ts

/**
 * A statement as a sentence names it: on one line, without comments, and with `'…'` in place of each literal, which may be
 * a password. One that is too long is cut between two tokens.
 */
function quoteSql(sql, maxLength = Number.POSITIVE_INFINITY) {
    return joinTokens(sql, () => "'…'", maxLength).text.replace(/ ?;$/, '');
}
/** What would make the literals of a statement secret. */
const namesSecret = /pass(?:word|wd|phrase)|secret|token|credential|\bconnection\b|(?:api|access|private|encryption|signing)_?key/i;
const maxCopyLength = 300;
/**
 * SQL that a remedy repeats, to be copied: on one line, without comments. Its literals are left out when it names a secret,
 * or when it is too long to be copied as a whole.
 */
function copyableSql(sql) {
    const whole = joinTokens(sql, (literal) => literal, maxCopyLength);
    return whole.complete && !namesSecret.test(sql) ? whole.text : quoteSql(sql, maxCopyLength);
}
function joinTokens(sql, showLiteral, maxLength) {
    const lexer = new Lexer(sql);
    let text = '';
    for (let previousEnd = 0; lexer.next(); previousEnd = lexer.end) {
        const token = sql.slice(lexer.start, lexer.end).replace(/\s+/g, ' ');
        const gap = text !== '' && lexer.start > previousEnd ? ' ' : '';
        const next = gap + (lexer.kind === 'string' ? showLiteral(token) : token);
        if (text.length + next.length > maxLength)
            return { text: `${text}…`, complete: false };
        text += next;
    }
    return { text, complete: true };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/blockers.ts



/** Characters of a query of another session that a sentence quotes. */
const maxQueryLength = 120;
/** Who holds what the session waits for that runs our file. Values in the queries of others are blanked out. */
async function blockersOf({ observer, redactor }) {
    const { rows } = await observer.query(`SELECT pid, usename AS who, application_name AS name, state, date_trunc('second', now() - xact_start)::text AS since, query
     FROM pg_stat_activity
     WHERE pid IN (SELECT unnest(pg_blocking_pids(working.pid)) FROM (${run_lock/* workingSession */.M5}) working)`);
    const safe = (text) => outside_text/* OutsideText */.x.of(String(text ?? ''), redactor);
    return rows
        .map(({ pid, who, name, state, since, query }) => 
    // What other users do is hidden from all but the members of pg_read_all_stats.
    state === null
        ? `session ${pid} of the user ${safe(who)}; its query is hidden: GRANT pg_read_all_stats TO the user that migrates`
        : `session ${pid} (${safe(name || 'unnamed')}, ${state}, for ${since}): ${safe(quoteSql(String(query ?? ''))).excerpt(maxQueryLength)}`)
        .join('; ');
}
/**
 * Remembers who blocked the worker: after the timeout nobody does.
 * @param onChange Gets each new answer during the wait.
 */
function watchBlockers({ lockTimeoutMs, ...watched }, onChange = () => { }) {
    let last = '';
    let asking;
    const ask = async () => {
        const found = await blockersOf(watched).catch(() => '');
        if (found !== '' && found !== last)
            onChange(found);
        if (found !== '')
            last = found;
        asking = undefined;
    };
    const timer = setInterval(() => {
        asking ??= ask();
    }, Math.max(100, lockTimeoutMs / 3));
    return {
        async stop() {
            clearInterval(timer);
            await asking;
            return last;
        },
    };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/statement-error.ts


/** SQLSTATEs that are not the fault of the file: a lock that was not free, a deadlock. Worth another try. */
function isContention(error) {
    return ['55P03', '40P01'].includes(error.code ?? '');
}
/** Errors of sockets have codes as well, of another kind. */
function sqlstateOf({ code = '' }) {
    return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : '';
}
/** Places an error: by the position the server gives, else by the first statement that was not completed. Pure. */
function explainStatement(error, sent) {
    const code = sqlstateOf(error);
    const { file, sql, completed } = sent;
    const { statements } = scanStatements(sql);
    const failed = statements[completed];
    const offset = exactOffset(error, sent) ?? rowOffset(error, failed, sql) ?? failed?.offset;
    const message = code === '' && (0,lost/* isConnectionLost */.pb)(error) ? (0,lost/* describeLost */.Uk)(error) : serverSentence(error);
    if (offset === undefined)
        return { location: file, statement: '', sqlstate: code, message };
    const { line, column } = positionAt(sql, offset);
    const begin = statements.findLast((statement) => statement.offset <= offset)?.offset ?? offset;
    const statement = quoteSql(sql.slice(begin).split('\n', 1)[0] ?? '');
    return { location: `${file}:${line}:${column}`, statement, sqlstate: code, message };
}
/**
 * What the server said. Of data errors (classes 22 and 23) the details are left out, since they quote rows of the
 * database; the names of table, column and constraint say where to look.
 */
function serverSentence({ code = '', message = '', detail, hint, ...where }) {
    if (!/^2[23]/.test(code))
        return [message, detail, hint].filter(Boolean).join('; ');
    const names = ['table', 'column', 'constraint']
        .filter((kind) => where[kind] && !message.includes(`"${where[kind]}"`))
        .map((kind) => `${kind} ${where[kind]}`);
    // 22P02 and its kin quote the value itself after the last colon.
    const said = code.startsWith('22') ? message.replace(/: ".*$/s, '') : message;
    return names.length > 0 ? `${said} (${names.join(', ')})` : said;
}
/** Where the server's position lies in the file; undefined when it gives none, or one outside of it. */
function exactOffset({ position }, { text, start, cuts, sql }) {
    if (position === undefined)
        return undefined;
    const sent = charactersToIndex(text, Number(position) - 1) - start;
    const missing = cuts.filter(({ at }) => at <= sent).reduce((sum, { length }) => sum + length, 0);
    const offset = sent + missing;
    return sent >= 0 && offset <= sql.length ? offset : undefined;
}
/** Where the row is that a COPY failed at: its CONTEXT counts them from 1. */
function rowOffset({ where = '' }, statement, sql) {
    const row = /^COPY .*?, line (\d+)/.exec(where)?.[1];
    if (row === undefined || !statement?.data)
        return undefined;
    let at = statement.data.start;
    for (let line = 1; line < Number(row); line++)
        at = sql.indexOf('\n', at) + 1;
    return at;
}
/** Who was in the way, as the end of a sentence. */
function describeBlocked(blocked) {
    return blocked === '' ? '' : `; blocked by ${blocked}`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/retry.ts






/** For a file whose locks are not free. */
const policy = {
    maxAttempts: 10,
    firstDelayMs: 400,
    maxDelayMs: 8000,
    deadlineMs: 10 * 60_000,
};
/** Characters of a statement that a message quotes. */
const maxStatement = 160;
/** What went wrong in an attempt, and with what. */
class AttemptError extends Error {
    sent;
    constructor(cause, sent) {
        super('a statement failed', { cause });
        this.sent = sent;
    }
}
/**
 * Retries what fails because a lock was not free (55P03) or in a deadlock (40P01), and reports who held the locks.
 * @param attempt Throws AttemptError. @returns milliseconds of the attempt that succeeded. @throws Fault, Cancelled
 */
async function retryContention(target, file, attempt) {
    const { clock, signal, log } = target;
    const result = await (0,retry/* retry */.L)({
        ...policy,
        clock,
        signal,
        during: file,
        onRetry: ({ error: { attempt: failed, blocked }, attempt: number }) => log.info(`${file}: ${(0,errors/* describeError */.Uc)(failed.cause)}${describeBlocked(blocked)}; attempt ${number + 1} of ${policy.maxAttempts} follows`),
    }, async () => {
        if (signal.aborted)
            throw new errors/* Cancelled */.cJ(`the wait before ${file}`);
        await target.assertHeld();
        return runOnce(target, file, attempt);
    });
    if (result.ok)
        return result.value;
    const { attempt: failed, blocked } = result.error;
    throw explain(failed, result.attempts, blocked, target.redactor);
}
async function runOnce(target, file, attempt) {
    const begun = target.clock.monotonic();
    const blockers = watchBlockers(target);
    try {
        await attempt();
        return { state: 'done', value: target.clock.monotonic() - begun };
    }
    catch (thrown) {
        const blocked = await blockers.stop();
        if (target.signal.aborted)
            throw new errors/* Cancelled */.cJ(file);
        if (!(thrown instanceof AttemptError))
            throw thrown;
        const kind = isContention(thrown.cause) ? 'contention' : 'permanent';
        return { state: 'failed', class: kind, error: { attempt: thrown, blocked } };
    }
    finally {
        await blockers.stop();
    }
}
/**
 * How the journal refuses, before the first statement of a file, what another run has begun: by a division by zero where
 * it knows of an older run, else by its key.
 */
function isGuardError(error) {
    const { code, table } = error;
    return code === '22012' || (code === '23505' && table === journalName);
}
function explain(failed, tries, blocked, redactor) {
    if (isGuardError(failed.cause) && failed.sent.completed < 0) {
        return new AppliedByAnotherRun(failed.sent.file, failed.cause);
    }
    const { location, statement, sqlstate, message } = explainStatement(failed.cause, failed.sent);
    const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
    const where = statement === '' ? '' : ` in "${outside_text/* OutsideText */.x.of(statement, redactor).excerpt(maxStatement)}"`;
    const often = tries > 1 ? `, ${tries} times` : '';
    return new errors/* Fault */.vC(`${location}: ${message}${state}${where}${often}${describeBlocked(blocked)}`, {
        cause: (0,lost/* causeOf */.rl)(failed.cause),
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/script-query.ts
/**
 * Sends a text of any number of statements as one simple query (protocol manual, 55.2.2): one round trip. Results are
 * thrown away as they come, so that a SELECT in a migration costs no memory.
 * @param progress Counts what the server completed: an error at run time carries no position.
 * @throws what the server or the connection says.
 */
function sendScript(client, text, copies = [], progress = { completed: 0, committed: 0 }) {
    return new Promise((resolve, reject) => {
        client.query(new ScriptQuery(text, copies, progress, (error) => (error ? reject(error) : resolve())));
    });
}
/** What the driver calls while a query is the active one; the names are the driver's. */
class ScriptQuery {
    text;
    callback;
    #copies;
    #progress;
    constructor(text, copies, progress, callback) {
        this.text = text;
        this.callback = callback;
        this.#copies = [...copies];
        this.#progress = progress;
    }
    submit(connection) {
        connection.query(this.text);
    }
    handleCommandComplete({ text }) {
        if (text === 'COMMIT') {
            this.#progress.committed++;
            this.#progress.completed = 0;
        }
        else
            this.#progress.completed++;
    }
    handleCopyInResponse(connection) {
        const rows = this.#copies.shift();
        if (rows === undefined) {
            connection.sendCopyFail('there are no rows for this COPY in the file');
            return;
        }
        const bytes = Buffer.from(rows, 'utf8');
        for (let at = 0; at < bytes.length; at += chunk) {
            connection.sendCopyFromChunk(bytes.subarray(at, at + chunk));
        }
        connection.endCopyFrom();
    }
    handleError(error) {
        this.callback(error);
    }
    handleReadyForQuery() {
        this.callback();
    }
    handleRowDescription() { }
    handleDataRow() { }
    handleEmptyQuery() { }
    handlePortalSuspended() { }
    handleCopyData() { }
}
/** Bytes of one CopyData message. */
const chunk = 64 * 1024;

;// CONCATENATED MODULE: ./packages/migrations/src/run/transaction-text.ts


/**
 * What a file set for its session (search_path, role, temporary tables) must reach neither its row in the version
 * table nor the next file, and behind a pooler not the application. DISCARD ALL is not allowed in a transaction;
 * prepared statements are left alone, since a pooler keeps those of others on the same server connection.
 */
const forget = ['SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', 'CLOSE ALL', 'UNLISTEN *', 'DISCARD TEMP'];
/** How often the server checks whether the client is still connected. */
const watchInterval = "client_connection_check_interval = '1s'";
/**
 * The text of transactions, one for each file, sent as one simple query: one round trip, and what follows a statement
 * that fails is not run. Before each file: the lock that shows the next run, should this one be killed, that its
 * statement still runs; and the settings. Pure.
 */
function transactionText(settings, files) {
    const limits = [
        ...(settings.watchClient ? [`SET LOCAL ${watchInterval}`] : []),
        `SET LOCAL lock_timeout = ${settings.lockTimeoutMs}`,
        `SET LOCAL statement_timeout = ${settings.statementTimeoutMs}`,
    ];
    const settled = [`SELECT pg_advisory_xact_lock_shared(${run_lock/* workKey */.z2})`, ...limits];
    const sent = { text: '', copies: [], parts: [] };
    for (const it of files) {
        const prelude = ['BEGIN', `SET LOCAL ${nameOf(it.file)}`, ...settled, ...it.before];
        const head = `${prelude.join(';\n')};\n`;
        const { body, copies, cuts } = withoutRows(it.sql);
        // The limits hold for the bookkeeping and the COMMIT as well: while these wait, or run what is deferred, the locks of
        // the file are held.
        const after = [...forget, ...limits, ...it.after, 'COMMIT'].join(';\n');
        sent.parts.push({ start: sent.text.length + head.length, prelude: prelude.length, cuts });
        sent.copies.push(...copies);
        sent.text += `${head}${body}\n;\n${after};\n`;
    }
    return sent;
}
/**
 * Names the file in pg_stat_activity: its column query is cut after a kilobyte, and one text holds many files.
 * PostgreSQL keeps 63 bytes of it and replaces what is not ASCII.
 */
function nameOf(file) {
    return `application_name = ${(0,quoting/* quoteLiteral */.ce)(`slipway ${file.slice(file.lastIndexOf('/') + 1)}`.replace(/[^ -~]/g, '?').slice(0, 63))}`;
}
/** The rows of a COPY travel in separate messages. */
function withoutRows(sql) {
    const blocks = sql.search(/\bstdin\b/i) < 0 ? [] : scanStatements(sql).statements.flatMap(({ data }) => data ?? []);
    const cuts = [];
    let body = '';
    let from = 0;
    for (const { start, end } of blocks) {
        body += sql.slice(from, start);
        cuts.push({ at: body.length, length: end - start });
        from = end;
    }
    return { body: body + sql.slice(from), copies: blocks.map(({ rows }) => rows), cuts };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/apply.ts





/**
 * Runs files one after the other, each in a transaction, all in one round trip. Waiting for a lock gives up after
 * `lockTimeoutMs`, so that the queries after ours in the queue do not wait with us, and is tried again from the file
 * that waited; anything else that fails is final.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the last transaction came
 * through is then asked from the version table, not guessed from the error.
 */
async function applyFiles(target, files, { onCommitted, onSent, sent = transactionText(target, files) } = {}) {
    let next = 0;
    while (next < files.length) {
        const left = files.slice(next);
        const first = left[0];
        await retryContention(target, first.file, async () => {
            const progress = { completed: 0, committed: 0 };
            const { text, copies, parts } = next === 0 ? sent : transactionText(target, left);
            try {
                const sending = sendScript(target.worker, text, copies, progress);
                onSent?.();
                await sending;
            }
            catch (error) {
                if (!target.signal.aborted)
                    await target.worker.query('ROLLBACK').catch(() => undefined);
                const at = progress.committed;
                if (isLostUnheard(error))
                    throw new AttemptError(error, lostSentFile(left));
                if (at === 0 || !isContention(error))
                    throw new AttemptError(error, sentFile(left, parts, text, { ...progress, error }));
            }
            finally {
                next += progress.committed;
                if (progress.committed > 0)
                    onCommitted?.(progress.committed);
            }
        });
    }
}
/** The server reports what it has done only now and then: which file was running when it was lost, nobody knows. */
function lostSentFile(left) {
    const [first, last] = [left.at(0)?.file ?? '', left.at(-1)?.file ?? ''];
    const file = first === last ? first : `one of ${first} to ${last}`;
    return { file, sql: '', text: '', start: 0, cuts: [], completed: 0 };
}
/** A server that closes a connection says so after all that it has done; a line that is cut gives no notice. */
function isLostUnheard(error) {
    return (0,lost/* isConnectionLost */.pb)(error) && !String(error.code).startsWith('57P');
}
/**
 * The file that failed. The server reads the whole text before it runs the first statement: while nothing is done, the
 * position of the error decides.
 */
function sentFile(files, parts, text, { completed, committed, error }) {
    const position = Number(error.position ?? 0);
    const unread = completed === 0 && committed === 0;
    const at = unread
        ? Math.max(0, parts.findLastIndex(({ start }) => start < position))
        : committed;
    const { file = '', sql = '' } = files[at] ?? {};
    const { start = 0, prelude = 0, cuts = [] } = parts[at] ?? {};
    return { file, sql, text, start, cuts, completed: unread ? 0 : completed - prelude };
}

// EXTERNAL MODULE: ./packages/kernel/src/duration.ts
var duration = __webpack_require__(231);
;// CONCATENATED MODULE: ./packages/migrations/src/run/cleanup.ts


/**
 * Removes what an earlier attempt of a statement left unfinished: an index that is marked invalid costs writes and
 * serves no query, and `IF NOT EXISTS` would take it for the real one (manual, CREATE INDEX).
 * @param resumed Whether a run was stopped in or right after this statement, so that it may be done already.
 * @throws Fault when another session is building the index right now.
 */
async function cleanUp(client, partial, resumed, log) {
    if (partial === null)
        return { do: 'run' };
    if (partial.kind === 'detached')
        return finishDetach(client, partial, resumed);
    if (partial.kind === 'dropped') {
        const gone = resumed && (await oidOf(client, partial.index)) === null;
        return gone ? { do: 'nothing', because: `${partial.index} is already dropped` } : { do: 'run' };
    }
    const found = await indexesOf(client, partial);
    for (const { index, valid, builder } of found) {
        if (valid)
            continue;
        if (builder !== null)
            throw beingBuilt(index, builder);
        log.info(`${index} is an invalid index from an interrupted build; dropping it`);
        await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
    }
    const built = resumed && partial.kind === 'index' && found.find(({ valid }) => valid);
    return built ? { do: 'nothing', because: `${built.index} is already built` } : { do: 'run' };
}
async function indexesOf(client, of) {
    const which = of.kind === 'index'
        ? `i.indrelid = to_regclass(${regclass(of.table)}) AND c.relname = ${(0,quoting/* quoteLiteral */.ce)(of.name)}`
        : `${of.index ? `i.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(${regclass(of.on)}))` : `i.indrelid = to_regclass(${regclass(of.on)})`}
         AND c.relname ~ '_cc(new|old)[0-9]*$' AND NOT i.indisvalid`;
    const { rows } = await client.query(`SELECT format('%I.%I', n.nspname, c.relname) AS index, i.indisvalid AS valid,
       (SELECT pid FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS builder
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${which}`);
    return rows;
}
async function finishDetach(client, { parent, partition }, resumed) {
    const { rows } = await client.query(`SELECT inhdetachpending AS pending FROM pg_inherits
     WHERE inhparent = to_regclass(${regclass(parent)}) AND inhrelid = to_regclass(${regclass(partition)})`);
    if (rows[0]?.pending) {
        const sql = `ALTER TABLE ${cleanup_nameOf(parent)} DETACH PARTITION ${cleanup_nameOf(partition)} FINALIZE`;
        return { do: 'instead', sql, because: 'an interrupted detach is being finished' };
    }
    if (rows.length > 0 || !resumed)
        return { do: 'run' };
    return { do: 'nothing', because: `${cleanup_nameOf(partition)} is already detached` };
}
function beingBuilt(index, builder) {
    return new errors/* Fault */.vC(`session ${builder} is building ${index} right now`, {
        hint: `Wait until it is done and re-run this job, or terminate it with SELECT pg_terminate_backend(${builder}).`,
    });
}
async function oidOf(client, name) {
    const { rows } = await client.query(`SELECT to_regclass(${(0,quoting/* quoteLiteral */.ce)(name)})::text AS name`);
    return rows[0]?.name ?? null;
}
function cleanup_nameOf({ schemaname, relname }) {
    return [schemaname, relname].flatMap((part) => (part ? [(0,quoting/* quoteIdentifier */.Cm)(part)] : [])).join('.');
}
function regclass(of) {
    return (0,quoting/* quoteLiteral */.ce)(cleanup_nameOf(of));
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/partial-objects.ts

/** What a statement may leave unfinished; null for one that leaves nothing. Pure. */
function partialObjectOf(statement) {
    switch (statement.tag) {
        case 'IndexStmt': {
            const { concurrent, idxname, relation } = statement.node;
            return concurrent && idxname && relation
                ? { kind: 'index', name: idxname, table: partial_objects_named(relation) }
                : null;
        }
        case 'ReindexStmt': {
            const { kind, relation } = statement.node;
            return relation
                ? { kind: 'reindexed', on: partial_objects_named(relation), index: kind === 'REINDEX_OBJECT_INDEX' }
                : null;
        }
        case 'DropStmt': {
            const { concurrent, objects } = statement.node;
            return concurrent && objects ? { kind: 'dropped', index: qualifiedName(objects[0]) } : null;
        }
        case 'AlterTableStmt':
            return detachOf(statement.node);
        default:
            return null;
    }
}
function detachOf({ cmds = [], relation }) {
    for (const one of cmds) {
        const def = 'AlterTableCmd' in one ? one.AlterTableCmd.def : undefined;
        const command = def && 'PartitionCmd' in def ? def.PartitionCmd : undefined;
        if (command?.concurrent && command.name && relation) {
            return { kind: 'detached', parent: partial_objects_named(relation), partition: partial_objects_named(command.name) };
        }
    }
    return null;
}
function partial_objects_named({ schemaname, relname = '' }) {
    return schemaname === undefined ? { relname } : { schemaname, relname };
}
/** The name in a list of identifiers, quoted. */
function qualifiedName(object) {
    const items = object && 'List' in object ? (object.List.items ?? []) : [];
    return items
        .flatMap((item) => ('String' in item ? [(0,quoting/* quoteIdentifier */.Cm)(item.String.sval ?? '')] : []))
        .join('.');
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/names.ts
/** Words that cannot name a table or a column without quotes (manual, appendix C), of those that are used as names. */
const reserved = new Set(('all analyse analyze and any array as asc both case cast check collate column constraint create current_date ' +
    'current_role current_time current_timestamp current_user default deferrable desc distinct do else end except ' +
    'false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime ' +
    'not null offset on only or order placing primary references returning select session_user some symmetric ' +
    'table then to trailing true union unique user using variadic when where window with').split(' '));
/** An identifier as SQL needs it: quoted only when it must be. */
function sqlName(name) {
    const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name);
    return plain ? name : `"${name.replaceAll('"', '""')}"`;
}
function sqlOf({ schema, name }) {
    return schema === null ? sqlName(name) : `${sqlName(schema)}.${sqlName(name)}`;
}
function ofRange({ schemaname, relname = '' }) {
    return { schema: schemaname ?? null, name: relname };
}
/** The parts of a list of String nodes. */
function strings(nodes = []) {
    return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}
function ofParts(parts) {
    return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' };
}
/** A table under a name that cuts nothing off: identifiers longer than 63 bytes are cut by the server. */
function derivedName(...parts) {
    const name = parts.filter(Boolean).join('_');
    return Buffer.byteLength(name) <= 63 ? name : name.slice(0, 60);
}
/** A type as its bare name with modifiers and array: `varchar(20)`, `int4[]`. */
function typeText({ names, typmods = [], arrayBounds = [] }) {
    const modifiers = typmods.flatMap((node) => 'A_Const' in node ? [String(node.A_Const.ival?.ival ?? (node.A_Const.ival ? 0 : ''))] : []);
    const name = strings(names).at(-1) ?? '';
    return `${name}${modifiers.length > 0 ? `(${modifiers.join(',')})` : ''}${arrayBounds.map(() => '[]').join('')}`;
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/options.ts

/** Whether REINDEX was given CONCURRENTLY, in either of its two spellings. */
function isConcurrent(params) {
    return optionOf(params, 'concurrently') !== undefined && !isOff(params, 'concurrently');
}
/** `name` of an option list, as in `VACUUM (name)`. */
function optionOf(options, name) {
    return options?.find((node) => 'DefElem' in node && node.DefElem.defname === name);
}
/** Whether an option is there and says no. */
function isOff(options, name) {
    const option = optionOf(options, name);
    const arg = option && 'DefElem' in option ? option.DefElem.arg : undefined;
    if (!arg)
        return false;
    if ('Integer' in arg)
        return !arg.Integer.ival;
    if ('Boolean' in arg)
        return !arg.Boolean.boolval;
    return /^(?:false|off|no|0)$/i.test(strings([arg])[0] ?? '');
}

;// CONCATENATED MODULE: ./packages/sql/src/lint/runs-alone.ts

/** Statements that never run inside a transaction block, whatever their options. */
const alwaysAlone = new Set([
    'CreatedbStmt',
    'DropdbStmt',
    'AlterSystemStmt',
    'CreateTableSpaceStmt',
    'DropTableSpaceStmt',
    'DropSubscriptionStmt',
]);
/** Whether PostgreSQL refuses a statement inside a transaction block. */
function runsAlone(statement) {
    switch (statement.tag) {
        case 'IndexStmt':
        case 'DropStmt':
            return statement.node.concurrent === true;
        case 'ReindexStmt':
            return (isConcurrent(statement.node.params) ||
                ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(statement.node.kind ?? ''));
        case 'AlterTableStmt':
            return (statement.node.cmds ?? []).some((node) => {
                const { def } = ('AlterTableCmd' in node && node.AlterTableCmd) || {};
                return def && 'PartitionCmd' in def && def.PartitionCmd.concurrent;
            });
        case 'VacuumStmt':
            return statement.node.is_vacuumcmd === true;
        case 'ClusterStmt':
            return statement.node.relation === undefined;
        case 'DiscardStmt':
            return statement.node.target === 'DISCARD_ALL';
        case 'CreateSubscriptionStmt':
            return !isOff(statement.node.options, 'create_slot') && !isOff(statement.node.options, 'connect');
        case 'TransactionStmt':
            return /PREPARED$/.test(statement.node.kind ?? '');
        case 'AlterDatabaseStmt':
            return optionOf(statement.node.options, 'tablespace') !== undefined;
        case 'AlterSubscriptionStmt':
            return /REFRESH|PUBLICATION/.test(statement.node.kind ?? '');
        default:
            return alwaysAlone.has(statement.tag);
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/step-text.ts

/**
 * A concurrent statement blocks nobody while it waits for old transactions to end, and its time is that of the table's
 * size: neither limit is for it. Pure.
 */
function limitsOf({ lockTimeoutMs, statementTimeoutMs }, concurrent) {
    const [lock, statement] = concurrent ? [0, 0] : [lockTimeoutMs, statementTimeoutMs];
    return `SET lock_timeout = ${lock}; SET statement_timeout = ${statement}`;
}
/**
 * What is sent of a statement: with its mark in one transaction, so that it never runs twice, unless it cannot be in
 * one or is about the session. `start` is where the file would begin in that text. Pure.
 * @param mark null when none is written.
 */
function step_text_textOf(statement, mark) {
    const { text, offset } = statement;
    if (isAlone(statement))
        return { text, start: -offset };
    const head = 'BEGIN;\n';
    const end = mark === null ? 'COMMIT;' : `${mark};\nCOMMIT;`;
    return { text: `${head}${text}\n;\n${end}`, start: head.length - offset };
}
/** Whether a statement is sent without its mark, which then follows it. Pure. */
function isAlone(statement) {
    const { tag, inside } = statement;
    return runsAlone(statement) || inside?.commits === true || tag === 'CallStmt' || tag === 'VariableSetStmt';
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/steps.ts










/**
 * Runs the statements of a file one by one, each marked when it is done, so that the next run continues after it.
 * What an earlier attempt left unfinished is removed first, and what this one leaves when it fails as well.
 * @returns milliseconds. @throws Fault that says how far it came; Cancelled.
 */
async function applySteps(target, it) {
    const { worker, clock } = target;
    const begun = clock.monotonic();
    const settings = [nameOf(it.file), ...run_lock/* keepalives */.mf, ...(target.watchClient ? [watchInterval] : [])];
    const settled = settings.map((setting) => `; SET ${setting}`).join('');
    await worker.query(`SELECT pg_advisory_lock_shared(${run_lock/* workKey */.z2})${settled}`);
    try {
        await begin(target, it);
        const from = it.resume?.step ?? 0;
        await repeatSettings(target, it.statements.slice(0, from));
        for (let index = from; index < it.statements.length; index++)
            await runStep(target, it, index);
        if (it.marks)
            await worker.query(transaction(it.marks.finish));
        return clock.monotonic() - begun;
    }
    finally {
        // Session settings and the lock; a connection that is gone took them with it.
        await worker.query('DISCARD ALL').catch(() => undefined);
    }
}
async function begin({ worker }, { file, marks }) {
    if (!marks)
        return;
    try {
        await worker.query(transaction(marks.begin));
    }
    catch (error) {
        await worker.query('ROLLBACK').catch(() => undefined);
        throw isGuardError(error) ? new AppliedByAnotherRun(file, error) : error;
    }
}
/** The statements that are left rely on what those before them had set for their session. */
async function repeatSettings({ worker }, done) {
    for (const { tag, text } of done)
        if (tag === 'VariableSetStmt')
            await worker.query(text);
}
async function runStep(target, it, index) {
    const { worker, log } = target;
    const statement = it.statements[index];
    const partial = partialObjectOf(statement);
    const resumed = index === it.resume?.step && it.resume.inFlight;
    const mark = it.marks?.done(index + 1) ?? null;
    const title = `${it.file}: statement ${index + 1} of ${it.statements.length}`;
    const blockers = watchBlockers({ ...target, lockTimeoutMs: reportIntervalMs * 3 }, (blocked) => log.info(`${title} is waiting; blocked by ${blocked}`));
    try {
        const ms = await retryContention(target, it.file, async () => {
            try {
                await worker.query(limitsOf(target, partial !== null));
                const action = await cleanUp(worker, partial, resumed, log);
                if (action.do !== 'run')
                    log.info(`${title}: ${action.because}`);
                if (action.do === 'instead')
                    await sendScript(worker, action.sql);
                if (action.do === 'run')
                    await sendScript(worker, step_text_textOf(statement, mark).text);
            }
            catch (error) {
                if (error instanceof errors/* Fault */.vC)
                    throw error;
                if (!(0,lost/* isConnectionLost */.pb)(error))
                    await worker.query('ROLLBACK').catch(() => undefined);
                await cleanUpAfter(target, statement);
                const sent = step_text_textOf(statement, mark);
                throw new AttemptError(error, { file: it.file, sql: it.sql, completed: index, cuts: [], ...sent });
            }
        });
        if (mark !== null && (isAlone(statement) || partial !== null))
            await worker.query(mark);
        log.info(`${title} in ${(0,duration/* formatDuration */.a)(ms)}`);
    }
    catch (error) {
        // The server's own refusal: the statement did not run, and must not be taken for done by the next run.
        if (it.marks && error instanceof errors/* Fault */.vC && !(0,lost/* isConnectionLost */.pb)(error.cause)) {
            await worker.query(it.marks.refused).catch(() => undefined);
        }
        throw error instanceof errors/* Fault */.vC ? howFar(error, it, index) : error;
    }
    finally {
        await blockers.stop();
    }
}
/** Time between two checks of who keeps a long statement waiting. */
const reportIntervalMs = 5000;
/** Best effort: when it fails, the next run finds the same. */
async function cleanUpAfter({ worker, log }, statement) {
    const partial = partialObjectOf(statement);
    if (partial?.kind !== 'index' && partial?.kind !== 'reindexed')
        return;
    await cleanUp(worker, partial, false, log).catch((error) => {
        log.info(`cannot remove what the statement left unfinished: ${(0,errors/* describeError */.Uc)(error)}`);
    });
}
function howFar(fault, { file, statements }, done) {
    const applied = done === 0
        ? `none of the ${statements.length} statements of ${file} was applied`
        : `${done} of the ${statements.length} statements of ${file} were applied and stay applied`;
    return new errors/* Fault */.vC(`${fault.message}; ${applied}, and the next run continues with statement ${done + 1}`, {
        cause: fault.cause,
        ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
}
function transaction(statements) {
    return ['BEGIN', ...statements, 'COMMIT'].join(';\n');
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/batch.ts





/** Bytes of SQL, and files, that are sent at once: enough to make the line's delay small, and reported soon. */
const maxBatch = { characters: 256 * 1024, files: 25 };
/**
 * Puts neighbours together that can be sent at once: migrations that are a transaction each. Pure.
 */
function batchWork(work) {
    const batches = [];
    let characters = 0;
    for (const one of work) {
        const last = batches.at(-1);
        characters += sizeOf(one);
        const fits = last && last.length < maxBatch.files && characters <= maxBatch.characters;
        if (fits && isBatchable(one) && last.every(isBatchable))
            last.push(one);
        else {
            batches.push([one]);
            characters = sizeOf(one);
        }
    }
    return batches;
}
function isBatchable({ how, as }) {
    return how.mode === 'transaction' && as.kind === 'migration';
}
function sizeOf({ how }) {
    return how.mode === 'transaction' ? how.transaction.sql.length : 0;
}
/** The text of a batch, for `runBatch`; undefined of one that is sent statement by statement. Pure. */
function textOfBatch(settings, batch) {
    const transactions = transactionsOf(batch);
    return transactions.length > 0 ? transactionText(settings, transactions) : undefined;
}
function transactionsOf(batch) {
    return batch.flatMap(({ how }) => (how.mode === 'transaction' ? [how.transaction] : []));
}
/** Runs a batch; `onCommitted` counts pieces of it, in their order. @throws Fault, Cancelled */
async function runBatch(target, batch, { onCommitted, ...sending } = {}) {
    const [first] = batch;
    let running = 0;
    try {
        if (first?.how.mode === 'steps') {
            await applySteps(target, first.how.steps);
            onCommitted?.(1);
        }
        else {
            await applyFiles(target, transactionsOf(batch), {
                ...sending,
                onCommitted(count) {
                    running += count;
                    onCommitted?.(count);
                },
            });
        }
    }
    catch (error) {
        const file = batch[running]?.file ?? '';
        if (target.signal.aborted)
            throw new errors/* Cancelled */.cJ(file);
        throw (0,lost/* asDatabaseError */.gk)(error, file);
    }
}
/** Runs one piece of work alone. @returns milliseconds. @throws Fault, Cancelled */
async function runWork(target, work) {
    const begun = target.clock.monotonic();
    await runBatch(target, [work]);
    return target.clock.monotonic() - begun;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/completed-statements.ts


/** Hash of the first `step` statements of a text, without what is between them. Pure. */
function hashOfCompleted(sql, step) {
    return hashesOfCompleted(sql)(step);
}
/**
 * The same for one step after the other, reading each statement once. @returns what takes steps that never fall.
 */
function hashesOfCompleted(sql) {
    const statements = eachStatement(sql);
    const hash = (0,external_node_crypto_.createHash)('sha256');
    let read = 0;
    return (step) => {
        while (read < step) {
            const { value } = statements.next();
            if (!value)
                break;
            if (read > 0)
                hash.update('\n');
            hash.update(sql.slice(value.offset, value.end));
            read++;
        }
        return hash.copy().digest('hex');
    };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/journal-writing.ts


function createJournal(table) {
    return `CREATE TABLE IF NOT EXISTS ${table} (
  version text PRIMARY KEY,
  file text NOT NULL,
  sha256 text NOT NULL,
  release text NOT NULL,
  commit text NOT NULL,
  run text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  step integer NOT NULL DEFAULT 0,
  in_flight boolean NOT NULL DEFAULT false,
  done text,
  contract text
)`;
}
/** Writes down what was found applied. What stopped half way and counts as applied was brought to its end by hand. */
function recordExternallyApplied(table, versions) {
    const rows = versions.map((version) => `(${(0,quoting/* quoteLiteral */.ce)(version)}, '', '', ${(0,quoting/* quoteLiteral */.ce)(externalRelease)}, '', '')`);
    return `INSERT INTO ${table} (version, file, sha256, release, commit, run) VALUES ${rows.join(', ')}
 ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done)
 = ('', '', EXCLUDED.release, '', '', now(), NULL, 0, false, NULL)`;
}
/**
 * Writes the row of a migration that begins. Of one that no row is known of, the key of the table keeps a second run
 * from it (23505), which costs a third of a guard and an upsert; else the guard does (22012).
 * The clock, because now() is one moment for all that is sent at once.
 * @param seen What the journal has of it; `externally applied` when no release of ours ran it.
 */
function beginJournal(table, migration, { release, commit, run }, seen) {
    const { version, file, sha256 } = migration;
    const values = [version, file, sha256, release, commit, run].map(quoting/* quoteLiteral */.ce).join(', ');
    const insert = `INSERT INTO ${table} AS entry (version, file, sha256, release, commit, run, started_at, in_flight, contract)
 VALUES (${values}, clock_timestamp(), true, ${contractColumn(migration)})`;
    if (seen === undefined)
        return [insert];
    const guard = guardJournal(table, version, seen === 'externally applied' ? undefined : seen);
    return [guard, `${insert} ${replaceRow}`];
}
/** In place of a row that is there. */
const replaceRow = `ON CONFLICT (version) DO UPDATE SET (file, sha256, release, commit, run, started_at, finished_at, step, in_flight, done, contract)
 = (EXCLUDED.file, EXCLUDED.sha256, EXCLUDED.release, EXCLUDED.commit, EXCLUDED.run, EXCLUDED.started_at, NULL, 0, true, NULL, coalesce(EXCLUDED.contract, entry.contract))`;
/** The time of a migration that is resumed counts from now; after what is done, its file may be another. */
function resumeJournal(table, migration, seen) {
    const { version, file, sha256 } = migration;
    return [
        guardJournal(table, version, seen),
        `UPDATE ${table} SET (started_at, in_flight, file, sha256, contract)
 = (clock_timestamp(), true, ${(0,quoting/* quoteLiteral */.ce)(file)}, ${(0,quoting/* quoteLiteral */.ce)(sha256)}, coalesce(${contractColumn(migration)}, contract)) WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`,
    ];
}
/** Of a text that is not a contract migration any more, the part that has run may still be one. */
function contractColumn({ class: kind }) {
    return kind === 'contract' ? "'open'" : 'NULL::text';
}
/** Notes that the server refused the statement that was begun: it did not run. */
function markRefused(table, version) {
    return `UPDATE ${table} SET in_flight = false WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`;
}
/**
 * Fails (22012) when the row is not what the plan saw: another run has begun or applied the migration, which
 * must not run twice. Where it cannot be seen by a unique key of the tool's own table, this is all that keeps it from that.
 */
function guardJournal(table, version, seen) {
    const row = `SELECT FROM ${table} WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)} AND release <> ${(0,quoting/* quoteLiteral */.ce)(externalRelease)}`;
    if (!seen)
        return `SELECT 1 / (NOT EXISTS (${row}))::int`;
    const finished = seen.finishedAt === null ? 'NULL' : (0,quoting/* quoteLiteral */.ce)(seen.finishedAt);
    return `SELECT 1 / (EXISTS (${row} AND started_at AT TIME ZONE 'UTC' = ${(0,quoting/* quoteLiteral */.ce)(seen.startedAt)}::timestamp
 AND finished_at AT TIME ZONE 'UTC' IS NOT DISTINCT FROM ${finished}::timestamp))::int`;
}
/** Notes that the first `step` statements of a text are done, and the hash of them. */
function markStep(table, version, step, hash) {
    return `UPDATE ${table} SET (step, in_flight, done) = (${step}, true, ${(0,quoting/* quoteLiteral */.ce)(hash)})
 WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`;
}
function finishJournal(table, version) {
    return `UPDATE ${table} SET finished_at = clock_timestamp(), in_flight = false WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`;
}
/** A db-migrate step has passed: what it or one before it applied makes no later release count as one with contract migrations. */
function settleContractMigrations(table) {
    return `UPDATE ${table} SET contract = 'passed' WHERE contract = 'open'`;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/work.ts


/**
 * What a run has to do, in its order: schema files, the tables of versions and journal, then every pending migration
 * together with its rows there. The tables come after the schema files: where they stand, those have run. Pure.
 */
function buildWork(options) {
    const { schemas, plan, versionTable, journal } = options;
    const { lists } = versionTable;
    const unrecorded = lists.versions === 'newest' ? lists.unrecorded : [];
    const tables = [
        versionTable.creation ?? [],
        journal.rows === null ? createJournal(journal.table) : [],
        unrecorded.length > 0 ? recordExternallyApplied(journal.table, unrecorded) : [],
    ].flat();
    return [
        ...schemas.map((one) => inTransaction(one, { kind: 'schema' })),
        ...(tables.length > 0
            ? [inTransaction({ file: versionTable.table, sql: tables.join(';\n') }, { kind: 'bookkeeping' })]
            : []),
        ...plan.pending.map((migration) => workOf(migration, options)),
    ];
}
function inTransaction({ file, sql }, as, { before = [], after = [] } = {}) {
    return { file, as, how: { mode: 'transaction', transaction: { file, sql, before, after } } };
}
function workOf(migration, options) {
    const { versionTable, journal, facts, plan, scripts, stepwise } = options;
    const { table } = journal;
    const { file, sql, version } = migration;
    const as = { kind: 'migration', migration };
    const row = journal.rows?.find((one) => one.version === version);
    const seen = row ?? (journal.externallyApplied.includes(version) ? 'externally applied' : undefined);
    const finish = [versionTable.record(migration) ?? [], finishJournal(table, version)].flat();
    if (!stepwise.has(file)) {
        const before = beginJournal(table, migration, facts, seen);
        return inTransaction({ file, sql }, as, { before, after: finish });
    }
    const resume = plan.resume.get(version) ?? null;
    const hashOf = hashesOfCompleted(sql);
    const marks = {
        begin: resume === null
            ? [...beginJournal(table, migration, facts, seen), versionTable.begin(migration) ?? []].flat()
            : resumeJournal(table, migration, row),
        done: (step) => markStep(table, version, step, hashOf(step)),
        refused: markRefused(table, version),
        finish,
    };
    const statements = scripts.get(file)?.statements ?? [];
    return { file, as, how: { mode: 'steps', steps: { file, sql, statements, resume, marks } } };
}
/** The work of a rehearsal. @param more.after SQL for the end of its transaction. */
function rehearsalWork({ file, sql, statements }, { after = [], resume = null } = {}) {
    const as = { kind: 'rehearsal' };
    if (statements === null)
        return inTransaction({ file, sql }, as, { after });
    return { file, as, how: { mode: 'steps', steps: { file, sql, statements, resume, marks: null } } };
}
/** The work that takes a migration back. @param after SQL for the end of its transaction. */
function downWork(file, after) {
    return inTransaction(file, { kind: 'down' }, { after });
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/schema-baseline.ts


/** The table next to the version table that holds the schema as the last release left it, in one row. */
function schemaTableFor(versionTable) {
    return `${(0,quoting/* schemaOf */.pP)(versionTable)}slipway_schema`;
}
/** Version 0.1 called the column with the time `kept_at`; the next release that saves the schema renames it. */
const oldTimeColumn = 'kept_at';
const isTimeColumn = `attname IN ('saved_at', '${oldTimeColumn}') AND NOT attisdropped`;
/** @returns null when no release has left one. */
async function readSchemaBaseline(client, table) {
    const found = await client.query(`SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass(${(0,quoting/* quoteLiteral */.ce)(table)}) AND ${isTimeColumn}`);
    const [timeColumn] = found.rows;
    if (!timeColumn)
        return null;
    const { rows } = await client.query(`SELECT release, server, applied, (${timeColumn.name} AT TIME ZONE 'UTC')::text AS "savedAt", schema FROM ${table}`);
    const saved = rows[0];
    return saved ? { ...saved, schema: JSON.parse((0,external_node_zlib_.brotliDecompressSync)(saved.schema).toString('utf8')) } : null;
}
/** A third more bytes than at the best quality, in a twentieth of the time: 8 ms for a thousand tables. */
const fast = { params: { [external_node_zlib_.constants.BROTLI_PARAM_QUALITY]: 9 } };
/** Saves the schema for the next release to compare with. */
async function saveSchemaBaseline(client, table, { release, server, applied, schema }) {
    const compressed = (0,external_node_zlib_.brotliCompressSync)(JSON.stringify(schema), fast).toString('hex');
    await client.query(`CREATE TABLE IF NOT EXISTS ${table} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  release text NOT NULL,
  server text NOT NULL,
  applied text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  schema bytea NOT NULL
);
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = ${(0,quoting/* quoteLiteral */.ce)(table)}::regclass
      AND attname = '${oldTimeColumn}' AND NOT attisdropped) THEN
    ALTER TABLE ${table} RENAME COLUMN ${oldTimeColumn} TO saved_at;
  END IF;
END $$;
INSERT INTO ${table} (release, server, applied, schema)
 VALUES (${[release, server, applied].map(quoting/* quoteLiteral */.ce).join(', ')}, decode('${compressed}', 'hex'))
 ON CONFLICT (one) DO UPDATE SET (release, server, applied, saved_at, schema)
 = (EXCLUDED.release, EXCLUDED.server, EXCLUDED.applied, now(), EXCLUDED.schema)`);
}

;// CONCATENATED MODULE: ./packages/migrations/src/down/revert.ts





/**
 * Takes migrations back, each in a transaction of its own together with its rows: what fails is as it was, and what ran
 * before it stays taken back. Run again, it continues there.
 * @param onReverted Gets each version that is not applied any more.
 * @throws Fault of the down migration that does not run; Cancelled.
 */
async function revertMigrations(target, { downs }, onReverted) {
    for (const down of downs) {
        const { file, sql } = down;
        await runWork(target, downWork({ file, sql }, rowsOf(down)));
        onReverted(down.version);
    }
}
/** SQL that deletes what is recorded of a migration. */
function rowsOf({ version, forget, journal }) {
    const where = `WHERE version = ${(0,quoting/* quoteLiteral */.ce)(version)}`;
    return [
        ...(forget === '' ? [] : [forget]),
        `DELETE FROM ${journal} ${where}`,
        `DELETE FROM ${downsTableFor(journal)} ${where}`,
    ];
}
/** Saves the schema as it is now, for the next release to compare with; where no release saves it, nothing. */
async function saveRevertedSchema({ worker }, { downs }, { release, server }) {
    const first = downs.at(-1);
    if (!first)
        return;
    const table = schemaTableFor(first.journal);
    if (!(await relationExists(worker, table)))
        return;
    const schema = await (0,schema_snapshot/* readSchemaSnapshot */.s)(worker);
    await saveSchemaBaseline(worker, table, { release, server, applied: first.appliedBefore, schema });
}

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./packages/migrations/src/formats/folder.ts





/** Deep enough for sqitch and flyway, whose scripts may be in folders of folders. */
const maxDepth = 8;
/** Snapshots of drizzle alone can be hundreds of megabytes. */
const isRead = new RegExp(formats.map(({ reads }) => `(?:${reads.source})`).join('|'));
const skipped = new Set(['node_modules', '.git']);
/** Files that are read before others get their turn: what a connection that is being opened waits for, above all. */
const atOnce = 50;
/**
 * The files below a folder of the workspace. Those that no format reads are listed without their content.
 * Files are read one after the other: for thousands of small ones that is several times as fast as all at once.
 * @throws UserError when there is no such folder, when something in it cannot be read, or leads out of the workspace.
 */
async function readFolder(workspace, folder) {
    const root = (0,external_node_fs_.realpathSync)(workspace);
    const top = external_node_path_.join(root, folder);
    const stat = (0,external_node_fs_.statSync)(top, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) {
        throw new errors/* UserError */.yo(`there is no folder ${folder} for the migrations`, {
            hint: 'Set database.migrations.dir.',
        });
    }
    const shown = external_node_path_.posix.normalize(folder).replace(/\/$/, '');
    const files = new Map();
    try {
        assertInside(root, top, shown);
        const found = collect({ root, shown }, top, '', 0);
        for (const [index, { name, at }] of found.entries()) {
            if (index % atOnce === 0)
                await (0,promises_.setImmediate)();
            files.set(name, isRead.test(name) ? (0,external_node_fs_.readFileSync)(at) : Buffer.alloc(0));
        }
    }
    catch (error) {
        if (error instanceof errors/* UserError */.yo)
            throw error;
        throw new errors/* UserError */.yo(`${shown} cannot be read: ${(0,errors/* describeError */.Uc)(error)}`, { cause: error });
    }
    return { folder: shown, files };
}
function collect(walk, absolute, below, depth) {
    const entries = (0,external_node_fs_.readdirSync)(absolute, { withFileTypes: true });
    const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return sorted.flatMap((entry) => {
        if (skipped.has(entry.name))
            return [];
        const at = `${absolute}${external_node_path_.sep}${entry.name}`;
        const name = below === '' ? entry.name : `${below}/${entry.name}`;
        const kind = kindOf(walk, entry, at, name);
        if (kind === 'folder' && depth < maxDepth)
            return collect(walk, at, name, depth + 1);
        return kind === 'file' ? [{ name, at }] : [];
    });
}
function kindOf(walk, entry, at, name) {
    if (!entry.isSymbolicLink())
        return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
    assertInside(walk.root, at, external_node_path_.posix.join(walk.shown, name));
    const target = (0,external_node_fs_.statSync)(at);
    return target.isFile() ? 'file' : target.isDirectory() ? 'folder' : 'other';
}
/** What is outside the workspace is not part of the commit that is being deployed. */
function assertInside(root, at, shown) {
    const real = (0,external_node_fs_.realpathSync)(at);
    if (real === root || real.startsWith(`${root}${external_node_path_.sep}`))
        return;
    throw new errors/* UserError */.yo(`${shown} points outside the repository`, {
        hint: 'Put the file itself there instead of a symbolic link.',
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/other-tools.ts
/**
 * Tools whose migrations are code, or SQL in a dialect that only they read: they are detected, not read. A file with the sections of
 * another tool must never be taken for plain SQL, since the part that reverts would run as well.
 */
const otherTools = [
    {
        tool: 'Liquibase',
        folder: {
            name: /(?:changelog[^/]*\.(?:xml|ya?ml|json)|\.changelog\.(?:xml|ya?ml|json))$/i,
            text: /^--\s*liquibase formatted sql/im,
            command: '[liquibase, update]',
        },
        table: 'databasechangelog',
        versions: {
            table: 'databasechangelog',
            sql: 'SELECT id FROM databasechangelog ORDER BY orderexecuted',
        },
    },
    {
        tool: 'Atlas',
        folder: {
            name: /(?:^|\/)atlas\.sum$/,
            command: '[atlas, migrate, apply, --env, production]',
        },
        table: 'atlas_schema_revisions.atlas_schema_revisions',
        versions: {
            table: 'atlas_schema_revisions.atlas_schema_revisions',
            sql: 'SELECT version FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total ORDER BY version',
        },
    },
    {
        tool: 'goose',
        folder: { text: /^--\s*\+goose\s+up\b/im, command: '[goose, up]' },
        table: 'goose_db_version',
        versions: {
            table: 'goose_db_version',
            sql: 'SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id',
        },
    },
    {
        tool: 'sql-migrate',
        folder: { text: /^--\s*\+migrate\s+up\b/im, command: '[sql-migrate, up]' },
        table: 'gorp_migrations',
        versions: { table: 'gorp_migrations', sql: 'SELECT id FROM gorp_migrations ORDER BY id' },
    },
    {
        tool: 'tern',
        folder: { text: /^----\s*create above\s*\/\s*drop below\s*----/im, command: '[tern, migrate]' },
    },
    {
        // Its own table holds nothing but the version, as that of many others: see `railsTable`.
        tool: 'Rails',
        folder: { name: /^\d+_[^/]*\.rb$/, command: '[bin/rails, db:migrate]' },
        versions: { table: 'schema_migrations', sql: 'SELECT version::text FROM schema_migrations ORDER BY 1' },
    },
    {
        tool: 'Ecto',
        folder: { name: /^\d+_[^/]*\.exs$/, command: '[mix, ecto.migrate]' },
        columns: ['version', 'inserted_at'],
    },
    {
        tool: 'Supabase',
        table: 'supabase_migrations.schema_migrations',
        columns: ['version', 'statements'],
    },
    {
        tool: 'Alembic',
        folder: {
            name: /^(?:versions\/[^/]*\.py|script\.py\.mako)$/,
            command: '[alembic, upgrade, head]',
        },
        table: 'alembic_version',
        versions: { table: 'alembic_version', sql: 'SELECT version_num FROM alembic_version' },
    },
    {
        tool: 'Django',
        folder: { name: /^\d{4}_[^/]*\.py$/, command: '[python, manage.py, migrate]' },
        table: 'django_migrations',
        versions: {
            table: 'django_migrations',
            sql: "SELECT app || '.' || name FROM django_migrations ORDER BY id",
        },
    },
    {
        tool: 'Entity Framework or another .NET tool',
        folder: { name: /^\d+_[^/]*\.cs$/, command: '[dotnet, ef, database, update]' },
    },
    {
        tool: 'Laravel',
        folder: {
            name: /^\d{4}_\d{2}_\d{2}_\d{6}_[^/]*\.php$/,
            command: '[php, artisan, migrate, --force]',
        },
    },
    {
        tool: 'typeorm',
        folder: {
            name: /^\d{13}-[A-Za-z][^/]*\.[cm]?[jt]s$/,
            command: '[npx, typeorm, migration:run, -d, dist/data-source.js]',
        },
        versions: { table: 'migrations', sql: 'SELECT name FROM migrations ORDER BY id' },
    },
    {
        tool: 'a tool that writes migrations in JavaScript or TypeScript (knex, node-pg-migrate, sequelize)',
        folder: { name: /^\d+[-_.][^/]*\.[cm]?[jt]s$/, command: '[npx, knex, migrate:latest]' },
    },
    {
        tool: 'knex',
        table: 'knex_migrations',
        versions: { table: 'knex_migrations', sql: 'SELECT name FROM knex_migrations ORDER BY id' },
    },
    {
        tool: 'Sequelize',
        versions: { table: '"SequelizeMeta"', sql: 'SELECT name FROM "SequelizeMeta" ORDER BY name' },
    },
    { tool: 'pgroll', table: 'pgroll.migrations' },
];
/** The table by which Rails is known. */
const railsTable = 'ar_internal_metadata';

;// CONCATENATED MODULE: ./packages/migrations/src/formats/refuse-other-tool.ts



/** @throws UserError that names another tool, when the folder belongs to it. */
function refuseOtherTool({ folder: shown, files }) {
    const all = [...files];
    const others = all.flatMap(([file]) => (file.endsWith('.sql') ? [] : [file]));
    const commented = all.filter(([file, content]) => file.endsWith('.sql') && textOf(content).includes('--'));
    for (const { tool, folder } of otherTools) {
        if (!folder)
            continue;
        const { name, text, command } = folder;
        const [written] = commented.find(([, content]) => text?.test(textOf(content))) ?? [];
        const file = written ?? others.find((other) => name?.test(other));
        if (file === undefined)
            continue;
        throw new errors/* UserError */.yo(`the folder ${shown} belongs to ${tool}: it contains ${file}`, {
            hint: `Let the tool run it: database.migrations.command: ${command}. It runs with the same lock, backup and verification around it.`,
        });
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/detect.ts





const specific = formats.filter(({ name }) => name !== 'plain');
/** Every format that `database.migrations.format` can name. */
const formatNames = formats.map(({ name }) => name);
/**
 * Which tool a folder is written for. Pure.
 * @param wanted What the user says decides.
 * @throws UserError that names what was seen, when none or several fit.
 */
function detectFormat(listing, wanted) {
    if (wanted)
        return formatOf(wanted);
    const { folder, files } = listing;
    if (files.size === 0) {
        throw new errors/* UserError */.yo(`the folder ${folder} contains no migrations`, {
            hint: 'Number the first one, as in 001_first.sql, or leave the "database" section out.',
        });
    }
    const fitting = specific.filter((format) => format.matches(listing));
    const [only, second] = fitting;
    if (only && second) {
        throw new errors/* UserError */.yo(`the folder ${folder} may belong to ${fitting.map(({ name }) => name).join(' or ')}: it contains ${seen(listing)}`, { hint: `Set the one that is right, such as database.migrations.format: ${only.name}.` });
    }
    if (only)
        return only;
    refuseOtherTool(listing);
    const plain = formatOf('plain');
    if (plain.matches(listing))
        return plain;
    throw new errors/* UserError */.yo(`the folder ${folder} contains no readable migrations: it contains ${seen(listing)}`, {
        hint: `Name SQL files as in 001_first.sql, or name their tool in database.migrations.format: ${formatNames.join(' | ')}.`,
    });
}
function seen({ files }) {
    const names = [...files.keys()];
    const shown = names.slice(0, 4).join(', ');
    return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
/**
 * Reads the migrations of a folder as the tool does for which they are written, in the order in which they run.
 * @param folder Path relative to `workspace`.
 * @throws UserError with everything that is wrong with the files, before anything runs.
 */
async function readMigrationFolder(workspace, folder, { format: wanted } = {}) {
    const listing = await readFolder(workspace, folder);
    const format = detectFormat(listing, wanted);
    await (0,promises_.setImmediate)();
    const { migrations, problems } = format.read(listing);
    if (problems.length > 0) {
        throw new errors/* UserError */.yo(`the migrations (${format.name}) cannot be run:\n${problems.join('\n')}`, {
            hint: 'Nothing was changed.',
        });
    }
    if (migrations.length === 0) {
        throw new errors/* UserError */.yo(`the folder ${listing.folder} contains no migrations of ${format.name}`, {
            hint: wanted
                ? 'Leave database.migrations.format out to have the format detected.'
                : 'Set database.migrations.dir.',
        });
    }
    return { format, migrations };
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/table-owner.ts




/** A name that many tools use. */
const sharedName = 'schema_migrations';
/** Where tools keep their version tables, by names that only one tool uses. */
const homes = new Map([
    ...formats
        .filter(({ table }) => !table.shared)
        .map(({ name, table }) => [homeOf(table), { tool: name, format: name }]),
    ...otherTools.flatMap(({ tool, table }) => table === undefined ? [] : [[table, { tool, format: null }]]),
]);
/** As to_regclass takes it. */
function homeOf({ schema, name }) {
    return schema === null ? name : `${schema}.${name}`;
}
/** Whose a table `schema_migrations` is, by its columns. */
async function ownerOf(client, table) {
    const owning = formats.find((format) => format.table.shared?.owns(table));
    if (owning?.table.shared?.unmistakable)
        return ownedBy(owning);
    const other = otherTools.find(({ columns }) => columns && hasColumns(table, ...columns));
    if (other)
        return { tool: other.tool, format: null };
    const rails = await findTable(client, railsTable);
    if (rails.exists)
        return { tool: 'Rails', format: null };
    return owning ? ownedBy(owning) : null;
}
function ownedBy({ name, table }) {
    return { tool: table.shared?.owner ?? name, format: name };
}
/**
 * The table of a format where it belongs, whether it exists or not. @throws UserError when it is another tool's, or
 * another tool ran here before.
 */
async function openTable(client, format) {
    const { table } = format;
    const found = await findTable(client, table.name, table.schema ?? undefined);
    if (!found.exists)
        await refuseSecondTool(client, found, format.name);
    else if (!table.accepts(found))
        throw refused(format, found, await ownerOf(client, found));
    else if (table.shared) {
        const owner = await ownerOf(client, found);
        const usable = [format.name, ...table.shared.compatible];
        if (owner !== null && (owner.format === null || !usable.includes(owner.format))) {
            throw refused(format, found, owner);
        }
    }
    return found;
}
/** There is a table of that name, but it is another tool's. */
function refused({ name: format }, table, owner) {
    const columns = table.columns.map(({ name }) => name).join(', ');
    return new errors/* UserError */.yo(`the table ${table.name} (${columns}) ${owner ? `belongs to ${owner.tool}` : `does not belong to ${format}`}, but the folder is read as ${format}; nothing was changed`, { hint: remedyFor(owner) });
}
function remedyFor(owner) {
    if (owner?.format) {
        return `If ${owner.format} is right, set database.migrations.format: ${owner.format}; otherwise rename the table.`;
    }
    if (owner) {
        return `Let ${owner.tool} run its migrations itself, with database.migrations.command: […] naming its command; or rename the table.`;
    }
    return 'Set database.migrations.format to the tool that made it, or rename the table.';
}
/**
 * Before a first version table is made: another tool may have migrated this database, and then every migration would
 * run a second time. Tables without a row do not count.
 * @throws UserError that names the table and whose it is.
 */
async function refuseSecondTool(client, own, format) {
    const candidates = new Map([...homes].filter(([, owner]) => owner.format !== format));
    const { rows } = await client.query(`SELECT home, format('%I.%I', n.nspname, c.relname) AS name
     FROM unnest($1::text[]) AS home JOIN pg_class c ON c.oid = to_regclass(home)
     JOIN pg_namespace n ON n.oid = c.relnamespace`, [[...candidates.keys(), sharedName]]);
    for (const { home, name } of rows) {
        if (name === own.name || !(await hasRow(client, name)))
            continue;
        const owner = candidates.get(home) ?? (await ownerOf(client, await findTable(client, sharedName)));
        throw new errors/* UserError */.yo(`this database has the table ${name}${owner ? ` of ${owner.tool}` : ''}, but the folder is read as ${format}, whose table ${own.name} does not exist; nothing was changed`, {
            hint: `${remedyFor(owner)} If both are right, create the table of ${format} first, with a row for each migration that ran.`,
        });
    }
}
/** A table that may not be read is taken for one with rows. */
async function hasRow(client, name) {
    const found = await client
        .query(`SELECT EXISTS (SELECT FROM ${name}) AS found`)
        .catch(() => null);
    return found?.rows[0]?.found ?? true;
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/open-version-table.ts

/**
 * The version table of a format as it is now, and how it is written.
 * @throws UserError for a table of another tool, and when the user may not read it; Fault.
 */
async function openVersionTable(client, format, migrations) {
    return format.readTable(client, await openTable(client, format), migrations);
}

;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/down-rehearsal.ts




/**
 * Runs the down files and then the files again, and compares the schema each time: down must lead to `base`, and up to
 * where it was. Data that a down file loses is not noticed. @throws Cancelled
 */
async function rehearseDown({ migrations }, { target, base }) {
    const missing = migrations.filter(({ down }) => down === null);
    if (migrations.length === 0 || missing.length > 0 || migrations.some(({ resume }) => resume !== null)) {
        return { state: 'missing', files: missing.map(({ up }) => up.file) };
    }
    const snapshot = () => (0,schema_snapshot/* readSchemaSnapshot */.s)(target.observer);
    const differences = async (wanted) => {
        const lines = (0,schema_snapshot/* diffSchemas */.e)(wanted, await snapshot(), target.redactor);
        return lines.length > 0 ? lines : null;
    };
    const top = await snapshot();
    const downs = migrations.flatMap(({ down }) => down ?? []).toReversed();
    const reasons = (await firstFailure(target, downs)) ??
        (await differences(base)) ??
        (await firstFailure(target, migrations.map(({ up }) => up))) ??
        (await differences(top));
    return reasons === null ? { state: 'proven' } : { state: 'broken', reasons };
}
/** Why one of the files does not run; null when all do. */
async function firstFailure(target, files) {
    try {
        for (const file of files)
            await runWork(target, rehearsalWork(file));
        return null;
    }
    catch (error) {
        if (error instanceof errors/* Fault */.vC)
            return [error.message];
        throw error;
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/locks.ts

/** Modes that keep writers (ShareLock and stronger) or readers (AccessExclusiveLock) waiting; manual, 13.3.1. */
const blockingModes = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** @param schema Quoted; '' for the first of search_path. */
async function prepareLockRecorder(client, schema) {
    const [notes, known] = [`${schema}slipway_rehearsal`, `${schema}slipway_rehearsal_known`];
    await client.query(`DROP TABLE IF EXISTS ${notes}, ${known};
CREATE TABLE ${notes} (file text, relation text, mode text);
CREATE TABLE ${known} AS SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'i')`);
    return {
        note: (file) => `INSERT INTO ${notes}
 SELECT ${(0,quoting/* quoteLiteral */.ce)(file)}, c.oid::regclass::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
   AND l.mode IN (${blockingModes.map(quoting/* quoteLiteral */.ce).join(', ')}) AND c.oid IN (SELECT oid FROM ${known})`,
        async read(client) {
            const { rows } = await client.query(`SELECT DISTINCT file, relation, mode FROM ${notes} ORDER BY relation, mode`);
            const held = new Map();
            for (const { file, relation, mode } of rows) {
                held.set(file, [...(held.get(file) ?? []), { relation, mode }]);
            }
            return held;
        },
    };
}

;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/rehearse.ts





/**
 * Runs the pending files on a copy of the database, by the code that will run them on the real one, and measures how
 * long each takes and which tables it locks; then goes back by the down files and up again, where every file has one.
 * @throws Fault of the file that does not run; the real database was not touched. Cancelled.
 */
async function rehearse(plan, options) {
    const { target, schema } = options;
    const files = [];
    for (const one of plan.schemas) {
        files.push({ file: one.file, ms: await runWork(target, rehearsalWork(one)), locks: [] });
    }
    const base = await (0,schema_snapshot/* readSchemaSnapshot */.s)(target.observer);
    const notes = await prepareLockRecorder(target.worker, schema);
    for (const { up, resume } of plan.migrations) {
        const ms = await runWork(target, rehearsalWork(up, { after: [notes.note(up.file)], resume }));
        files.push({ file: up.file, ms, locks: [] });
    }
    const locks = await notes.read(target.worker);
    const rehearsed = files.map((file) => ({ ...file, locks: locks.get(file.file) ?? [] }));
    return { files: rehearsed, down: await rehearseDown(plan, { target, base }) };
}

// EXTERNAL MODULE: ./packages/kernel/src/process/result.ts
var result = __webpack_require__(8560);
// EXTERNAL MODULE: ./packages/postgres/src/connection/libpq.ts
var libpq = __webpack_require__(9830);
;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/schema-dump.ts


/**
 * The schema as SQL that makes it elsewhere, without owners and privileges and without the tables of Slipway itself.
 * @throws Fault when pg_dump fails, with what it said.
 */
async function dumpSchema({ pgDump, url, connectedTo, exec }) {
    const done = await exec({
        argv: [
            pgDump,
            '--schema-only',
            '--no-owner',
            '--no-privileges',
            '--no-password',
            '--lock-wait-timeout=10s',
            '--exclude-table=*.slipway_*',
        ],
        env: (0,libpq/* connectionEnvironment */.M)(connectedTo, url),
    });
    return (0,result/* expectSuccess */.lb)(done, 'read the schema with pg_dump').data;
}

;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/shadow.ts



/** Distinguishes a database that an earlier rehearsal filled from one that somebody uses. */
const mark = 'slipway shadow: may be emptied at any time';
/**
 * Makes a database an empty copy of the production schema. It must be empty, or left by an earlier rehearsal.
 * @param dump What `pg_dump --schema-only` wrote.
 * @param production A connection to the database that is rehearsed for.
 * @throws UserError when it is that one, when it holds anything else, or may not be changed; Fault when the schema cannot be made there.
 */
async function fillShadow(client, dump, production) {
    if ((await identityOf(client)) === (await identityOf(production))) {
        throw new errors/* UserError */.yo('the shadow database is the database to be migrated', {
            hint: 'Name another, empty database in database.shadow-url. Nothing was changed.',
        });
    }
    const { rows } = await client.query(`SELECT current_database() AS database,
       coalesce(shobj_description(oid, 'pg_database') = '${mark}', false) AS marked,
       (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS tables
     FROM pg_database WHERE datname = current_database()`);
    const { marked = false, database = '', tables = 0 } = rows[0] ?? {};
    if (!marked && tables > 0) {
        throw new errors/* UserError */.yo(`the shadow database ${database} is not empty: it contains ${tables} tables or views`, {
            hint: 'Name an empty database in database.shadow-url; it is emptied and filled at every rehearsal. Nothing was changed.',
        });
    }
    try {
        await client.query(`COMMENT ON DATABASE ${(0,quoting/* quoteIdentifier */.Cm)(database)} IS '${mark}'`);
        await empty(client);
        await sendScript(client, dump.replace(/^\\.*$/gm, ''));
        await client.query('DISCARD ALL');
    }
    catch (cause) {
        throw new errors/* Fault */.vC(`cannot create the schema in the shadow database ${database}: ${cause.message}`, {
            cause,
            hint: 'The user must own that database, and its server needs the extensions that production has. Nothing was changed in production.',
        });
    }
}
async function empty(client) {
    const { rows } = await client.query("SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'");
    const drops = rows.map(({ name }) => `DROP SCHEMA ${(0,quoting/* quoteIdentifier */.Cm)(name)} CASCADE`);
    await sendScript(client, [...drops, 'CREATE SCHEMA public'].join(';\n'));
}
/** Which database of which running server this is; a server that restarts in between counts as another, which does no harm. */
async function identityOf(client) {
    const { rows } = await client.query(`SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || oid::text AS identity
     FROM pg_database WHERE datname = current_database()`);
    return rows[0]?.identity ?? '';
}

;// CONCATENATED MODULE: ./packages/migrations/src/rehearsal/shared-change.ts

/** Statements whose effect is not in one database but in the whole server, or outside of it. */
const shared = new Set([
    'AlterDatabaseSetStmt',
    'AlterDatabaseStmt',
    'AlterRoleSetStmt',
    'AlterRoleStmt',
    'AlterSubscriptionStmt',
    'AlterSystemStmt',
    'AlterTableSpaceOptionsStmt',
    'CreateRoleStmt',
    'CreateSubscriptionStmt',
    'CreateTableSpaceStmt',
    'CreatedbStmt',
    'DropRoleStmt',
    'DropSubscriptionStmt',
    'DropTableSpaceStmt',
    'DropdbStmt',
    'GrantRoleStmt',
]);
/** Characters of a statement that a sentence quotes. */
const maxStatementLength = 80;
/**
 * The first statement of these files that a rehearsal must not run, because a copy on the same server shares what it
 * changes; null when there is none. What a DO block puts together as text is not seen. Pure.
 */
function sharedChange(scripts) {
    for (const { file, statements } of scripts) {
        const found = statements
            .flatMap((one) => [one, ...(one.inside?.statements ?? [])])
            .find(({ tag }) => shared.has(tag));
        if (found)
            return { file, line: found.line, text: quoteSql(found.text, maxStatementLength) };
    }
    return null;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/tool-versions.ts




/** Version tables of tools that run their own migrations, as to_regclass takes them, and the query that lists each. */
const known = [
    ...otherTools.flatMap(({ versions }) => versions ?? []),
    ...formats.flatMap(({ table: { schema, name, versions } }) => versions === null ? [] : [{ table: schema === null ? name : `${schema}.${name}`, sql: versions }]),
];
/**
 * The query whose first column lists the versions that a tool has applied, oldest first.
 * @returns null when there is no known version table, as before the very first migration.
 * @throws UserError when there are several: nothing says which of them is meant.
 */
async function findVersionQuery(client) {
    const values = known.map(({ table }) => `(${(0,quoting/* quoteLiteral */.ce)(table)})`).join(', ');
    const { rows } = await client.query(`SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`);
    const existing = new Set(rows.map(({ name }) => name));
    const [found, second] = known.filter(({ table }) => existing.has(table));
    if (found && second) {
        throw new errors/* UserError */.yo(`the database has version tables of several tools: ${found.table} and ${second.table}`, {
            hint: 'Set database.migrations.versions to a query whose first column lists the applied versions, oldest first.',
        });
    }
    return found?.sql ?? null;
}
/** The applied versions, oldest first. @throws UserError when the query cannot be run. */
async function listVersions(client, sql) {
    try {
        const { rows } = await client.query({ text: sql, rowMode: 'array' });
        return rows.map((row) => String(row[0]));
    }
    catch (cause) {
        throw new errors/* UserError */.yo(`cannot list the applied versions: ${cause.message}`, {
            cause,
            hint: 'Set database.migrations.versions to a query whose first column lists them, oldest first.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/contract-migrations.ts





/**
 * Asks a database which contract migrations are applied, over one connection that reads only. For a lock it waits a second at most.
 * @throws UserError when it cannot be reached, may not be read, or has no record of them; Fault; Cancelled.
 */
function readContractMigrations(question) {
    const { format, named } = question;
    return readOnly(question, (client) => (named ? listNamed(client, named) : listMarked(client, format)));
}
async function listMarked(client, format) {
    const entries = await readJournalEntries(client, format ? journalScopeOf(format) : anyScope);
    if (entries === null)
        throw new errors/* UserError */.yo(`the database has no table ${journalName}`);
    return entries.flatMap(({ contract, ...row }) => (contract === null ? [] : [row]));
}
/** Of the versions that users named, those that are applied. */
async function listNamed(client, { contracts, versions }) {
    const query = versions ?? (await findVersionQuery(client));
    const listed = query === null ? [] : await listVersions(client, query);
    const entries = await readJournalEntries(client, searchPathScope);
    const rows = new Map(entries?.map(({ contract: _, ...row }) => [row.version, row]));
    const applied = contracts.flatMap((version) => {
        const row = rows.get(version);
        const { ageSeconds, repeatable } = row ?? { ageSeconds: null, repeatable: isRepeatable(version) };
        if (listed.includes(version))
            return [{ version, ageSeconds, repeatable, listedIn: 'version table' }];
        return row ? [row] : [];
    });
    if (listed.length <= 1 && applied.length < contracts.length) {
        throw new errors/* UserError */.yo('no version table lists all applied migrations, and no query in database.migrations.versions does');
    }
    return applied;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/contradictions.ts

/** What of the files and the database does not go together, one sentence each. Pure. */
function contradictions(files, standing, outOfOrder) {
    const rows = rowsByVersion(standing);
    const journal = new Map(standing.journal.map((row) => [row.version, row]));
    const known = new Set(files.map(({ version }) => version));
    const newest = files.findLastIndex(({ kind, version }) => kind === 'versioned' && rows.get(version)?.state === 'applied');
    const missing = [...rows.values()].filter(({ version }) => !known.has(version));
    const begun = standing.journal.filter(({ finished, version }) => !finished && !known.has(version));
    return [
        ...missing.map(({ version }) => `version ${version} is in the database, but has no file: is this an older checkout?`),
        ...begun.map(({ version, step }) => `version ${version} was started and stopped after ${step} of its statements, but has no file: restore the file, or revert what it has changed and delete its row in slipway_migrations`),
        ...files.flatMap((file, index) => {
            const row = rows.get(file.version);
            const entry = journal.get(file.version);
            const late = outOfOrder === 'refuse' && file.kind === 'versioned' && index < newest;
            if (row?.state === 'applied')
                return changed(file, row, entry) ? [wasChanged(file)] : [];
            // After what is done, a file that cannot run may still be fixed.
            if (entry && !entry.finished)
                return entry.step === 0 || canResume(file, entry) ? [] : [changedHalfWay(file, entry)];
            if (row?.state === 'failed')
                return [isMarkedFailed(file)];
            return late
                ? [`${file.file}: is new, but ${files[newest]?.version} is already applied; give it a higher number`]
                : [];
        }),
    ];
}
/** The tool's own checksum goes first; of what it stores none for, the journal knows the file's. */
function changed(file, row, entry) {
    if (file.kind === 'repeatable')
        return false;
    if (row.checksum !== null && file.checksum !== null)
        return row.checksum !== file.checksum;
    return entry?.finished === true && entry.sha256 !== file.sha256;
}
/** Whether a file that was stopped half way is the same as far as it is done; what follows may have been edited. */
function canResume(file, entry) {
    return isSame(file, entry) || (entry.done !== null && hashOfCompleted(file.sql, entry.step) === entry.done);
}
/** Whether a file is still the one that the journal knows. */
function isSame(file, entry) {
    return entry?.sha256 === file.sha256;
}
function wasChanged({ file }) {
    return `${file}: was changed after it was applied; write a new migration instead`;
}
function changedHalfWay({ file }, { step }) {
    return `${file}: was changed in the ${step} statements that are applied; restore those; the statements after them may be edited`;
}
function isMarkedFailed({ file, version }) {
    return `${file}: version ${version} is marked as failed in the database: its last run did not finish. Check what it has changed, finish or revert that by hand, then correct the row`;
}
/** What differs between the files and the table when every file should be in it. Pure; empty means proven. */
function verifyVersions(files, standing) {
    const rows = rowsByVersion(standing);
    const missing = files.filter(({ version }) => !rows.has(version));
    return [
        ...missing.map(({ version }) => `version ${version} is missing from the database`),
        ...contradictions(files.filter(({ version }) => rows.has(version)), standing, 'allow'),
        ...files.flatMap((file) => {
            const row = rows.get(file.version);
            return row?.state === 'applied' && isPending(file, row)
                ? [`${file.file} has another checksum in the database`]
                : [];
        }),
    ];
}
/** The rows of the version table by their version. */
function rowsByVersion(standing) {
    return new Map((standing.rows ?? []).map((row) => [row.version, row]));
}
/** Whether a file is to be run: it has not been, or it is repeatable and has changed. */
function isPending(file, row) {
    if (row?.state !== 'applied')
        return true;
    return file.kind === 'repeatable' && row.checksum !== file.checksum;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/externally-applied.ts


/** @throws UserError when the user may not read them; Fault. */
async function readExternallyApplied(client) {
    const { table, rows, externallyApplied } = await readJournal(client, 'schema_migrations');
    return { table, versions: rows && [...rows.map(({ version }) => version), ...externallyApplied] };
}
/** Writes down further ones. @throws what the server says. */
async function addExternallyApplied(client, { table, versions }, more) {
    const fresh = [...new Set(more)].filter((version) => !versions?.includes(version));
    const sql = [
        versions === null ? createJournal(table) : '',
        fresh.length > 0 ? recordExternallyApplied(table, fresh) : '',
    ];
    await client.query(sql.filter(Boolean).join(';\n'));
    return { table, versions: [...(versions ?? []), ...fresh] };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/gaps.ts
/** Numbers above this are timestamps, which have gaps by nature. */
const maxSequential = 99999n;
/**
 * Numbers that are missing between files that are numbered one by one: a file that a merge has lost, or that was
 * deleted. None for timestamps and names. Pure.
 */
function numberingGaps(migrations) {
    const versions = migrations.filter(({ kind }) => kind === 'versioned').map(({ version }) => version);
    if (!versions.every((version) => /^\d+$/.test(version)))
        return [];
    const numbers = versions.map(BigInt);
    const neighbours = numbers.filter((number, index) => index > 0 && number === (numbers[index - 1] ?? 0n) + 1n);
    // Some teams number by tens: most must follow each other before a gap means anything.
    if (numbers.some((number) => number > maxSequential) || neighbours.length * 2 < numbers.length - 1)
        return [];
    return numbers.flatMap((number, index) => {
        const before = numbers[index - 1];
        if (before === undefined || number === before + 1n)
            return [];
        const [from, to] = [before + 1n, number - 1n];
        const shown = (one) => one.toString().padStart(versions[index]?.length ?? 0, '0');
        return [from === to ? shown(from) : `${shown(from)} to ${shown(to)}`];
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/formats/newest-only.ts

/**
 * Distinguishes files that were merged late from those that the tool applied, where one row covers all files up to it.
 * Above everything that is recorded, the tool was run without Slipway: those files count as applied, and are recorded by
 * the next run that runs anything. Below, a file that is not recorded did not exist when that was recorded: it has not
 * run. Before anything is recorded, all count as applied. Pure.
 * @param rows As inferred from the files. @param known Versions that Slipway ran to their end, or found and recorded.
 * @returns the rows that hold, and the versions among them that are to be recorded.
 */
function settleInferredRows(rows, known) {
    const highest = known.reduce((max, one) => (max === null || compareNumbers(one, max) > 0 ? one : max), null);
    const has = (version) => known.some((one) => compareNumbers(one, version) === 0);
    const held = rows.filter(({ version }) => highest === null || compareNumbers(version, highest) > 0 || has(version));
    const unrecorded = held.filter(({ version, state }) => state === 'applied' && !has(version));
    return { rows: held, unrecorded: unrecorded.map(({ version }) => version) };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/migration-state.ts



/** @throws UserError for a table of another tool, and when the user may not read it; Fault. */
async function readMigrationTables(client, format, migrations) {
    const versionTable = await openVersionTable(client, format, migrations);
    const journal = await readJournal(client, versionTable.table);
    const { lists, rows: listed } = versionTable;
    if (lists.versions === 'all' || listed === null)
        return { versionTable, journal };
    const finished = journal.rows?.flatMap((row) => (row.finished ? [row.version] : [])) ?? [];
    const { rows, unrecorded } = settleInferredRows(listed, [...finished, ...journal.externallyApplied]);
    return { versionTable: { ...versionTable, rows, lists: { ...lists, unrecorded } }, journal };
}
/** As the plan takes it. */
function stateOf({ versionTable, journal }) {
    return { rows: versionTable.rows, journal: journal.rows ?? [] };
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/plan.ts


/**
 * What is to be done, from the files and the database. Pure.
 * @throws UserError that names every contradiction between files and table at once.
 */
function planMigrations(files, standing, options) {
    const problems = contradictions(files, standing, options.outOfOrder);
    if (problems.length > 0) {
        throw new errors/* UserError */.yo(`the migrations contradict the database:\n${problems.join('\n')}`, {
            hint: 'Nothing was changed.',
        });
    }
    const rows = rowsByVersion(standing);
    const journal = new Map(standing.journal.map((row) => [row.version, row]));
    const pending = files.filter((file) => isPending(file, rows.get(file.version)));
    const resume = new Map();
    for (const file of pending) {
        const entry = journal.get(file.version);
        if (!entry || entry.finished || !canResume(file, entry))
            continue;
        // A statement that was edited is not the one that may have been done unseen.
        resume.set(file.version, { step: entry.step, inFlight: entry.inFlight && isSame(file, entry) });
    }
    const waiting = new Set(pending);
    const applied = files.filter((file) => !waiting.has(file));
    const earlier = applied.filter(({ version }) => journal.get(version)?.release === options.release);
    const changes = [...earlier, ...pending];
    const contracts = files.filter(({ version, class: kind }) => kind === 'contract' || (journal.get(version)?.contract ?? null) !== null);
    const contracting = contracts.some((file) => changes.includes(file) || journal.get(file.version)?.contract === 'open');
    return {
        pending,
        resume,
        earlier: earlier.map(({ version }) => version),
        current: newestOf(applied),
        before: newestOf(applied.filter((file) => !earlier.includes(file))),
        class: contracting ? 'contract' : changes.length === 0 ? 'none' : 'expand',
        contractMigrations: contracts.map(contractMigrationId),
    };
}
/** The newest version in the database, in the order of the files; null of none. */
function newestVersion(files, standing) {
    const rows = rowsByVersion(standing);
    return newestOf(files.filter((file) => rows.get(file.version)?.state === 'applied'));
}
function newestOf(applied) {
    return applied.findLast(({ kind }) => kind === 'versioned')?.version ?? null;
}
/** What a contract migration is known by: its version, and of one that runs again with another text, the text as well. */
function contractMigrationId({ version, kind, sha256, }) {
    return kind === 'repeatable' ? `${version}@${sha256.slice(0, 12)}` : version;
}

;// CONCATENATED MODULE: ./packages/migrations/src/run/writable.ts

/**
 * Makes sure, before anything is changed or dumped, that the server takes writes and that the version table can be
 * made where it belongs. @throws UserError that says what is missing.
 */
async function assertWritable(client, standing) {
    const { versionTable, journal } = standing;
    const { rows } = await client.query(`SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS readonly,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS allowed, current_user AS who`);
    const found = rows[0];
    if (found?.standby) {
        throw new errors/* UserError */.yo('the server is a standby and does not accept changes', {
            hint: 'Set the database URL to the address of the primary, or wait until the failover is done.',
        });
    }
    if (found?.readonly) {
        throw new errors/* UserError */.yo('the database does not accept changes: default_transaction_read_only is on', {
            hint: 'Find out who set it read-only and why (a full disk, a move), then switch it off for this user or database.',
        });
    }
    if ((versionTable.rows === null || journal.rows === null) && !found?.allowed) {
        throw new errors/* UserError */.yo(`the database user ${found?.who} may not create ${versionTable.rows === null ? versionTable.table : journal.table}`, {
            hint: `GRANT USAGE, CREATE ON SCHEMA ${versionTable.table.split('.')[0]} TO it, or migrate as the owner of the database.`,
        });
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/assertion-files.ts




/**
 * The users' assertions: files, or folders whose `.sql` files count, in the order of their names.
 * @param paths Relative to `workspace`. @throws UserError with everything that is wrong with them.
 */
function readAssertionFiles(workspace, paths) {
    const problems = [];
    const files = [];
    for (const file of paths.flatMap((one) => expand(workspace, one, problems))) {
        const content = (0,external_node_fs_.readFileSync)(external_node_path_.join(workspace, file));
        problems.push(...contentProblems(file, content));
        files.push({ file, sql: sqlText(content) });
    }
    if (problems.length === 0)
        return files;
    throw new errors/* UserError */.yo(`the assertions cannot be run:\n${problems.join('\n')}`, {
        hint: 'See database.verify.assertions.',
    });
}
function expand(workspace, named, problems) {
    const stat = (0,external_node_fs_.statSync)(external_node_path_.join(workspace, named), { throwIfNoEntry: false });
    if (stat?.isFile())
        return [named];
    const names = stat?.isDirectory() ? (0,external_node_fs_.readdirSync)(external_node_path_.join(workspace, named)) : [];
    const files = names.filter((name) => name.endsWith('.sql')).sort();
    // A folder that is empty or gone asserts nothing, which must not pass for holding.
    if (files.length === 0)
        problems.push(`${named}: there is no .sql file`);
    return files.map((name) => external_node_path_.posix.join(named, name));
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/assertions.ts


/**
 * Runs the users' assertions, each file in a read-only transaction. A statement that fails, or a query whose first
 * column is boolean and that returns no row or one that is not true, is a broken assertion.
 * @param timeoutMs For each statement.
 * @returns what does not hold, each with file and line; empty when all hold. @throws what the driver says of a connection
 * that is lost.
 */
async function runAssertions(client, files, timeoutMs) {
    const broken = [];
    for (const { file, sql } of files) {
        const { statements } = scanStatements(sql);
        await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}`);
        try {
            for (const [index, { offset }] of statements.entries()) {
                const problem = await assertOne(client, sql.slice(offset, statements[index + 1]?.offset));
                if (problem === null)
                    continue;
                broken.push(`${file}:${positionAt(sql, offset).line}: ${problem.says}`);
                if (problem.aborted)
                    break;
            }
        }
        finally {
            await client.query('ROLLBACK').catch(() => undefined);
        }
    }
    return broken;
}
const booleanType = 16;
/** Characters of a query that a sentence quotes. */
const assertions_maxQueryLength = 120;
async function assertOne(client, sql) {
    try {
        const { rows, fields } = await client.query({ text: sql, rowMode: 'array' });
        if (fields[0]?.dataTypeID !== booleanType)
            return null;
        const untrue = rows.findIndex((row) => row[0] !== true);
        if (rows.length > 0 && untrue < 0)
            return null;
        const what = rows.length === 0 ? 'returns no row' : `is ${rows[untrue]?.[0]} in row ${untrue + 1}`;
        return { says: `"${quoteSql(sql, assertions_maxQueryLength)}" ${what}`, aborted: false };
    }
    catch (error) {
        if ((0,lost/* isConnectionLost */.pb)(error))
            throw error;
        return { says: `"${quoteSql(sql, assertions_maxQueryLength)}" fails: ${error.message}`, aborted: true };
    }
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/drift.ts


/**
 * What is applied and what has begun, as one short text. Of a table that holds the newest version only, its own row and
 * the journal are asked: an old file that is deleted changes neither. Pure.
 */
function appliedOf({ versionTable, journal }) {
    const begun = journal.rows?.filter(({ finished }) => !finished) ?? [];
    const done = journal.rows?.filter(({ finished }) => finished) ?? [];
    const rows = versionTable.rows ?? [];
    const applied = versionTable.lists.versions === 'all'
        ? rows.map(({ version, state, checksum }) => `${version} ${state} ${checksum}`)
        : [
            versionTable.lists.row,
            ...[...done.map(({ version }) => version), ...journal.externallyApplied].sort(),
        ];
    const all = [...applied, ...begun.map(({ version, step }) => `${version} ${step}`)];
    return (0,external_node_crypto_.createHash)('sha256').update(all.join('\n')).digest('hex');
}
/**
 * Names a schema in few letters, so that a person can accept exactly this one. It holds no number alone, which YAML would
 * read as one. Pure.
 */
function fingerprintOf(schema) {
    const sorted = Object.entries(schema)
        .map(([name, parts]) => [name, Object.entries(parts).toSorted()])
        .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `schema-${(0,external_node_crypto_.createHash)('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)}`;
}
/** Whether the schema was changed outside of the migrations since a release saved it. Pure. */
function judgeDrift(baseline, now, redactor) {
    if (baseline === null) {
        const last = now.journal.at(-1);
        return last === undefined
            ? { state: 'first', detail: 'no release has saved a schema to compare with yet' }
            : unknown(`no schema was saved, although release ${last.release} has run on this database`);
    }
    const { release, server } = baseline;
    const lines = (0,schema_snapshot/* diffSchemas */.e)(baseline.schema, now.schema, redactor);
    if (server !== now.server) {
        const upgrade = `release ${release} saved it from PostgreSQL ${server}, and the server is PostgreSQL ${now.server} now`;
        return unknown(upgrade, lines);
    }
    if (baseline.applied !== now.applied) {
        const since = describeSince(baseline.savedAt, now.journal);
        return unknown(`since release ${release} saved it, ${since}`, lines);
    }
    if (lines.length === 0)
        return { state: 'none', detail: `the schema is as release ${release} left it` };
    return { state: 'drifted', detail: `the schema is not as release ${release} left it: ${few(lines)}` };
}
function unknown(why, lines = []) {
    const differences = lines.length > 0 ? `. Differences: ${few(lines)}` : '';
    return {
        state: 'unknown',
        detail: `cannot determine whether the schema was changed by hand: ${why}${differences}`,
    };
}
/** What has run since, release by release: none of it has saved the schema. */
function describeSince(savedAt, journal) {
    const at = (time) => Date.parse(`${time}Z`);
    const since = journal.filter(({ startedAt }) => at(startedAt) > at(savedAt));
    const releases = [...new Set(since.map(({ release }) => release))];
    if (releases.length === 0)
        return 'migrations were run or reverted outside of Slipway';
    const runs = releases.map((release) => {
        const of = (finished) => since
            .filter((row) => row.release === release && row.finished === finished)
            .map(({ version }) => version)
            .join(', ');
        const done = [of(true) && `applied ${of(true)}`, of(false) && `started ${of(false)}`].filter(Boolean);
        return `release ${release} has ${done.join(' and ')}`;
    });
    return `${runs.join(', ')}, and stopped before the schema was saved again`;
}
const maxLines = 20;
function few(lines) {
    const more = lines.length - maxLines;
    return [...lines.slice(0, maxLines), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/projections.ts

/** Reads both tables, by their columns; those of an event store differ in names. @throws what the server says. */
async function readProjections(client, tables) {
    const found = await columnsOf(client, [tables.failures, tables.checkpoints]);
    const failures = found.filter(({ table }) => table === tables.failures);
    const checkpoints = found.filter(({ table }) => table === tables.checkpoints);
    return {
        openFailures: failures.length === 0 ? null : await countOpen(client, tables.failures, failures),
        positions: checkpoints.length === 0 ? null : await readPositions(client, tables.checkpoints, checkpoints),
    };
}
/** Of tables that are not there, nothing. */
async function columnsOf(client, tables) {
    const { rows } = await client.query(`SELECT named.table, a.attname AS name, t.typcategory::text AS category
     FROM unnest($1::text[]) AS named ("table") JOIN pg_attribute a ON a.attrelid = to_regclass(named.table)
     JOIN pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, [tables]);
    return rows;
}
async function countOpen(client, table, columns) {
    const open = columns.some(({ name }) => name === 'resolved_at') ? 'WHERE resolved_at IS NULL' : '';
    const { rows } = await client.query(`SELECT count(*)::int AS open FROM ${table} ${open}`);
    return Number(rows[0]?.open);
}
async function readPositions(client, table, columns) {
    const key = columns.find(({ category }) => category === 'S' || category === 'U');
    const position = columns.find(({ name, category }) => category === 'N' && /position|checkpoint|sequence|offset/.test(name));
    if (!key || !position)
        return null;
    const { rows } = await client.query(`SELECT ${(0,quoting/* quoteIdentifier */.Cm)(key.name)}::text AS key, ${(0,quoting/* quoteIdentifier */.Cm)(position.name)}::text AS position FROM ${table}`);
    return new Map(rows.map((row) => [row.key, BigInt(row.position ?? 0)]));
}
/** What is worse than before, one sentence each. Pure; empty means no worse. */
function judgeProjections(before, after) {
    const problems = [];
    if (before.openFailures !== null) {
        const more = (after.openFailures ?? Number.NaN) - before.openFailures;
        if (Number.isNaN(more))
            problems.push('the table of projection failures disappeared');
        if (more > 0)
            problems.push(`${more} more events than before failed in a projection`);
    }
    if (before.positions === null)
        return problems;
    if (after.positions === null)
        return [...problems, 'the table of projection checkpoints disappeared'];
    for (const [key, position] of before.positions) {
        const now = after.positions.get(key);
        if (now === undefined)
            problems.push(`the checkpoint of projection ${key} disappeared`);
        else if (now < position) {
            problems.push(`the checkpoint of projection ${key} moved back from ${position} to ${now}`);
        }
    }
    return problems;
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/read-catalog.ts
/** More relations than this are not looked up: the lint then expects the worst, as it does without a database. */
const maxRelations = 20_000;
/** What the lint asks of the database that is to be migrated, in one query. @throws what the server says. */
async function readCatalog(client) {
    const { rows } = await client.query(`SELECT n.nspname || '.' || c.relname AS key, c.relkind AS kind, c.reltuples AS rows,
       (SELECT coalesce(json_object_agg(a.attname,
          json_build_object('type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull)), '{}')
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated) AS checks
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_(?!temp)' AND n.nspname <> 'information_schema'
     LIMIT ${maxRelations + 1}`);
    if (rows.length > maxRelations)
        return undefined;
    return { relations: Object.fromEntries(rows.map((row) => [row.key, factsOf(row)])) };
}
function factsOf({ kind, rows, columns, checks }) {
    return { kind, rows, columns, provenNotNull: (checks ?? []).flatMap(notNullBy) };
}
/** Columns that a CHECK proves not to be null: those that stand alone, or joined by AND alone. */
function notNullBy(definition) {
    const body = /^CHECK \((.*)\)$/s.exec(definition)?.[1] ?? '';
    const terms = body.replace(/^\((.*)\)$/s, '$1').split(/\) AND \(| AND /);
    return terms.flatMap((term) => {
        const [, quoted, plain] = /^\(*(?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*)) IS NOT NULL\)*$/.exec(term) ?? [];
        const name = quoted?.replaceAll('""', '"') ?? plain;
        return name === undefined ? [] : [name];
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/verify/staging.ts

/**
 * Why pending migrations do not count as tested on staging: each must have been applied there, from the very same
 * file, long enough ago. The version alone proves nothing: the file may have been edited since. Pure.
 * @returns one sentence for each that does not; empty means proven.
 */
function judgeStaging(pending, staging, minAgeMs) {
    const rows = new Map((staging.rows ?? []).map((row) => [row.version, row]));
    const journal = new Map(staging.journal.map((row) => [row.version, row]));
    return pending.flatMap((migration) => {
        const { file, version } = migration;
        const row = rows.get(version);
        const entry = journal.get(version);
        if (row?.state === 'failed')
            return [`${file}: failed on staging`];
        if (!row)
            return [`${file}: was not applied on staging`];
        const known = row.checksum !== null && migration.checksum !== null;
        const same = known ? row.checksum === migration.checksum : entry?.sha256 === migration.sha256;
        if (!known && !entry)
            return [`${file}: was applied on staging, but it is unknown with which content`];
        if (!same)
            return [`${file}: was applied on staging with different content`];
        if (minAgeMs === 0)
            return [];
        if (entry?.ageSeconds == null)
            return [`${file}: it is unknown when it was applied on staging`];
        const left = minAgeMs - entry.ageSeconds * 1000;
        return left > 0 ? [`${file}: was applied on staging too recently; wait ${(0,duration/* formatDuration */.a)(left)}`] : [];
    });
}

;// CONCATENATED MODULE: ./packages/migrations/src/index.ts


































/***/ }),

/***/ 4055:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   e: () => (/* binding */ diffSchemas),
/* harmony export */   s: () => (/* binding */ readSchemaSnapshot)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6094);

/** Leaves out the server's own schemas and those of sessions. */
const own = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
/** The users' relations with their names in a snapshot. Slipway's own tables are left out. */
const relations = `SELECT c.oid, c.relkind, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
  WHEN 'c' THEN 'type' WHEN 'f' THEN 'foreign table' ELSE 'table' END || ' ' || format('%I.%I', n.nspname, c.relname) AS name
 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own} AND c.relname !~ '^slipway_'`;
/** Each returns rows of object, part and definition. Members of an extension are covered by the extension's version. */
const parts = [
    `SELECT 'schema ' || quote_ident(n.nspname), '', '' FROM pg_namespace n WHERE ${own}`,
    `SELECT 'extension ' || quote_ident(extname), '', extversion FROM pg_extension`,
    `SELECT r.name, '', concat_ws(' ', CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
     CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
     'partition by ' || pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), array_to_string(c.reloptions, ','),
     CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
   FROM r JOIN pg_class c ON c.oid = r.oid WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c', 'f')`,
    `SELECT r.name, 'column ' || quote_ident(x.attname), concat_ws(' ', format_type(x.atttypid, x.atttypmod),
     CASE WHEN x.attnotnull THEN 'not null' END, 'identity ' || nullif(x.attidentity::text, ''),
     CASE WHEN x.attgenerated = '' THEN 'default ' ELSE 'generated ' END || pg_get_expr(d.adbin, d.adrelid),
     'collate ' || (SELECT l.collname FROM pg_collation l JOIN pg_type t ON t.oid = x.atttypid
                    WHERE l.oid = x.attcollation AND x.attcollation <> t.typcollation))
   FROM r JOIN pg_attribute x ON x.attrelid = r.oid LEFT JOIN pg_attrdef d ON d.adrelid = x.attrelid AND d.adnum = x.attnum
   WHERE r.relkind IN ('r', 'p', 'v', 'm', 'c', 'f') AND x.attnum > 0 AND NOT x.attisdropped`,
    `SELECT r.name, 'parent ' || x.inhparent::regclass, '' FROM r JOIN pg_inherits x ON x.inhrelid = r.oid`,
    `SELECT r.name, 'constraint ' || quote_ident(x.conname),
     pg_get_constraintdef(x.oid) || CASE WHEN x.convalidated THEN '' ELSE ' (not valid)' END
   FROM r JOIN pg_constraint x ON x.conrelid = r.oid WHERE x.contype <> 'n'`,
    `SELECT r.name, 'index ' || x.indexrelid::regclass,
     pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
   FROM r JOIN pg_index x ON x.indrelid = r.oid`,
    `SELECT r.name, 'trigger ' || quote_ident(x.tgname), pg_get_triggerdef(x.oid) || ' ' || x.tgenabled::text
   FROM r JOIN pg_trigger x ON x.tgrelid = r.oid WHERE NOT x.tgisinternal`,
    `SELECT r.name, 'rule ' || quote_ident(x.rulename), pg_get_ruledef(x.oid)
   FROM r JOIN pg_rewrite x ON x.ev_class = r.oid WHERE x.rulename <> '_RETURN'`,
    `SELECT r.name, 'policy ' || quote_ident(x.polname), concat_ws(' ', x.polcmd, x.polpermissive, x.polroles::regrole[],
     pg_get_expr(x.polqual, x.polrelid), 'check ' || pg_get_expr(x.polwithcheck, x.polrelid))
   FROM r JOIN pg_policy x ON x.polrelid = r.oid`,
    `SELECT r.name, '', concat_ws(' ', format_type(x.seqtypid, NULL), x.seqincrement, x.seqmin, x.seqmax, x.seqstart,
     x.seqcache, x.seqcycle) FROM r JOIN pg_sequence x ON x.seqrelid = r.oid`,
    `SELECT 'function ' || p.oid::regprocedure, '', CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${own}
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.classid = 'pg_proc'::regclass AND e.deptype = 'e')`,
    `SELECT 'type ' || format('%I.%I', n.nspname, t.typname), '', concat_ws(' ', t.typtype, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
     CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault,
     (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
   FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND ${own}
     AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = t.oid AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')`,
    `SELECT 'type ' || x.contypid::regtype, 'constraint ' || quote_ident(x.conname), pg_get_constraintdef(x.oid)
   FROM pg_constraint x WHERE x.contypid <> 0 AND x.contype <> 'n'`,
    `SELECT 'event trigger ' || quote_ident(evtname), '', concat_ws(' ', evtevent, evtfoid::regproc, evtenabled) FROM pg_event_trigger`,
    `SELECT 'publication ' || quote_ident(pubname), '', concat_ws(' ', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate)
   FROM pg_publication`,
].map((sql) => sql.replaceAll(/\n\s+/g, ' '));
/**
 * Reads the schema of a database in one query: what `pg_dump --schema-only` would write, without owners, privileges and
 * comments, and without pg_dump. The server writes the definitions, so that snapshots of one server can be compared.
 * @throws the server's error.
 */
async function readSchemaSnapshot(client) {
    // Without a search_path every name has its schema, whatever the session has set. Statements sent as one text are one
    // transaction, which also ends when one of them fails.
    const text = `SET TRANSACTION READ ONLY; SET LOCAL search_path = ''; WITH r AS (${relations}) ${parts.join(' UNION ALL ')}`;
    const results = (await client.query({ text, rowMode: 'array' }));
    const snapshot = {};
    for (const [object = '', part = '', definition = ''] of results[2]?.rows ?? []) {
        const of = snapshot[object] ?? {};
        snapshot[object] = of;
        // A sequence has two rows.
        of[part] = [of[part], definition].filter(Boolean).join(' ');
    }
    return snapshot;
}
/** Characters of a definition that a line shows. */
const maxDefinitionLength = 160;
/**
 * The differences between two schemas, one line each: `-` for what only the first has, `+` for what only the second has.
 * Pure; empty means equal.
 */
function diffSchemas(before, after, redactor) {
    const shown = (definition) => _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .OutsideText */ .x.of(definition, redactor).excerpt(maxDefinitionLength);
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => {
        const [old, now] = [before[name], after[name]];
        if (!old)
            return [`+ ${name}`];
        if (!now)
            return [`- ${name}`];
        const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
        return keys.flatMap((key) => {
            if (old[key] === now[key])
                return [];
            const line = (sign, definition) => definition === undefined
                ? []
                : [`${sign} ${name}: ${[key, shown(definition)].filter(Boolean).join(' ')}`];
            return [...line('-', old[key]), ...line('+', now[key])];
        });
    });
}


/***/ }),

/***/ 4731:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  ci: () => (/* binding */ addressOf),
  Bn: () => (/* binding */ closeConnection),
  Ng: () => (/* binding */ connect),
  tP: () => (/* binding */ cutConnection)
});

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/kernel/src/poll.ts
var poll = __webpack_require__(1170);
// EXTERNAL MODULE: ./node_modules/pg/esm/index.mjs
var esm = __webpack_require__(3849);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connection-error.ts
var connection_error = __webpack_require__(7123);
// EXTERNAL MODULE: ./packages/kernel/src/outside-text.ts + 1 modules
var outside_text = __webpack_require__(6094);
;// CONCATENATED MODULE: ./packages/postgres/src/connection/server-words.ts

/** What the server puts into an error as text; it may quote statements, rows and connection strings. */
const textFields = [
    'message',
    'detail',
    'hint',
    'where',
    'internalQuery',
    'schema',
    'table',
    'column',
    'dataType',
    'constraint',
    'stack',
];
/**
 * Makes every error of a connection safe to print before anything else sees it: what the server and the network say is
 * text from outside. Called once, before the client connects.
 */
function makeErrorsSafe(client, redactor) {
    const { connection } = client;
    for (const event of ['errorMessage', 'error'])
        connection.prependListener(event, (error) => makeSafe(error, redactor));
}
function makeSafe(error, redactor) {
    if (!(error instanceof Error))
        return;
    if (error instanceof AggregateError)
        for (const one of error.errors)
            makeSafe(one, redactor);
    const fields = error;
    for (const name of textFields) {
        const text = fields[name];
        if (typeof text === 'string')
            fields[name] = `${outside_text/* OutsideText */.x.of(text, redactor)}`;
    }
}

;// CONCATENATED MODULE: ./packages/postgres/src/connection/connect.ts




const connectTimeoutMs = 15_000;
const startupTimeoutMs = 120_000;
/** @throws UserError that says why there is no connection, without the URL; Cancelled. */
async function connect(options) {
    const { signal, startup } = options;
    const explain = (error) => {
        if (signal.aborted)
            return new errors/* Cancelled */.cJ('connecting to the database');
        return error instanceof errors/* UserError */.yo ? error : (0,connection_error/* connectionError */.$t)(error);
    };
    if (!startup) {
        return openClient(options).catch((error) => {
            throw explain(error);
        });
    }
    const { clock, log, timeoutMs = startupTimeoutMs } = startup;
    let logged = false;
    const wait = { clock, signal, intervalMs: 500, timeoutMs, during: 'connecting to the database' };
    const connected = await (0,poll/* poll */.w)(wait, async () => {
        try {
            return { done: true, value: await openClient(options) };
        }
        catch (error) {
            if (signal.aborted || !(0,connection_error/* isNotReady */.BS)(error))
                throw explain(error);
            if (!logged)
                log.info(`waiting for the server: ${error.message}`);
            logged = true;
            return { done: false, seen: error.message };
        }
    });
    if (connected.ok)
        return connected.value;
    throw (0,connection_error/* notReady */.xA)(connected.seen, timeoutMs);
}
/** @throws whatever the driver throws; UserError when a file that the URL names cannot be read. */
async function openClient(options) {
    const { url, applicationName, timeoutMs = connectTimeoutMs, signal } = options;
    if (signal.aborted)
        throw new errors/* Cancelled */.cJ('connecting to the database');
    let client;
    try {
        client = new esm/* Client */.Kj({
            connectionString: url.reveal(),
            connectionTimeoutMillis: timeoutMs,
            // PostgreSQL stores 63 bytes of it and replaces what is not ASCII.
            application_name: applicationName.replace(/[^ -~]/g, '?').slice(0, 63),
            keepAlive: true,
        });
    }
    catch (error) {
        throw unusable(error);
    }
    makeErrorsSafe(client, options.redactor);
    // Without a listener, a server that closes the connection would end the process instead of the query.
    client.on('error', () => undefined);
    const cut = () => cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        await client.connect();
        return client;
    }
    catch (error) {
        cut();
        throw error;
    }
    finally {
        signal.removeEventListener('abort', cut);
    }
}
/** The driver's own error may hold the URL: only the code of a missing file is used. */
function unusable(error) {
    const { code } = error;
    if (code === 'ENOENT' || code === 'EACCES') {
        return new errors/* UserError */.yo('cannot read a certificate file that the database URL names', {
            hint: 'Check sslrootcert, sslcert and sslkey in the database URL.',
        });
    }
    return new errors/* UserError */.yo('the database URL is malformed: expected postgresql://user:password@host:port/database', {
        hint: 'Percent-encode special characters of the password: @ is %40, / is %2F, # is %23, % is %25.',
    });
}
/** Where a client is connected, with the defaults that the driver filled in. */
function addressOf({ host, port, user = '', password, database = '' }) {
    return { host, port, user, password: typeof password === 'string' ? password : '', database };
}
/** Ends a connection at once, without waiting for its running statement. */
function cutConnection(client) {
    client.connection.stream.destroy();
}
/** How long the server may take to acknowledge the end of a connection. */
const closeGraceMs = 1000;
/** Ends a connection as the protocol prescribes, so that the server does not log a lost client. */
async function closeConnection(client) {
    const timer = setTimeout(() => cutConnection(client), closeGraceMs);
    await client.end().catch(() => undefined);
    clearTimeout(timer);
}


/***/ }),

/***/ 7123:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $t: () => (/* binding */ connectionError),
/* harmony export */   A3: () => (/* binding */ reasonOf),
/* harmony export */   BS: () => (/* binding */ isNotReady),
/* harmony export */   cR: () => (/* binding */ explainConnection),
/* harmony export */   xA: () => (/* binding */ notReady)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(668);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(231);

/** By SQLSTATE of the server (PostgreSQL manual, appendix A) or by error code of the socket. */
const known = {
    '28P01': {
        reason: 'the server rejected the password',
        hint: 'Check the user and password in the database URL.',
    },
    '28000': {
        reason: 'the server rejected the user, its address or its encryption',
        hint: 'Check the user and pg_hba.conf of the server. If the server requires TLS, add sslmode=require to the URL.',
    },
    '3D000': {
        reason: 'the server has no database with that name',
        hint: 'Check the name at the end of the database URL, or create the database.',
    },
    '53300': {
        reason: 'the server has no free connection',
        hint: "Reduce the application's connection pools, or raise max_connections.",
    },
    '57P03': {
        reason: 'the server is starting up or shutting down',
        hint: 'Wait until it accepts connections, then re-run this job.',
    },
    '55000': {
        reason: 'it is not currently accepting connections',
        hint: 'An interrupted restore may have closed it. Run mode: restore again without confirm, which reopens it; or connect to the database postgres and run ALTER DATABASE <name> ALLOW_CONNECTIONS true.',
    },
    '42501': {
        reason: 'the user is not allowed to connect to the database',
        hint: 'Run GRANT CONNECT ON DATABASE for the user.',
    },
    ECONNREFUSED: {
        reason: 'nothing listens at that address',
        hint: 'Check the host and port in the database URL, and that the server runs.',
    },
    ENOTFOUND: {
        reason: 'the host name does not resolve',
        hint: "Check the host in the database URL and the runner's DNS.",
    },
    EAI_AGAIN: {
        reason: 'the host name does not resolve',
        hint: "Check the host in the database URL and the runner's DNS.",
    },
    ETIMEDOUT: {
        reason: 'the server did not answer in time',
        hint: 'Check the port in the database URL, and the firewall and network between the runner and the server.',
    },
    '57P01': {
        reason: 'the server closed the connection',
        hint: 'Check the server log: it was shut down, or the session was terminated.',
    },
    ENOENT: {
        reason: "the server's socket does not exist",
        hint: 'Check the socket folder and the port in the database URL, and that the server runs.',
    },
    EHOSTUNREACH: {
        reason: 'the host is unreachable',
        hint: 'Check the firewall and network between the runner and the server.',
    },
    ECONNRESET: {
        reason: 'the server closed the connection',
        hint: 'Check that a PostgreSQL server listens on this port.',
    },
};
/** The reason and hint for whatever connecting threw. */
function explainConnection(error) {
    const first = error instanceof AggregateError ? error.errors[0] : error;
    const { code, message = 'no reason given' } = (first ?? {});
    const problem = code === undefined ? undefined : known[code];
    if (problem)
        return problem;
    if (/password must be a string|no password/i.test(message))
        return noPassword;
    if (/terminated/i.test(message))
        return known.ECONNRESET;
    if (/timeout/i.test(message))
        return known.ETIMEDOUT;
    if (/ssl|tls|certificate|altname/i.test(`${code} ${message}`))
        return encryption(message);
    return {
        reason: code ? `${message} (${code})` : message,
        hint: 'Check the database URL, and the network between the runner and the server.',
    };
}
const noPassword = {
    reason: 'the server requires a password, and the database URL has none',
    hint: 'Add it, percent-encoded: postgresql://user:password@host:port/database.',
};
function encryption(message) {
    return {
        reason: `TLS failed: ${message}`,
        hint: 'Certificates are verified: name the CA with sslrootcert=<file> in the database URL. For a server without TLS, remove sslmode.',
    };
}
const prefix = 'cannot connect to the database: ';
/** The same as an error. A UserError, since nothing was changed yet. */
function connectionError(error) {
    const { reason, hint } = explainConnection(error);
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`${prefix}${reason}`, { hint });
}
/** The reason alone, of an error that `connect` threw. */
function reasonOf({ message }) {
    return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
/** Whether the server reported that it is starting up or shutting down. */
function isNotReady(error) {
    return error?.code === '57P03';
}
/** @param reported By the server. */
function notReady(reported, waitedMs) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`${prefix}the server was not ready after ${(0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .formatDuration */ .a)(waitedMs)}: ${reported}`, {
        hint: 'Check the server log: recovery from a crash or an archive can take long, and a restore_command that hangs blocks it. Re-run this job when it accepts connections.',
    });
}


/***/ }),

/***/ 9830:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ connectionEnvironment)
/* harmony export */ });
/**
 * The environment with which PostgreSQL's programs reach the database that a client is connected to. Nothing of it is in
 * their arguments, which every user of the machine may read, and the step's own PG… variables are overruled. Pure.
 */
function connectionEnvironment(to, url) {
    return {
        ...url.libpqEnvironment(to),
        PGAPPNAME: 'slipway backup',
        // Messages are matched in English.
        LC_MESSAGES: 'C',
    };
}


/***/ }),

/***/ 546:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Uk: () => (/* binding */ describeLost),
/* harmony export */   gk: () => (/* binding */ asDatabaseError),
/* harmony export */   pb: () => (/* binding */ isConnectionLost),
/* harmony export */   rl: () => (/* binding */ causeOf)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(668);

const lostCodes = new Set([
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    '57P01',
    '57P02',
]);
/** The driver's messages for a closed connection; they come without a code. */
const lostWords = /connection terminated|not queryable|client was closed|connection ended/i;
/** Whether an error means that an established connection is gone, and nothing about the statement. */
function isConnectionLost(error) {
    if (error instanceof LostConnection)
        return true;
    const { code, message = '' } = (error ?? {});
    return lostCodes.has(code ?? '') || lostWords.test(message);
}
/** A lost connection as a sentence, without the driver's words. */
function describeLost(error) {
    const { code = '', message = '' } = error;
    if (code.startsWith('57P'))
        return `the server closed the connection: ${message}`;
    return lostWords.test(message) ? 'the connection was lost' : `the connection was lost (${message})`;
}
/** Takes the place of the driver's error as a cause, because whoever prints an error prints its causes as well. */
class LostConnection extends Error {
}
/** An error of the database as the cause of a Slipway error. */
function causeOf(error) {
    return isConnectionLost(error) ? new LostConnection(describeLost(error)) : error;
}
/**
 * Turns whatever a query threw into a Slipway error. A Slipway error stays as it is.
 * @param during What was being done, e.g. `migrations/002.sql`; empty when that adds nothing.
 */
function asDatabaseError(error, during) {
    if (error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC || error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo || error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ)
        return error;
    const prefix = during === '' ? '' : `${during}: `;
    const cause = causeOf(error);
    if (!isConnectionLost(error))
        return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`${prefix}${(0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .describeError */ .Uc)(error)}`, { cause });
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`${prefix}${describeLost(error)}`, {
        cause,
        hint: 'Check the server log and the network path to it. Re-run this job: it continues where it stopped.',
    });
}


/***/ }),

/***/ 1505:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cm: () => (/* binding */ quoteIdentifier),
/* harmony export */   ce: () => (/* binding */ quoteLiteral),
/* harmony export */   pP: () => (/* binding */ schemaOf)
/* harmony export */ });
/** A value as a SQL literal, with any setting of standard_conforming_strings. */
function quoteLiteral(text) {
    const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    return text.includes('\\') ? `E${quoted}` : quoted;
}
function quoteIdentifier(name) {
    return `"${name.replaceAll('"', '""')}"`;
}
/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may contain a dot. */
function schemaOf(name) {
    return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}


/***/ }),

/***/ 6827:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M5: () => (/* binding */ workingSession),
/* harmony export */   T3: () => (/* binding */ createRunLock),
/* harmony export */   mf: () => (/* binding */ keepalives),
/* harmony export */   ms: () => (/* binding */ isWorking),
/* harmony export */   z2: () => (/* binding */ workKey)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1170);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(668);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6094);
/* harmony import */ var _lost_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(546);


/** Advisory lock of a run: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const runKey = '6515494249964605202';
/** Held in share mode while a file runs: the same of sha256("slipway db-migrate work"). */
const workKey = '7268168143678278203';
/** How pg_locks shows a lock on one bigint (manual, section on pg_locks): high and low half apart. */
const locksOf = (key) => `SELECT l.pid FROM pg_locks l
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = (${key})::bigint`;
/**
 * The server process that runs a migration file, found by its lock, because behind a pooler the driver does not know the
 * process. A waiting run tries this lock for a moment as well, in exclusive mode.
 */
const workingSession = `${locksOf(workKey)} AND l.mode = 'ShareLock'`;
/** Whether a statement of a migration still runs in the server, whichever client sent it. */
async function isWorking(client) {
    const { rows } = await client.query(`SELECT EXISTS (${workingSession}) AS working`);
    return rows[0]?.working === true;
}
/** How long an answer proves that the connection which holds the lock is alive. */
const proofLastsMs = 5000;
/**
 * The lock lives in an open READ COMMITTED transaction on a separate connection: it is released when the process dies,
 * holds back neither vacuum nor concurrent index builds, and works behind a pooler. A killed run may have left a statement
 * running for a moment, which is waited for as well. Each method throws a Fault that names the holder when the lock is not
 * free in time; Cancelled.
 */
function createRunLock(client, options) {
    let gone = false;
    let held = false;
    let answeredAt = 0;
    client.once('end', () => {
        gone = true;
    });
    const wait = async (lock, timeoutMs) => {
        const { what } = lock;
        let logged = false;
        let { first } = lock;
        const waiting = { ...options, intervalMs: 500, timeoutMs, during: `waiting for ${what}` };
        const taken = await (0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .poll */ .w)(waiting, async () => {
            const { free, holder } = await tryLock(client, { ...lock, first }, options.redactor);
            first = '';
            if (free && holder === null)
                return { done: true, value: true };
            if (holder !== null && !logged)
                options.log.info(`waiting for ${what}: ${holder}`);
            logged ||= holder !== null;
            return { done: false, seen: holder ?? 'its session just ended' };
        });
        answeredAt = options.clock.monotonic();
        if (!taken.ok)
            throw busy(what, taken.seen);
    };
    return {
        async take(timeoutMs) {
            await wait({ key: runKey, workKey, first: begin, what: 'another migration' }, timeoutMs);
            held = true;
        },
        isHeld: () => held,
        takeAlso: (key, tool, timeoutMs) => wait({ key, workKey: key, first: '', what: `a run of ${tool}` }, timeoutMs),
        async assertHeld() {
            if (!gone && options.clock.monotonic() - answeredAt < proofLastsMs)
                return;
            await client.query('SELECT 1').catch(lost);
            answeredAt = options.clock.monotonic();
        },
    };
}
function busy(what, holder) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Fault */ .vC(`${what} of this database is running: ${holder}`, {
        hint: 'Wait until it has finished, then re-run this job. If it hangs, run SELECT pg_terminate_backend(<session>).',
    });
}
function lost(cause) {
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Fault */ .vC('the lock on the database was lost with its connection', {
        cause: (0,_lost_js__WEBPACK_IMPORTED_MODULE_2__/* .causeOf */ .rl)(cause),
        hint: 'Check the server log. Re-run this job: it continues where it stopped.',
    });
}
/** With these, the server notices a vanished machine within a minute; with its defaults it takes two hours. */
const keepalives = [
    'tcp_keepalives_idle = 30',
    'tcp_keepalives_interval = 10',
    'tcp_keepalives_count = 3',
];
const begin = `${[
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    'SET LOCAL idle_in_transaction_session_timeout = 0',
    ...keepalives.map((setting) => `SET LOCAL ${setting}`),
].join('; ')}; `;
/**
 * Tries to take a lock whose work lock must be free as well. The holder of either is looked up only when it is taken,
 * since reading all sessions costs several times what the lock does. @param lock.first SQL that runs before it.
 */
async function tryLock(client, { key, workKey: work, first }, redactor) {
    const results = (await client.query(`${first}SELECT pg_try_advisory_xact_lock(${key}) AS taken,
     CASE WHEN pg_try_advisory_lock(${work}) THEN pg_advisory_unlock(${work}) ELSE false END AS idle`));
    const { taken, idle } = [results].flat().at(-1)?.rows[0] ?? {};
    if (taken === true && idle === true)
        return { free: true, holder: null };
    return { free: taken === true, holder: await findHolder(client, { key, work }, redactor) };
}
async function findHolder(client, { key, work }, redactor) {
    // Within a transaction, PostgreSQL repeats its first snapshot of the sessions.
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await client.query(`SELECT a.pid, a.application_name AS name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
     FROM (SELECT pid, 1 AS rank FROM (${locksOf(key)}) own UNION ALL SELECT pid, 2 FROM (${locksOf(work)}) work) l
     LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.pid <> pg_backend_pid() ORDER BY rank LIMIT 1`);
    const [found] = rows;
    if (!found)
        return null;
    return `session ${found.pid} (${_slipway_kernel__WEBPACK_IMPORTED_MODULE_3__/* .OutsideText */ .x.of(found.name || 'unnamed', redactor)}), since ${found.since} UTC`;
}


/***/ })

};
