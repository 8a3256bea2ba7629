export const id = 528;
export const ids = [528];
export const modules = {

/***/ 4528:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  probeDatabase: () => (/* reexport */ probeDatabase)
});

// UNUSED EXPORTS: applyFile, assertWritable, backUp, connectFor, contentProblems, createVersionTable, insertVersion, newestVersion, openSession, parseMigrations, planMigrations, readMigrations, readVersionTable, sqlText, verifyVersions

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 148 modules
var src = __webpack_require__(5387);
;// CONCATENATED MODULE: ./packages/database/src/run-lock.ts

/** Advisory lock of a run: the first eight bytes of sha256("slipway db-migrate") as a signed bigint. */
const runKey = '6515494249964605202';
/** Held, shared, by the transaction of a file that is being run: the same of sha256("slipway db-migrate work"). */
const run_lock_workKey = '7268168143678278203';
/**
 * Keeps two migrations of one database apart. The lock lives in an open READ COMMITTED transaction of a connection of
 * its own: it goes when the process dies, holds back no vacuum and no concurrent index, and is right behind a pooler.
 * A run that was killed may have left a statement running for a moment: that is waited for as well.
 * @throws Fault that names who holds it when it is not free in time; Cancelled.
 */
async function run_lock_takeRunLock(client, options) {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    let told = '';
    const wait = { ...options, every: 500, during: 'the wait for another migration' };
    const taken = await poll(wait, async () => {
        const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS taken', [runKey]);
        const seen = await holderOf(client, rows[0]?.taken === true ? run_lock_workKey : runKey);
        if (seen === null && rows[0]?.taken === true)
            return { done: true, value: true };
        if (seen !== null && told === '')
            options.log.info(`waiting for another migration: ${seen}`);
        told = seen ?? told;
        return { done: false, seen: seen ?? 'its session just ended' };
    });
    if (taken.ok)
        return;
    throw new Fault(`another migration of this database is running: ${taken.seen}`, {
        hint: 'Wait until it is done and run this again. If it hangs, end it with SELECT pg_terminate_backend(<session>).',
    });
}
/** Who holds a lock of ours; null when nobody else does. */
async function holderOf(client, key) {
    // Within a transaction PostgreSQL shows the same picture of sessions again and again.
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await client.query(`SELECT a.pid, a.application_name AS name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.pid <> pg_backend_pid() AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
     LIMIT 1`, [key]);
    const found = rows[0];
    if (!found)
        return null;
    return `session ${found.pid} (${found.name || 'unnamed'}), since ${found.since} UTC`;
}
/** @throws Fault when the connection that holds the lock is gone: another run may have begun. */
async function run_lock_assertLocked(client) {
    await client.query('SELECT 1').catch((cause) => {
        throw new Fault('the lock on the database was lost, because the server ended its connection', {
            cause,
            hint: 'See the log of the server. Run this again: it goes on where it stopped.',
        });
    });
}

;// CONCATENATED MODULE: ./packages/database/src/connection-error.ts

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

;// CONCATENATED MODULE: ./packages/database/src/connect.ts


