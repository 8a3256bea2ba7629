export const id = 48;
export const ids = [48];
export const modules = {

/***/ 1048:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  probeDatabase: () => (/* reexport */ probeDatabase)
});

// UNUSED EXPORTS: AppliedMeanwhile, appliedOf, asDatabaseError, assertWritable, backUp, bareWork, batchWork, buildWork, connectFor, contentProblems, contractOf, decodeManifest, describeLock, describeLoss, detectFormat, diffSchemas, dumpSchema, explainStatement, fillShadow, findVersionQuery, fingerprintOf, formatNames, formatOf, formatSize, idempotenceProblems, isWorking, judgeDrift, judgeProjections, judgeStaging, keepSchema, lintScripts, listVersions, loadGrammar, locksOf, makeRestorePoint, newestVersion, noteVersions, numberingGaps, openSession, openStore, ownTransactions, parseKey, planMigrations, previewRestore, readAssertionFiles, readCatalog, readContracts, readDurations, readFolder, readJournal, readKeptSchema, readMigrationFolder, readNotedVersions, readProjections, readSchemaSnapshot, readScript, readStanding, rehearse, restoreDatabase, ruleNames, runAssertions, runBatch, runSnapshotCommand, runWork, runsAlone, schemaOf, schemaTableBeside, scriptProblems, settleContracts, sharedChange, sqlProblems, sqlText, standingOf, textOfBatch, transactionMode, transactionText, unwrapTransaction, verifyVersions

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
;// CONCATENATED MODULE: ./packages/database/src/connection/connection-error.ts

/** By SQLSTATE of the server (PostgreSQL manual, appendix A) or by error code of the socket. */
const known = {
    '28P01': {
        reason: 'the database refused the password',
        hint: 'Check user and password in the database URL.',
    },
    '28000': {
        reason: 'the database refused the user, or the address or encryption it comes with',
        hint: 'Check the user and pg_hba.conf of the server; a server that demands TLS needs sslmode=require in the URL.',
    },
    '3D000': {
        reason: 'the server has no database of that name',
        hint: 'Check the name at the end of the database URL, or create the database.',
    },
    '53300': {
        reason: 'the server has no connection left',
        hint: 'Lower the pools of the application, or raise max_connections.',
    },
    '57P03': {
        reason: 'the server is starting up or shutting down',
        hint: 'Wait until it accepts connections, then run this again.',
    },
    '55000': {
        reason: 'it is not currently accepting connections',
        hint: 'A restore that was ended in the middle may have closed it: run mode restore again without confirm, which opens it, or, connected to postgres, ALTER DATABASE <name> ALLOW_CONNECTIONS true.',
    },
    '42501': { reason: 'the user may not connect to the database', hint: 'GRANT CONNECT ON DATABASE to it.' },
    ECONNREFUSED: {
        reason: 'nothing listens at the address',
        hint: 'Check host and port, and that the server runs.',
    },
    ENOTFOUND: {
        reason: 'the host name could not be resolved',
        hint: 'Check the host in the database URL, and that the runner may resolve it.',
    },
    EAI_AGAIN: {
        reason: 'the host name could not be resolved',
        hint: 'Check the host in the database URL, and that the runner may resolve it.',
    },
    ETIMEDOUT: {
        reason: 'the server did not answer in time',
        hint: 'Check that the runner may reach it: firewall, network, port.',
    },
    '57P01': {
        reason: 'the server ended the connection',
        hint: 'See the log of the server: it was shut down, or somebody ended the session.',
    },
    ENOENT: {
        reason: 'the socket of the server is not there',
        hint: 'Check the folder of the socket and the port in the database URL, and that the server runs.',
    },
    EHOSTUNREACH: {
        reason: 'the host cannot be reached',
        hint: 'Check that the runner may reach it: firewall, network.',
    },
    ECONNRESET: {
        reason: 'the server closed the connection',
        hint: 'Check that this is the port of a PostgreSQL server.',
    },
};
/** The sentence for whatever connecting threw. */
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
        hint: 'Check the database URL and that the runner may reach the server.',
    };
}
const noPassword = {
    reason: 'the server asks for a password, and the database URL has none',
    hint: 'Write it as postgresql://user:password@host:port/database, percent-encoded.',
};
function encryption(message) {
    return {
        reason: `there is no encrypted connection: ${message}`,
        hint: 'Certificates are verified: name the authority by sslrootcert=<file> in the database URL. For a server without TLS leave sslmode out.',
    };
}
/** The same as an error: the user's, since nothing was done yet. */
function connectionError(error) {
    const { reason, hint } = explainConnection(error);
    return new src/* UserError */.yo(`the database cannot be reached: ${reason}`, { hint });
}
/** Whether the server is there and takes no connections yet, or none any more: it is starting up or shutting down. */
function isNotReady(error) {
    return error?.code === '57P03';
}
/** @param said By the server. @param waited Milliseconds. */
function notReady(said, waited) {
    return new src/* UserError */.yo(`the database cannot be reached: the server was not ready within ${(0,src/* formatDuration */.a3)(waited)}: ${said}`, {
        hint: 'See the log of the server: it recovers from a crash or from an archive, which may take long, and a restore_command that hangs holds it up. Run this again when it takes connections.',
    });
}

