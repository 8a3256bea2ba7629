export const id = 491;
export const ids = [491];
export const modules = {

/***/ 1491:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  readContractMigrations: () => (/* reexport */ readContractMigrations)
});

// UNUSED EXPORTS: AppliedByAnotherRun, addExternallyApplied, appliedOf, assertWritable, batchWork, buildWork, contractMigrationId, dumpSchema, explainStatement, fillShadow, findVersionQuery, fingerprintOf, formatNames, judgeDrift, judgeProjections, judgeStaging, listVersions, newestVersion, numberingGaps, openVersionTable, planMigrations, readAssertionFiles, readCatalog, readDurations, readExternallyApplied, readFolder, readMigrationFolder, readMigrationTables, readProjections, readSchemaBaseline, rehearse, runAssertions, runBatch, saveSchemaBaseline, schemaTableFor, settleContractMigrations, sharedChange, stateOf, textOfBatch, transactionText, verifyVersions

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/kernel/src/poll.ts
var poll = __webpack_require__(1170);
// EXTERNAL MODULE: ./node_modules/pg/esm/index.mjs
var esm = __webpack_require__(3849);
// EXTERNAL MODULE: ./packages/kernel/src/duration.ts
var duration = __webpack_require__(231);
;// CONCATENATED MODULE: ./packages/postgres/src/connection/connection-error.ts

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
    return new errors/* UserError */.yo(`${prefix}${reason}`, { hint });
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
    return new errors/* UserError */.yo(`${prefix}the server was not ready after ${(0,duration/* formatDuration */.a)(waitedMs)}: ${reported}`, {
        hint: 'Check the server log: recovery from a crash or an archive can take long, and a restore_command that hangs blocks it. Re-run this job when it accepts connections.',
    });
}

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
        return error instanceof errors/* UserError */.yo ? error : connectionError(error);
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
            if (signal.aborted || !isNotReady(error))
                throw explain(error);
            if (!logged)
                log.info(`waiting for the server: ${error.message}`);
            logged = true;
            return { done: false, seen: error.message };
        }
    });
    if (connected.ok)
        return connected.value;
    throw notReady(connected.seen, timeoutMs);
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

;// CONCATENATED MODULE: ./packages/postgres/src/connection/lost.ts

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
    if (error instanceof errors/* Fault */.vC || error instanceof errors/* UserError */.yo || error instanceof errors/* Cancelled */.cJ)
        return error;
    const prefix = during === '' ? '' : `${during}: `;
    const cause = causeOf(error);
    if (!isConnectionLost(error))
        return new errors/* Fault */.vC(`${prefix}${(0,errors/* describeError */.Uc)(error)}`, { cause });
    return new errors/* Fault */.vC(`${prefix}${describeLost(error)}`, {
        cause,
        hint: 'Check the server log and the network path to it. Re-run this job: it continues where it stopped.',
    });
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
    return `${schemaOf(versionTable)}${journalName}`;
}
/** Milliseconds that each of these versions took, by the server's clock. @throws what the server says. */
async function readDurations(client, table, versions) {
    const { rows } = await client.query(`SELECT version, extract(epoch FROM finished_at - started_at)::float8 * 1000 AS ms FROM ${table}
     WHERE version = ANY ($1::text[]) AND finished_at IS NOT NULL`, [versions]);
    return new Map(rows.map(({ version, ms }) => [version, ms]));
}

;// CONCATENATED MODULE: ./packages/postgres/src/connection/quoting.ts
/** A value as a SQL literal, with any setting of standard_conforming_strings. */
function quoteLiteral(text) {
    const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    return text.includes('\\') ? `E${quoted}` : quoted;
}
function quoteIdentifier(name) {
    return `"${name.replaceAll('"', '""')}"`;
}
/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may contain a dot. */
function quoting_schemaOf(name) {
    return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}

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

;// CONCATENATED MODULE: ./packages/migrations/src/formats/table-access.ts