/** @throws UserError that says why there is no connection, without the URL; Cancelled. */
async function connect_connect(options) {
    const { signal } = options;
    if (signal.aborted)
        throw new src/* Cancelled */.cJ('connecting to the database');
    const client = await createClient(options);
    // Without a listener, a server that goes away would end the process instead of the query.
    client.on('error', () => undefined);
    const cut = () => connect_cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        await client.connect();
        return client;
    }
    catch (error) {
        cut();
        if (signal.aborted)
            throw new src/* Cancelled */.cJ('connecting to the database');
        throw connectionError(error);
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
function connect_cutConnection(client) {
    client.connection.stream.destroy();
}
/** Milliseconds that a server gets to take a good-bye. */
const farewell = 1000;
/** Ends a connection as the protocol wants it, so that the server's log does not complain of a lost client. */
async function connect_closeConnection(client) {
    const timer = setTimeout(() => connect_cutConnection(client), farewell);
    await client.end().catch(() => undefined);
    clearTimeout(timer);
}
async function connect_serverVersion(client) {
    const { rows } = await client.query("SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version");
    return { major: Number(rows[0]?.major), version: String(rows[0]?.version) };
}

;// CONCATENATED MODULE: ./packages/database/src/session.ts


const connectWithin = 15_000;
/** Milliseconds after the cancellation until connections are cut; the step has 7.5 s in all. */
const politeness = 3000;
/** One more connection that is known by the release's name. @throws UserError, Cancelled */
function connectFor({ url, release, signal }, timeout = connectWithin) {
    return connect({ url, applicationName: `slipway db-migrate ${release}`, timeout, signal });
}
/** @throws UserError that says why the database cannot be reached; Cancelled. */
async function openSession(options) {
    const open = [];
    try {
        for (let count = 0; count < 3; count++)
            open.push(await connectFor(options));
        const [worker, observer, holder] = open;
        const server = await serverVersion(worker);
        const release = cancelOnAbort(options.signal, worker, observer, open);
        const { clock, signal } = options;
        return {
            worker,
            observer,
            server,
            connectedTo: addressOf(worker),
            lock: (within, log) => takeRunLock(holder, { clock, signal, log, within }),
            assertLocked: () => assertLocked(holder),
            async end() {
                release();
                await Promise.all(open.splice(0).map(closeConnection));
            },
        };
    }
    catch (error) {
        open.forEach(cutConnection);
        throw error;
    }
}
/** On cancellation the running statement is cancelled first, so that the state can be read afterwards. */
function cancelOnAbort(signal, worker, observer, open) {
    let timer;
    const onAbort = () => {
        observer.query('SELECT pg_cancel_backend($1)', [session_sessionId(worker)]).catch(() => undefined);
        timer = setTimeout(() => open.forEach(cutConnection), politeness);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted)
        onAbort();
    return () => {
        signal.removeEventListener('abort', onAbort);
        clearTimeout(timer);
    };
}
/** Process id of the session at the server. */
function session_sessionId(client) {
    return client.processID;
}
function addressOf(client) {
    const { host, port, user = '', password, database = '' } = client;
    return { host, port, user, password: typeof password === 'string' ? password : '', database };
}

;// CONCATENATED MODULE: ./packages/database/src/apply.ts




const mostTries = 5;
/** Full jitter up to these milliseconds, so that two runs do not march in step. */
const backoff = { first: 200, most: 8000 };
/**
 * The text of a transaction, sent as one simple query. Before the file: the lock that tells the next run, should this
 * one be killed, that its statement still runs; where the server knows how (PostgreSQL 14), the order to stop a
 * statement whose client is gone; and the time limits. Pure.
 */
function transactionText(limits, it) {
    const prelude = [
        'BEGIN',
        `SELECT pg_advisory_xact_lock_shared(${workKey})`,
        "DO $slipway$ BEGIN PERFORM set_config('client_connection_check_interval', '1s', true); EXCEPTION WHEN OTHERS THEN NULL; END $slipway$",
        `SET LOCAL lock_timeout = ${limits.lockTimeout}`,
        `SET LOCAL statement_timeout = ${limits.statementTimeout}`,
    ];
    const head = `${prelude.join(';\n')};\n`;
    const after = it.after === '' ? '' : `${it.after};\n`;
    return { text: `${head}${it.sql}\n;\n${after}COMMIT;`, start: head.length, prelude: prelude.length };
}
/**
 * Runs a file in one transaction. Waiting for a lock gives up after `lockTimeout`, so that the queries behind ours in
 * the queue do not wait with us, and is tried again; anything else that fails is final.
 * @returns milliseconds of the try that succeeded.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the transaction came through
 * is then asked from the version table, not guessed from the error.
 */
async function applyFile(target, it) {
    const { clock, signal, worker, log } = target;
    const { text, start, prelude } = transactionText(target, it);
    for (let tries = 1;; tries++) {
        if (signal.aborted)
            throw new Cancelled(`the time before ${it.file}`);
        const begun = clock.monotonic();
        const blockers = watchBlockers(target);
        const progress = countCompleted(worker);
        try {
            // What the file before set for its session (search_path, role, temporary tables) must not reach this one.
            await worker.query('DISCARD ALL');
            progress.reset();
            await worker.query(text);
            return clock.monotonic() - begun;
        }
        catch (error) {
            const completed = progress.count() - prelude;
            const blocked = await blockers.stop();
            if (signal.aborted)
                throw new Cancelled(it.file);
            await worker.query('ROLLBACK').catch(() => undefined);
            const sent = { ...it, text, start, completed };
            if (!isContention(error) || tries >= mostTries)
                throw failure(error, sent, tries, blocked);
            log.info(`${it.file}: ${describeError(error)}${by(blocked)}; try ${tries + 1} of ${mostTries} follows`);
            await clock.sleep(Math.random() * Math.min(backoff.most, backoff.first * 2 ** tries), signal);
        }
        finally {
            progress.stop();
            await blockers.stop();
        }
    }
}
/** Remembers who blocked the worker: after the timeout nobody does any more. */
function watchBlockers({ worker, observer, lockTimeout }) {
    let last = '';
    let asking;
    const ask = async () => {
        const found = await blockersOf(observer, sessionId(worker)).catch(() => '');
        if (found !== '')
            last = found;
        asking = undefined;
    };
    const timer = setInterval(() => {
        asking ??= ask();
    }, Math.max(100, lockTimeout / 3));
    return {
        async stop() {
            clearInterval(timer);
            await asking;
            return last;
        },
    };
}
/** Counts the statements that the server reports as done: an error at run time carries no position. */
function countCompleted(worker) {
    const { connection } = worker;
    let done = 0;
    const onComplete = () => {
        done++;
    };
    connection.on('commandComplete', onComplete);
    return {
        count: () => done,
        reset: () => {
            done = 0;
        },
        stop: () => connection.off('commandComplete', onComplete),
    };
}
function failure(error, sent, tries, blocked) {
    const { place, statement, sqlstate, message } = explainStatement(error, sent);
    const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
    const where = statement === '' ? '' : ` in "${statement}"`;
    const often = tries > 1 ? `, ${tries} times` : '';
    return new Fault(`${place}: ${message}${state}${where}${often}${by(blocked)}`, { cause: error });
}
function by(blocked) {
    return blocked === '' ? '' : `; blocked by ${blocked}`;
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./packages/database/src/backup.ts






/**
 * Dumps the database into one file and writes a manifest with its sha256 beside it, last: a dump without a manifest
 * is none. What a killed run of the same database left behind is cleared away first; the run lock keeps others away.
 * @throws UserError when the folder cannot be used; Fault when there is no complete dump at the end, and then no file
 * is left; Cancelled.
 */
async function backUp(options) {
    const { folder, facts } = options;
    const database = databaseId(options.connectedTo);
    await prepareFolder(folder, `.${database}.dump.partial`);
    const moment = facts.at.toISOString().replace(/[-:.]/g, '');
    const name = `${facts.release.replace(/[^\w.-]/g, '_')}-${moment}.${database}.dump`;
    const file = path.join(folder, name);
    const [partial, manifest] = [`${file}.partial`, `${file}.manifest.json`];
    const made = [partial];
    try {
        await dump(options, partial);
        const sealed = await seal(partial);
        // Unlike a rename, a link never replaces a backup that is there.
        await link(partial, file);
        made.push(file);
        await rm(partial);
        await writeManifest(manifest, options, { file: name, ...sealed });
        return { file, manifest, ...sealed };
    }
    catch (error) {
        await Promise.all(made.map((one) => rm(one, { force: true })));
        if (error instanceof Fault || error instanceof UserError || error instanceof Cancelled)
            throw error;
        throw failed(describeError(error), error);
    }
}
/** Tells the databases apart whose backups share a folder: host, port and name, never user or password. */
function databaseId({ host, port, database }) {
    return createHash('sha256').update(`${host}:${port}/${database}`).digest('hex').slice(0, 8);
}
function failed(reason, cause) {
    const full = /no space left|ENOSPC|disk quota|EDQUOT/i.test(reason);
    return new Fault(`the backup failed, and nothing was changed: ${reason}`, {
        cause,
        hint: full
            ? 'Free space in the backup folder, or set database.backup.to to another folder.'
            : 'Mend the cause and run this again; without a backup no migration runs.',
    });
}
async function prepareFolder(folder, leftover) {
    try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const left = (await readdir(folder)).filter((name) => name.endsWith(leftover));
        await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
    }
    catch (cause) {
        throw new UserError(`the backup folder ${folder} cannot be used: ${describeError(cause)}`, {
            cause,
            hint: 'Set database.backup.to to a folder that this user can write. Nothing was changed.',
        });
    }
}
async function dump(options, partial) {
    // Made before pg_dump opens it, so that nobody else can read it at any time.
    await (await open(partial, 'wx', 0o600)).close();
    const done = await options.exec({
        argv: [
            options.pgDump,
            '--format=custom',
            '--no-password',
            '--lock-wait-timeout=10s',
            `--file=${partial}`,
        ],
        env: connectionEnvironment(options.connectedTo, options.url),
    });
    if (done.code === 0)
        return;
    const how = done.code === null ? 'was ended by a signal' : `exited ${done.code}`;
    throw failed(`pg_dump ${how}: ${lastLines(done, 3) || 'without a word'}`);
}
/** Makes the dump durable and computes what proves it. An empty file is no backup. */
async function seal(partial) {
    const handle = await open(partial, 'r+');
    await handle.sync().finally(() => handle.close());
    const { size } = await stat(partial);
    if (size === 0)
        throw failed('pg_dump wrote an empty file');
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(partial))
        hash.update(chunk);
    return { sha256: hash.digest('hex'), bytes: size };
}
async function writeManifest(manifest, { connectedTo, facts, folder }, dumped) {
    const { at, ...rest } = facts;
    const content = {
        schema: 1,
        ...dumped,
        database: connectedTo.database,
        ...rest,
        createdAt: at.toISOString(),
    };
    const handle = await open(manifest, 'wx', 0o600);
    try {
        await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
        await handle.sync();
    }
    finally {
        await handle.close();
    }
    // The names have to survive a crash of the machine as well as the bytes.
    const names = await open(folder, 'r');
    await names.sync().finally(() => names.close());
}

