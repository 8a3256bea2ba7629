export const id = 295;
export const ids = [295];
export const modules = {

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

/***/ 2295:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  addressOf: () => (/* reexport */ connect/* addressOf */.ci),
  asDatabaseError: () => (/* reexport */ lost/* asDatabaseError */.gk),
  causeOf: () => (/* reexport */ lost/* causeOf */.rl),
  closeConnection: () => (/* reexport */ connect/* closeConnection */.Bn),
  connect: () => (/* reexport */ connect/* connect */.Ng),
  connectionEnvironment: () => (/* reexport */ libpq/* connectionEnvironment */.M),
  connectionError: () => (/* reexport */ connection_error/* connectionError */.$t),
  createRunLock: () => (/* reexport */ run_lock/* createRunLock */.T3),
  cutConnection: () => (/* reexport */ connect/* cutConnection */.tP),
  describeLost: () => (/* reexport */ lost/* describeLost */.Uk),
  diffSchemas: () => (/* reexport */ schema_snapshot/* diffSchemas */.e),
  isConnectionLost: () => (/* reexport */ lost/* isConnectionLost */.pb),
  isWorking: () => (/* reexport */ run_lock/* isWorking */.ms),
  keepalives: () => (/* reexport */ run_lock/* keepalives */.mf),
  openSession: () => (/* reexport */ openSession),
  probeDatabase: () => (/* reexport */ probeDatabase),
  quoteIdentifier: () => (/* reexport */ quoting/* quoteIdentifier */.Cm),
  quoteLiteral: () => (/* reexport */ quoting/* quoteLiteral */.ce),
  readSchemaSnapshot: () => (/* reexport */ schema_snapshot/* readSchemaSnapshot */.s),
  schemaOf: () => (/* reexport */ quoting/* schemaOf */.pP),
  serverVersion: () => (/* reexport */ server_version/* serverVersion */.q),
  sessionName: () => (/* reexport */ sessionName),
  workKey: () => (/* reexport */ run_lock/* workKey */.z2),
  workingSession: () => (/* reexport */ run_lock/* workingSession */.M5)
});

// EXTERNAL MODULE: ./packages/postgres/src/catalog/schema-snapshot.ts
var schema_snapshot = __webpack_require__(4055);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(4731);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connection-error.ts
var connection_error = __webpack_require__(7123);
// EXTERNAL MODULE: ./packages/postgres/src/connection/libpq.ts
var libpq = __webpack_require__(9830);
// EXTERNAL MODULE: ./packages/postgres/src/connection/lost.ts
var lost = __webpack_require__(546);
// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/postgres/src/connection/server-version.ts
var server_version = __webpack_require__(3110);
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
            return { ok: false, ...(0,connection_error/* explainConnection */.cR)({ code: 'ETIMEDOUT' }) };
        if (error instanceof errors/* UserError */.yo) {
            return { ok: false, reason: (0,connection_error/* reasonOf */.A3)(error), hint: error.hint ?? 'Check the database URL.' };
        }
        return { ok: false, ...(0,connection_error/* explainConnection */.cR)(error) };
    }
}
async function askVersion(url, options) {
    const { signal } = options;
    const client = await (0,connect/* connect */.Ng)({ url, applicationName: 'slipway preflight', ...options });
    const cut = () => (0,connect/* cutConnection */.tP)(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        return (await (0,server_version/* serverVersion */.q)(client)).version;
    }
    finally {
        signal.removeEventListener('abort', cut);
        await (0,connect/* closeConnection */.Bn)(client);
    }
}

// EXTERNAL MODULE: ./packages/postgres/src/connection/quoting.ts
var quoting = __webpack_require__(1505);
;// CONCATENATED MODULE: ./packages/postgres/src/connection/run-connections.ts

/** How pg_stat_activity shows the sessions of a migration run. */
function sessionName(release) {
    return `slipway db-migrate ${release}`;
}
function createConnections(options) {
    const { url, release, signal, redactor, clock } = options;
    const applicationName = sessionName(release);
    const startup = { clock, log: logOnce(options.log) };
    const open = [];
    const begun = [];
    let closed = false;
    const openOne = async () => {
        const client = await (0,connect/* connect */.Ng)({ url, applicationName, signal, redactor, startup });
        open.push(client);
        if (closed)
            (0,connect/* cutConnection */.tP)(client);
        return client;
    };
    return {
        open,
        another() {
            const client = openOne();
            begun.push(client);
            return client;
        },
        async close() {
            await Promise.allSettled(begun);
            closed = true;
            await Promise.all(open.splice(0).map(connect/* closeConnection */.Bn));
        },
        cut() {
            closed = true;
            open.forEach(connect/* cutConnection */.tP);
        },
    };
}
/** Logs one line for several connections that report the same. */
function logOnce(log) {
    let logged = false;
    return {
        info(line) {
            if (!logged)
                log.info(line);
            logged = true;
        },
    };
}