/** The error of reading the version table: the user's when it is about privileges. */
function table_access_readError(error, table) {
    if (error.code === '42501') {
        return new errors/* UserError */.yo(`the database user may not read ${table}`, {
            cause: error,
            hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
        });
    }
    return new errors/* Fault */.vC(`${table} cannot be read: ${isConnectionLost(error) ? describeLost(error) : (0,errors/* describeError */.Uc)(error)}`, { cause: causeOf(error) });
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
        throw table_access_readError(error, table.name);
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
;// CONCATENATED MODULE: ./packages/sql/src/syntax/problems.ts




const marker = /^[ \t]*--[ \t]*slipway:[ \t]*(.*?)\s*$/gim;
const knownMarker = /^(contract|allow)\b/i;
/** The text of a SQL file, without the byte order mark that some editors put first. */
function sqlText(content) {
    return textOf(content).replace(/^\uFEFF/, '');
}
/** Why bytes cannot be run as SQL, each with file and line. Pure. */
function contentProblems(file, content) {
    if (!isUtf8(content))
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
const scan_maxBackslashes = 3;
const maxWords = 4;
/** No word that matters is longer than `atomic`. */
const maxWordLength = 6;
/** All that `eachStatement` finds. */
function scanStatements(sql) {
    const statements = [...scan_eachStatement(sql)];
    return { statements, backslashes: statements.flatMap(({ backslashes = [] }) => backslashes) };
}
/**
 * Finds the statements of a SQL text one after the other, as the server cuts them: not inside parentheses (rules), not
 * inside the body of a function that is written as BEGIN ATOMIC … END. It does not check the syntax; the server does. The rest of the
 * line after a `COPY … FROM stdin;` is SQL, as in psql; a statement there ends with the line.
 */
function* scan_eachStatement(sql) {
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
    if (statement.backslashes.length < scan_maxBackslashes)
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
function scan_positionAt(text, offset) {
    let [line, start] = [1, 0];
    for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', start)) {
        line++;
        start = next + 1;
    }
    return { line, column: offset - start + 1 };
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
    return `${file}:${scan_positionAt(text, offset).line}`;
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
            record: ({ version }) => `INSERT INTO ${table.name} (version) VALUES (${quoteLiteral(version)})`,
            forget: ({ version }) => `DELETE FROM ${table.name} WHERE version = ${quoteLiteral(version)}`,
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
        record: ({ checksum, when }) => `INSERT INTO ${table.name} (hash, created_at) VALUES (${quoteLiteral(checksum ?? '')}, ${when})`,
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
        ? `version IS NULL AND description = ${quoteLiteral(cut(description))}`
        : `version = ${quoteLiteral(storedVersion(rows ?? [], version))}`;
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
    const number = kind === 'repeatable' ? 'NULL' : quoteLiteral(version);
    // After its AbbreviationUtils: the columns end at 200 and 1000 characters.
    const path = script.length <= 1000 ? script : `...${script.slice(3, 1000)}`;
    return `${number}, ${quoteLiteral(cut(description))}, 'SQL', ${quoteLiteral(path)}, ${checksum ?? 'NULL'}`;
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
        : `TRUNCATE ${table.name};\nINSERT INTO ${table.name} (version, dirty) VALUES (${quoteLiteral(withoutZeros(version))}, ${dirty})`;
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
        forget: ({ version }) => set(migrations.findLast((one) => compareNumbers(one.version, version) < 0)?.version, false),
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
    const text = (value) => (value === null ? 'NULL' : quoteLiteral(value));
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
        record: ({ checksum, previous, version }) => `INSERT INTO ${table.name} (hash, previous_hash, filename) VALUES (${text(checksum)}, ${text(previous)}, ${quoteLiteral(`${version}.sql`)})`,
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
        record: ({ version }) => `INSERT INTO ${table.name} (name, run_on) VALUES (${quoteLiteral(version)}, now())`,
        forget: ({ version }) => `DELETE FROM ${table.name} WHERE name = ${quoteLiteral(version)}`,
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
            ? `INSERT INTO ${table.name} (version, sha256) VALUES (${quoteLiteral(version)}, ${quoteLiteral(sha256)})`
            : `INSERT INTO ${table.name} (version) VALUES (${quoteLiteral(version)})`,
        forget: ({ version }) => {
            // A row that was written by hand may have the number without its zeros.
            const found = rows?.find((row) => withoutZeros(row.version) === withoutZeros(version))?.version;
            return `DELETE FROM ${table.name} WHERE version = ${quoteLiteral(found ?? version)}`;
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
    const unfinished = (name) => `migration_name = ${quoteLiteral(name)} AND finished_at IS NULL AND rolled_back_at IS NULL`;
    const insert = `INSERT INTO ${table.name} (id, checksum, migration_name, finished_at, applied_steps_count)`;
    const values = ({ checksum, version }) => `gen_random_uuid()::text, ${quoteLiteral(checksum ?? '')}, ${quoteLiteral(version)}`;
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
        forget: ({ version }) => `DELETE FROM ${table.name} WHERE migration_name = ${quoteLiteral(version)} AND rolled_back_at IS NULL`,
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
        where: `project = ${quoteLiteral(project)}`,
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
INSERT INTO sqitch.projects (project, uri, creator_name, creator_email) VALUES (${quoteLiteral(project)}, ${orNull(uri)}, ${committer}) ON CONFLICT DO NOTHING`,
        begin: () => null,
        record: (migration) => [
            insertChange(migration),
            ...migration.change.dependencies.map((one) => insertDependency(migration.change, one)),
            ...insertTags(migration.change),
            insertEvent('deploy', migration.change),
        ].join(';\n'),
        forget: ({ change }) => [
            `DELETE FROM sqitch.tags WHERE change_id = ${quoteLiteral(change.id)}`,
            `DELETE FROM sqitch.changes WHERE change_id = ${quoteLiteral(change.id)}`,
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
    const ofOtherProject = `(SELECT change_id FROM sqitch.changes WHERE project = ${quoteLiteral(project)} AND change = ${quoteLiteral(change)} ORDER BY committed_at LIMIT 1)`;
    const target = type === 'conflict' ? 'NULL' : known === null ? ofOtherProject : quoteLiteral(known);
    return `INSERT INTO sqitch.dependencies (change_id, type, dependency, dependency_id)
VALUES (${quoteLiteral(id)}, '${type}', ${quoteLiteral(text)}, ${target})`;
}
function insertTags({ id, project, tags }) {
    return tags.map((tag) => {
        const values = [tag.id, tag.name, project, id].map(quoteLiteral).join(', ');
        return `INSERT INTO sqitch.tags (tag_id, tag, project, change_id, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES (${values}, ${plannedOf(tag)})`;
    });
}
function insertEvent(event, change) {
    const { id, name, project, tags, dependencies } = change;
    const texts = (type) => dependencies.filter((one) => one.type === type).map(({ text }) => text);
    const lists = [texts('require'), texts('conflict'), tags.map((tag) => tag.name)].map((list) => `ARRAY[${list.map(quoteLiteral).join(', ')}]::text[]`);
    return `INSERT INTO sqitch.events (event, change_id, change, project, requires, conflicts, tags, note, committer_name, committer_email, planned_at, planner_name, planner_email)
VALUES ('${event}', ${[id, name, project].map(quoteLiteral).join(', ')}, ${lists.join(', ')}, ${plannedOf(change)})`;
}
/** Note, committer, and who planned it when: columns that three tables share. */
function plannedOf({ note, date, planner }) {
    const planned = [date, planner.name, planner.email].map(quoteLiteral).join(', ');
    return `${quoteLiteral(note)}, ${committer}, ${planned}`;
}
function orNull(value) {
    return value === null ? 'NULL' : quoteLiteral(value);
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
 * The rows of the journals that may be read; null when there is none. One of another application in the same database
 * need not be readable. @throws UserError when none is; Fault.
 */
async function readJournalEntries(client, { path, schemas }) {
    const { rows: journals } = await client.query(`SELECT format('%I.%I', n.nspname, c.relname) AS name,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND ($2 AND pg_table_is_visible(c.oid) OR n.nspname = ANY ($3::text[]))`, [journalName, path, schemas]);
    const readable = journals.filter((journal) => journal.readable);
    if (journals.length > 0 && readable.length === 0) {
        throw new errors/* UserError */.yo(`the database user may not read ${journals.map(({ name }) => name).join(', ')}`);
    }
    const rows = [];
    for (const { name } of readable)
        rows.push(...(await journal_entries_readRows(client, name)));
    return readable.length === 0 ? null : rows;
}
async function journal_entries_readRows(client, table) {
    const { rows } = await client
        .query(`SELECT version, contract, extract(epoch FROM clock_timestamp() - started_at)::float8 AS "ageSeconds" FROM ${table}`)
        .catch((error) => {
        throw table_access_readError(error, table);
    });
    return rows.map((row) => ({ ...row, repeatable: isRepeatable(row.version), listedIn: 'journal' }));
}
/** By its name, as flyway's are called. */
function isRepeatable(version) {
    return version.startsWith('R__');
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

;// CONCATENATED MODULE: ./packages/migrations/src/run/tool-versions.ts




/** Version tables of tools that run their own migrations, as to_regclass takes them, and the query that lists each. */
const tool_versions_known = [
    ...otherTools.flatMap(({ versions }) => versions ?? []),
    ...formats.flatMap(({ table: { schema, name, versions } }) => versions === null ? [] : [{ table: schema === null ? name : `${schema}.${name}`, sql: versions }]),
];
/**
 * The query whose first column lists the versions that a tool has applied, oldest first.
 * @returns null when there is no known version table, as before the very first migration.
 * @throws UserError when there are several: nothing says which of them is meant.
 */
async function findVersionQuery(client) {
    const values = tool_versions_known.map(({ table }) => `(${quoteLiteral(table)})`).join(', ');
    const { rows } = await client.query(`SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`);
    const existing = new Set(rows.map(({ name }) => name));
    const [found, second] = tool_versions_known.filter(({ table }) => existing.has(table));
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
async function readContractMigrations(question) {
    const { url, timeoutMs, format, named, redactor } = question;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([question.signal, deadline]);
    const during = 'the inspection of the database';
    let client;
    const cut = () => client && cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        client = await connect({ url, applicationName: 'slipway rollback', timeoutMs, signal, redactor });
        // A query that the users wrote is among them. The settings end with the transaction, also behind a pooler.
        await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = '1s'`);
        return named ? await listNamed(client, named) : await listMarked(client, format);
    }
    catch (error) {
        if (question.signal.aborted)
            throw new errors/* Cancelled */.cJ(during);
        if (deadline.aborted)
            throw connectionError({ code: 'ETIMEDOUT' });
        throw asDatabaseError(error, during);
    }
    finally {
        signal.removeEventListener('abort', cut);
        if (client)
            await closeConnection(client);
    }
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

;// CONCATENATED MODULE: ./packages/migrations/src/index.ts































/***/ })

};