;// CONCATENATED MODULE: ./packages/database/src/sql-problems.ts

const transactionWords = new Set(['begin', 'commit', 'rollback', 'end', 'abort', 'start']);
const marker = /^[ \t]*--[ \t]*slipway:[ \t]*(.*?)\s*$/gim;
/** The text of a SQL file, without the byte order mark that some editors put first. */
function sql_problems_sqlText(content) {
    return content.toString('utf8').replace(/^\uFEFF/, '');
}
/** What keeps a file from being run in one transaction of ours, each with file:line:column. Pure. */
function sql_problems_contentProblems(file, content) {
    if (!Buffer.from(content.toString('utf8'), 'utf8').equals(content))
        return [`${file}: the file is not UTF-8`];
    if (content.includes(0))
        return [`${file}: the file holds a NUL byte; save it as UTF-8 text`];
    const sql = sql_problems_sqlText(content);
    const { statements, backslashes } = scanStatements(sql);
    if (statements.length === 0)
        return [`${file}: the file holds no statement`];
    const at = (offset, problem) => {
        const { line, column } = positionAt(sql, offset);
        return `${file}:${line}:${column}: ${problem}`;
    };
    return [
        ...[...sql.matchAll(marker)]
            .filter((match) => !/^contract\b/i.test(match[1] ?? ''))
            .map((match) => at(match.index, `"slipway: ${match[1]}" is not known; the one marker is "contract"`)),
        ...backslashes.slice(0, 3).map((offset) => at(offset, 'commands with a backslash work only in psql')),
        ...statements.flatMap((statement) => {
            const problem = statementProblem(statement);
            return problem === undefined ? [] : [at(statement.offset, problem)];
        }),
    ];
}
/** Why a statement cannot be part of a transaction that somebody else begins and commits. */
function statementProblem({ words }) {
    const [first = '', second = ''] = words;
    const name = first.toUpperCase();
    if (transactionWords.has(first) || (first === 'prepare' && second === 'transaction')) {
        return `${name} is not allowed here: every file runs in one transaction of its own`;
    }
    const concurrent = words.includes('concurrently') && first !== 'refresh';
    const global = ['create', 'drop'].includes(first) && ['database', 'tablespace', 'subscription'].includes(second);
    const alone = first === 'vacuum' || (first === 'alter' && second === 'system') || global;
    if (!concurrent && !alone)
        return undefined;
    const what = concurrent
        ? `${name} … CONCURRENTLY`
        : alone && !second
            ? name
            : `${name} ${second.toUpperCase()}`;
    return `${what} cannot run in a transaction: run it by hand before the release, and leave it out here`;
}