// EXTERNAL MODULE: ./packages/postgres/src/connection/run-lock.ts
var run_lock = __webpack_require__(6827);
;// CONCATENATED MODULE: ./packages/postgres/src/connection/cancel-on-abort.ts


/** From the cancellation until connections are cut; the step has 7.5 s in all. */
const cancelGraceMs = 3000;
/**
 * On cancellation, cancels the running statement first, so that the state can still be read. Without the run lock, the
 * statement that runs belongs to another run. @returns a function that stops watching the signal.
 */
function cancelOnAbort(signal, running) {
    let timer;
    const onAbort = () => {
        if (running.lock?.isHeld()) {
            running.observer
                ?.query(`SELECT pg_cancel_backend(pid) FROM (${run_lock/* workingSession */.M5}) working`)
                .catch(() => undefined);
        }
        timer = setTimeout(() => running.open.forEach(connect/* cutConnection */.tP), cancelGraceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted)
        onAbort();
    return () => {
        signal.removeEventListener('abort', onAbort);
        clearTimeout(timer);
    };
}

;// CONCATENATED MODULE: ./packages/postgres/src/connection/pooler.ts
/**
 * Whether the client is connected through a pooler, which reports a process that it made up, since it answers cancel
 * requests itself. @param process The server process that answers.
 */
function isPooled(client, process) {
    return client.processID !== process;
}
/**
 * Which pooler it is. One that pools by transaction releases the server connection at the end of a transaction, so that a
 * second client is then seen on it.
 * @param other Another connection to the same address, outside a transaction; it is left so.
 */
async function describePooler(client, other) {
    // Most poolers hand out first what was released last: no other query may come between this one and the next.
    const own = await backendOf(client);
    await other.query('BEGIN');
    try {
        const [theirs, again] = [await backendOf(other), await backendOf(client)];
        return { name: nameOf(client), perTransaction: theirs === own || again !== own };
    }
    finally {
        await other.query('ROLLBACK');
    }
}
async function backendOf(client) {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return Number(rows[0]?.pid);
}
/** By the host names of hosted poolers, and by PgBouncer's default port. */
function nameOf({ host, port }) {
    if (/-pooler\./.test(host))
        return "Neon's pooler";
    if (/\.pooler\.supabase\.com$/.test(host))
        return 'Supavisor';
    if (/\.proxy-[^.]+\..*\.rds\.amazonaws\.com$/.test(host))
        return 'RDS Proxy';
    return port === 6432 ? 'PgBouncer' : 'a pooler such as PgBouncer';
}

;// CONCATENATED MODULE: ./packages/postgres/src/connection/session.ts








/**
 * Connects, and takes the run lock on the connection that will hold it.
 * @throws UserError that says why there is no connection; Fault when another run holds the lock; Cancelled.
 */
async function openSession(options) {
    const connections = createConnections(options);
    const running = { open: connections.open };
    const release = cancelOnAbort(options.signal, running);
    let working;
    const worker = () => {
        working ??= connections.another();
        return working;
    };
    const openObserver = async () => {
        const observer = await connections.another();
        running.observer = observer;
        return { observer, ...(await askServer(observer)) };
    };
    const openHolder = async () => {
        const holder = await connections.another();
        const lock = (0,run_lock/* createRunLock */.T3)(holder, options);
        running.lock = lock;
        const watchClient = await canWatchClient(holder);
        if (options.lockTimeoutMs !== null)
            await lock.take(options.lockTimeoutMs);
        return { lock, watchClient };
    };
    try {
        const [{ observer, pooled, server }, held] = await Promise.all([openObserver(), openHolder()]);
        return {
            ...held,
            observer,
            worker,
            server,
            url: options.url,
            connectedTo: (0,connect/* addressOf */.ci)(observer),
            pooler: pooled ? await describePooler(observer, await worker()) : null,
            async end() {
                release();
                await connections.close();
            },
        };
    }
    catch (error) {
        release();
        connections.cut();
        if (options.signal.aborted)
            throw new errors/* Cancelled */.cJ('connecting to the database');
        throw (0,lost/* asDatabaseError */.gk)(error, '');
    }
}
async function askServer(client) {
    const { process, ...server } = await (0,server_version/* describeServer */.X)(client);
    return { server, pooled: isPooled(client, process) };
}
/** PostgreSQL 14 and later can, where the operating system reports closed sockets. The setting ends with the statement. */
async function canWatchClient(client) {
    try {
        await client.query("SELECT set_config('client_connection_check_interval', '1s', true)");
        return true;
    }
    catch (error) {
        if ((0,lost/* isConnectionLost */.pb)(error))
            throw error;
        return false;
    }
}

;// CONCATENATED MODULE: ./packages/postgres/src/index.ts













/***/ })

};
