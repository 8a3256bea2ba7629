export const id = 94;
export const ids = [94];
export const modules = {

/***/ 46094:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  probeDatabase: () => (/* reexport */ probeDatabase)
});

// UNUSED EXPORTS: addressOf, asDatabaseError, causeOf, closeConnection, connect, connectionEnvironment, connectionError, createRunLock, cutConnection, describeLost, diffSchemas, isConnectionLost, isWorking, keepalives, openSession, quoteIdentifier, quoteLiteral, readSchemaSnapshot, schemaOf, serverVersion, sessionName, workKey, workingSession

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(10668);
// EXTERNAL MODULE: ./packages/kernel/src/poll.ts
var poll = __webpack_require__(81170);
// EXTERNAL MODULE: ./node_modules/pg/esm/index.mjs
var esm = __webpack_require__(83849);
// EXTERNAL MODULE: ./packages/kernel/src/duration.ts
var duration = __webpack_require__(20231);
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
var outside_text = __webpack_require__(16094);
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

;// CONCATENATED MODULE: ./packages/postgres/src/connection/server-version.ts
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

;// CONCATENATED MODULE: ./packages/postgres/src/connection/probe.ts




/**
 * Connects and asks for the version. A failure is a result with a reason and a hint, which hold neither the URL nor the
 * password.
 * @param options.timeoutMs For the whole exchange. @throws Cancelled
 */
async function probeDatabase(url, options) {
    const { timeoutMs } = options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([options.signal, deadline]);
    try {
        return { ok: true, version: await askVersion(url, { ...options, signal }) };
    }
    catch (error) {
        if (options.signal.aborted)
            throw new errors/* Cancelled */.cJ('connecting to the database');
        if (deadline.aborted)
            return { ok: false, ...explainConnection({ code: 'ETIMEDOUT' }) };
        if (error instanceof errors/* UserError */.yo) {
            return { ok: false, reason: reasonOf(error), hint: error.hint ?? 'Check the database URL.' };
        }
        return { ok: false, ...explainConnection(error) };
    }
}
async function askVersion(url, options) {
    const { signal } = options;
    const client = await connect({ url, applicationName: 'slipway preflight', ...options });
    const cut = () => cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        return (await serverVersion(client)).version;
    }
    finally {
        signal.removeEventListener('abort', cut);
        await closeConnection(client);
    }
}

;// CONCATENATED MODULE: ./packages/postgres/src/index.ts













/***/ })

};