;// CONCATENATED MODULE: ./packages/database/src/migration-files.ts





const named = /^(\d+)_[^/]*\.sql$/;
const undoing = /\.(?:down|rollback|undo)\.sql$/;
const contractMarker = /^[ \t]*--[ \t]*slipway:[ \t]*contract\b/im;
/**
 * Reads the migrations of a folder, lowest number first; down files are left out.
 * @param folder Path relative to `workspace`.
 * @throws UserError with everything that is wrong with the files, before anything runs.
 */
async function readMigrations(workspace, folder) {
    const names = await readdir(path.join(workspace, folder)).catch((cause) => {
        throw new UserError(`there is no folder ${folder} for the migrations`, {
            cause,
            hint: 'Set database.migrations.dir.',
        });
    });
    const wanted = names.filter((name) => name.endsWith('.sql') && !undoing.test(name));
    const files = await Promise.all(wanted.map(async (name) => ({
        file: path.posix.join(folder, name),
        content: await readFile(path.join(workspace, folder, name)).catch((cause) => {
            throw new UserError(`${path.posix.join(folder, name)} cannot be read: ${describeError(cause)}`, {
                cause,
            });
        }),
    })));
    if (files.length === 0) {
        throw new UserError(`the folder ${folder} holds no migrations`, {
            hint: 'Number the first one, as in 001_first.sql, or leave the "database" section out.',
        });
    }
    return parseMigrations(files);
}
/** The pure part: names and bytes to migrations. */
function parseMigrations(files) {
    const problems = [];
    const migrations = [];
    for (const { file, content } of files) {
        const version = named.exec(path.posix.basename(file))?.[1];
        if (version === undefined) {
            problems.push(`${file}: the name does not begin with a number and "_", as in 003_add_language.sql`);
            continue;
        }
        problems.push(...contentProblems(file, content));
        const sql = sqlText(content);
        migrations.push({
            version,
            file,
            sql,
            sha256: checksum(content),
            class: contractMarker.test(sql) ? 'contract' : 'expand',
        });
    }
    problems.push(...numberProblems(migrations));
    if (problems.length > 0) {
        throw new UserError(`the migrations cannot be run:\n${problems.join('\n')}`, {
            hint: 'Nothing was changed.',
        });
    }
    return migrations.sort((a, b) => migration_files_compareVersions(a.version, b.version));
}
/** sha256 of the file with LF line ends, so that a checkout on Windows is the same migration. */
function checksum(content) {
    const plain = content.includes('\r\n') ? content.toString('latin1').replaceAll('\r\n', '\n') : undefined;
    const bytes = plain === undefined ? content : Buffer.from(plain, 'latin1');
    return createHash('sha256').update(bytes).digest('hex');
}
/** Numeric, for numbers of any length. */
function migration_files_compareVersions(a, b) {
    const [one, other] = [BigInt(a), BigInt(b)];
    return one < other ? -1 : one > other ? 1 : 0;
}
function numberProblems(migrations) {
    const problems = [];
    const byNumber = new Map();
    for (const migration of migrations) {
        const number = BigInt(migration.version).toString();
        const twin = byNumber.get(number);
        if (twin)
            problems.push(`${migration.file}: ${twin.file} has the same number`);
        byNumber.set(number, migration);
    }
    const widths = new Map(migrations.map((migration) => [migration.version.length, migration.file]));
    if (widths.size > 1) {
        // ORDER BY version on text, which everybody uses to ask for the newest, would lie.
        problems.push(`${[...widths.values()].join(', ')}: the numbers have different lengths; pad them with zeros to the same one`);
    }
    return problems;
}

