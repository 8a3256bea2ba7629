export const id = 451;
export const ids = [451];
export const modules = {

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


/***/ }),

/***/ 3110:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ describeServer),
/* harmony export */   q: () => (/* binding */ serverVersion)
/* harmony export */ });
async function serverVersion(client) {
    const { major, version } = await describeServer(client);
    return { major, version };
}
/** The version, and the server process that answers, which a pooler may hide from the client. */
async function describeServer(client) {
    const { rows } = await client.query(`SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version,
       pg_backend_pid() AS process`);
    const { major, version, process } = rows[0] ?? {};
    return { major: Number(major), version: String(version), process: Number(process) };
}


/***/ })

};