;// CONCATENATED MODULE: ./packages/database/src/connection/connect.ts


/** @throws UserError that says why there is no connection, without the URL; Cancelled. */
async function connect(options) {
    const { signal, patience } = options;
    const explained = (error) => {
        if (signal.aborted)
            return new src/* Cancelled */.cJ('connecting to the database');
        return error instanceof src/* UserError */.yo ? error : connectionError(error);
    };
    if (!patience) {
        return connectOnce(options).catch((error) => {
            throw explained(error);
        });
    }
    const { clock, log, within = startsWithin } = patience;
    let told = false;
    const wait = { clock, signal, every: 500, within, during: 'connecting to the database' };
    const tried = await (0,src/* poll */.wt)(wait, async () => {
        try {
            return { done: true, value: await connectOnce(options) };
        }
        catch (error) {
            if (signal.aborted || !isNotReady(error))
                throw explained(error);
            if (!told)
                log.info(`waiting for the server: ${error.message}`);
            told = true;
            return { done: false, seen: error.message };
        }
    });
    if (tried.ok)
        return tried.value;
    throw notReady(tried.seen, within);
}
/** Milliseconds in which a server recovers from most crashes. */
const startsWithin = 120_000;
/** @throws whatever the driver throws; UserError when there is nothing to connect with. */
async function connectOnce(options) {
    const { signal } = options;
    const client = await createClient(options);
    if (signal.aborted)
        throw new src/* Cancelled */.cJ('connecting to the database');
    // Without a listener, a server that goes away would end the process instead of the query.
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
async function createClient({ url, applicationName, timeout }) {
    const expected = 'expected postgresql://user:password@host:port/database';
    if (!/^postgres(?:ql)?:\/\//.test(url))
        throw new src/* UserError */.yo(`the database URL is not one: ${expected}`);
    const { default: pg } = await __webpack_require__.e(/* import() */ 849).then(__webpack_require__.bind(__webpack_require__, 3849));
    try {
        return new pg.Client({
            connectionString: url,
            connectionTimeoutMillis: timeout,
            // PostgreSQL keeps 63 bytes of it and replaces what is not ASCII.
            application_name: applicationName.replace(/[^ -~]/g, '?').slice(0, 63),
            keepAlive: true,
        });
    }
    catch (error) {
        // The parser's own error may hold the URL: of it only the code of a file that is missing is told.
        const { code } = error;
        if (code === 'ENOENT' || code === 'EACCES') {
            throw new src/* UserError */.yo('a certificate file that the database URL names cannot be read', {
                hint: 'Check sslrootcert, sslcert and sslkey in the database URL.',
            });
        }
        throw new src/* UserError */.yo(`the database URL cannot be read: ${expected}`, {
            hint: 'Percent-encode special characters of the password: @ is %40, / is %2F, # is %23, % is %25.',
        });
    }
}
/** Ends a connection at once, without waiting for what it is doing. */
function cutConnection(client) {
    client.connection.stream.destroy();
}
/** Milliseconds that a server gets to take a good-bye. */
const farewell = 1000;
/** Ends a connection as the protocol wants it, so that the server's log does not complain of a lost client. */
async function closeConnection(client) {
    const timer = setTimeout(() => cutConnection(client), farewell);
    await client.end().catch(() => undefined);
    clearTimeout(timer);
}
async function serverVersion(client) {
    const { major, version } = await describeServer(client);
    return { major, version };
}
/** Its version, and the server process that answers, whatever one the client was told of when it connected. */
async function describeServer(client) {
    const { rows } = await client.query(`SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version,
       pg_backend_pid() AS process`);
    const { major, version, process } = rows[0] ?? {};
    return { major: Number(major), version: String(version), process: Number(process) };
}

;// CONCATENATED MODULE: ./packages/database/src/connection/probe.ts



/**
 * Connects and asks for the version. A database that is not well is an answer that says why, in words that hold
 * neither the URL nor the password.
 * @param options.timeout Milliseconds for the whole exchange.
 * @throws Cancelled
 */
async function probeDatabase(url, options) {
    const deadline = AbortSignal.timeout(options.timeout);
    const signal = AbortSignal.any([options.signal, deadline]);
    try {
        return { ok: true, version: await askVersion(url, options.timeout, signal) };
    }
    catch (error) {
        if (options.signal.aborted)
            throw new src/* Cancelled */.cJ('the look at the database');
        if (deadline.aborted)
            return { ok: false, ...explainConnection({ code: 'ETIMEDOUT' }) };
        if (error instanceof src/* UserError */.yo) {
            const reason = error.message.replace('the database cannot be reached: ', '');
            return { ok: false, reason, hint: error.hint ?? 'Check the database URL.' };
        }
        return { ok: false, ...explainConnection(error) };
    }
}
async function askVersion(url, timeout, signal) {
    const client = await connect({ url, applicationName: 'slipway preflight', timeout, signal });
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

;// CONCATENATED MODULE: ./packages/database/src/index.ts

























































/***/ })

};