;// CONCATENATED MODULE: ./packages/database/src/plan.ts


/**
 * What is to be done, from the files and the table. Pure.
 * @param release Id of the release. What an earlier attempt of it applied counts as its own: the version that ran
 * before is no younger for it.
 * @throws UserError that names every contradiction between files and table at once.
 */
function planMigrations(files, applied, release) {
    const problems = contradictions(files, applied);
    if (problems.length > 0) {
        throw new UserError(`the migrations and the database do not agree:\n${problems.join('\n')}`, {
            hint: 'Nothing was changed.',
        });
    }
    const rows = new Map(applied.map((row) => [row.version, row]));
    const pending = files.filter(({ version }) => !rows.has(version));
    const earlier = files.filter(({ version }) => rows.get(version)?.release === release);
    const changes = [...earlier, ...pending];
    const contracts = changes.some((migration) => migration.class === 'contract');
    return {
        pending,
        earlier: earlier.map(({ version }) => version),
        current: newestVersion(applied),
        before: newestVersion(applied.filter((row) => row.release !== release)),
        class: changes.length === 0 ? 'none' : contracts ? 'contract' : 'expand',
    };
}
/** The highest number; null of none. */
function newestVersion(rows) {
    return (rows
        .map(({ version }) => version)
        .sort(compareVersions)
        .at(-1) ?? null);
}
function contradictions(files, applied) {
    const rows = new Map(applied.map((row) => [row.version, row]));
    const newest = newestVersion(applied);
    const missing = applied.filter(({ version }) => !files.some((file) => file.version === version));
    return [
        ...missing.map(({ version }) => `version ${version} is in the database, but has no file: is this an older checkout?`),
        ...files.flatMap(({ file, version, sha256 }) => {
            const row = rows.get(version);
            if (row) {
                const same = row.sha256 === null || row.sha256 === sha256;
                return same ? [] : [`${file}: was changed after it had been applied; write a new migration instead`];
            }
            const late = newest !== null && compareVersions(version, newest) < 0;
            return late ? [`${file}: is new, but ${newest} was applied already; give it a higher number`] : [];
        }),
    ];
}
/** What differs between the files and the table when every file should be in it. Pure; empty means proven. */
function verifyVersions(files, applied) {
    const rows = new Set(applied.map(({ version }) => version));
    const missing = files.filter(({ version }) => !rows.has(version));
    return [
        ...missing.map(({ version }) => `version ${version} is missing in the database`),
        ...contradictions(files.filter(({ version }) => rows.has(version)), applied),
    ];
}

;// CONCATENATED MODULE: ./packages/database/src/probe.ts



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
    const client = await connect_connect({ url, applicationName: 'slipway preflight', timeout, signal });
    const cut = () => connect_cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        return (await connect_serverVersion(client)).version;
    }
    finally {
        signal.removeEventListener('abort', cut);
        await connect_closeConnection(client);
    }
}

;// CONCATENATED MODULE: ./packages/database/src/sql-text.ts

/** A value inside a SQL text, right whatever standard_conforming_strings says. */
function sql_text_quoteLiteral(text) {
    const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    return text.includes('\\') ? `E${quoted}` : quoted;
}
/** The error of reading the version table: the user's when it is about privileges. */
function sql_text_refusedReading(error, table) {
    if (error.code === '42501') {
        return new UserError(`the database user may not read ${table}`, {
            cause: error,
            hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
        });
    }
    return new Fault(`${table} cannot be read: ${describeError(error)}`, { cause: error });
}

;// CONCATENATED MODULE: ./packages/database/src/version-table.ts


const columns = (/* unused pure expression or super */ null && (['version', 'sha256', 'applied_at', 'release']));
/**
 * Reads `schema_migrations` where search_path finds it, else names where it will be created.
 * @throws UserError for a table of another tool, and when the user may not read it.
 */
async function readVersionTable(client) {
    const { rows } = await client.query(`SELECT coalesce(
       (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('schema_migrations')),
       quote_ident(current_schema()) || '.schema_migrations') AS name,
     array(SELECT attname::text FROM pg_attribute
       WHERE attrelid = to_regclass('schema_migrations') AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS found,
     to_regclass('ar_internal_metadata') IS NOT NULL AS rails`);
    const { name, found = [], rails } = rows[0] ?? {};
    if (!name) {
        throw new UserError('the search_path of the database user names no schema that exists', {
            hint: 'CREATE SCHEMA public, or set the search_path of the user: ALTER ROLE … SET search_path = ….',
        });
    }
    if (found.length === 0)
        return { name, rows: null };
    if (!columns.every((column) => found.includes(column)))
        throw otherTool(found, rails === true);
    const applied = await client
        .query(`SELECT version::text, sha256, release FROM ${name} ORDER BY version`)
        .catch((error) => {
        throw refusedReading(error, name);
    });
    return { name, rows: applied.rows };
}
/** Four tools call theirs `schema_migrations`; their columns tell them apart. */
function otherTool(found, rails) {
    const only = rails ? 'Rails' : 'dbmate or a tool like it';
    const marks = [
        ['dirty', 'golang-migrate'],
        ['inserted_at', 'Ecto'],
        ['statements', 'Supabase'],
    ];
    const tool = marks.find(([column]) => found.includes(column))?.[1] ?? (found.length === 1 ? only : undefined);
    return new UserError(`the table schema_migrations (${found.join(', ')}) ${tool ? `belongs to ${tool}` : 'was not made by Slipway'}; nothing was changed`, {
        hint: 'Go on with that tool and leave the "database" section out, or rename its table and number the files from here on.',
    });
}
/** `version` stays the digits of the file name, so that ORDER BY version finds the newest. */
function createVersionTable(name) {
    return `CREATE TABLE IF NOT EXISTS ${name} (
  version text PRIMARY KEY CHECK (version ~ '^[0-9]+$'),
  sha256 text,
  applied_at timestamptz NOT NULL DEFAULT now(),
  release text
)`;
}
/** The row that a migration leaves behind in its own transaction. */
function insertVersion(name, row) {
    const values = [row.version, row.sha256, row.release].map(quoteLiteral).join(', ');
    return `INSERT INTO ${name} (version, sha256, release) VALUES (${values})`;
}

;// CONCATENATED MODULE: ./packages/database/src/writable.ts

/**
 * Makes sure, before anything is changed or dumped, that the server takes writes and that the version table can be
 * made where it belongs. @throws UserError that says what is missing.
 */
async function assertWritable(client, table) {
    const { rows } = await client.query(`SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS readonly,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS allowed, current_user AS who`);
    const found = rows[0];
    if (found?.standby) {
        throw new UserError('the server is a standby and takes no changes', {
            hint: 'Put the address of the primary into the database URL, or wait until the failover is done.',
        });
    }
    if (found?.readonly) {
        throw new UserError('the database takes no changes: default_transaction_read_only is on', {
            hint: 'Find out who set it read-only and why (a full disk, a move), then switch it off for this user or database.',
        });
    }
    if (table.rows === null && !found?.allowed) {
        throw new UserError(`the database user ${found?.who} may not create ${table.name}`, {
            hint: `GRANT USAGE, CREATE ON SCHEMA ${table.name.split('.')[0]} TO it, or migrate as the owner of the database.`,
        });
    }
}

;// CONCATENATED MODULE: ./packages/database/src/index.ts











/***/ })

};
