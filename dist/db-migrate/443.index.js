export const id = 443;
export const ids = [443];
export const modules = {

/***/ 2443:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   runFiles: () => (/* binding */ runFiles),
/* harmony export */   targetOf: () => (/* binding */ targetOf)
/* harmony export */ });
/* harmony import */ var _slipway_database__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(647);
/* harmony import */ var _slipway_database__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8855);
/* harmony import */ var _slipway_database__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9818);
/* harmony import */ var _slipway_database__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3560);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var _migration_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1436);



/**
 * Runs the schema files, then every pending migration together with its rows in the version table and the journal.
 * While a batch runs, the log tells of those before. @throws Cancelled
 */
async function runFiles(run) {
    const { context, session, review } = run;
    const target = targetOf(run, { ...session, worker: await session.worker() });
    const work = workOf(run);
    let ran = 0;
    const telling = tellOf(run);
    const done = (count) => {
        run.done.push(...work.slice(ran, ran + count).flatMap((one) => reported(one, 'applied') ?? []));
        ran += count;
        context.keep((0,_migration_js__WEBPACK_IMPORTED_MODULE_1__/* .recordNow */ .wr)(run));
        telling.soon();
    };
    try {
        const batches = (0,_slipway_database__WEBPACK_IMPORTED_MODULE_2__/* .batchWork */ .Sj)(work);
        let sent;
        for (const [index, batch] of batches.entries()) {
            // Such a file tells of each statement by itself, and what ran before it comes before it in the log.
            if (batch.some(({ file }) => review.stepwise.has(file)))
                await telling.end();
            const [before, begun] = [run.done.length, context.clock.monotonic()];
            await (0,_slipway_database__WEBPACK_IMPORTED_MODULE_2__/* .runBatch */ .a7)(target, batch, {
                sent,
                done,
                meanwhile() {
                    sent = (0,_slipway_database__WEBPACK_IMPORTED_MODULE_2__/* .textOfBatch */ .nz)(target, batches[index + 1] ?? []);
                },
            });
            const [only] = batch.length === 1 ? run.done.slice(before) : [];
            if (only)
                only.ms = context.clock.monotonic() - begun;
        }
        return { failed: null, told: telling.end() };
    }
    catch (error) {
        await telling.end();
        const ours = error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC && !(error instanceof _slipway_database__WEBPACK_IMPORTED_MODULE_3__/* .AppliedMeanwhile */ .A);
        run.done.push(...leftOver(work.slice(ran), ours ? 'failed' : 'pending'));
        if (error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC)
            return { failed: error, told: Promise.resolve() };
        throw error;
    }
}
/** Milliseconds for which what is done is gathered for the log: small files run by the hundred in that time. */
const gather = 250;
/** Tells the log of files that are done, beside those that run. */
function tellOf(run) {
    let told = 0;
    let timer;
    let telling = Promise.resolve();
    const tell = () => {
        clearTimeout(timer);
        timer = undefined;
        const files = run.done.slice(told);
        told = run.done.length;
        telling = telling.then(() => addDurations(run, files));
    };
    return {
        soon() {
            timer ??= setTimeout(tell, gather);
        },
        end() {
            tell();
            return telling;
        },
    };
}
/** Several files are sent at once: how long each took, only the server knows. */
async function addDurations(run, files) {
    const versions = files.map(({ version }) => version).filter((version) => version !== '');
    // The files are applied, whether or not it can be asked how long that took.
    const times = versions.length > 0
        ? await (0,_slipway_database__WEBPACK_IMPORTED_MODULE_4__/* .readDurations */ .A2)(run.session.observer, run.journal.table, versions).catch(() => null)
        : null;
    const lines = files.map((file) => {
        const ms = times?.get(file.version) ?? file.ms;
        if (ms !== undefined)
            file.ms = ms;
        return ms === undefined ? file.file : `${file.file} in ${(0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .formatDuration */ .a3)(ms)}`;
    });
    if (lines.length > 0)
        run.context.log.info(lines.join('\n'));
}
function workOf({ schemas, ledger, journal, plan, review, context }) {
    const { record, run } = context;
    const facts = { release: record.id, commit: record.commit, run: run.url };
    const { scripts, stepwise } = review;
    return (0,_slipway_database__WEBPACK_IMPORTED_MODULE_5__/* .buildWork */ .G)({ schemas, plan, ledger, journal, scripts, stepwise, facts });
}
/** How a piece of work stands in the report; null for what is nobody's file. */
function reported({ file, as }, state) {
    if (as.kind === 'bookkeeping')
        return null;
    if (as.kind === 'schema')
        return { file, version: '', state: state === 'applied' ? 'schema' : state };
    return { file, version: as.migration.version, class: as.migration.class, state };
}
/** How the file that ended the run, and those that were never begun, are reported. */
function leftOver(work, first) {
    return work.flatMap((one, index) => {
        if (index > 0 && one.as.kind === 'schema')
            return [];
        return reported(one, index === 0 ? first : 'pending') ?? [];
    });
}
/** Where files are run: in production by the session, in a rehearsal by connections to the copy. */
function targetOf({ context, database }, on) {
    const { clock, signal, log } = context;
    return {
        worker: on.worker,
        observer: on.observer,
        watchClient: on.watchClient,
        assertHeld: () => on.lock.assertHeld(),
        clock,
        signal,
        log,
        lockTimeout: database['lock-timeout'],
        statementTimeout: database['statement-timeout'],
    };
}


/***/ }),

/***/ 2482:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   IE: () => (/* binding */ sqlOf),
/* harmony export */   P$: () => (/* binding */ strings),
/* harmony export */   Pr: () => (/* binding */ derivedName),
/* harmony export */   UW: () => (/* binding */ ofParts),
/* harmony export */   iA: () => (/* binding */ sqlName),
/* harmony export */   wQ: () => (/* binding */ typeText),
/* harmony export */   xq: () => (/* binding */ ofRange)
/* harmony export */ });
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


/***/ }),

/***/ 515:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   XD: () => (/* binding */ optionOf),
/* harmony export */   gK: () => (/* binding */ isOff),
/* harmony export */   uC: () => (/* binding */ isConcurrent)
/* harmony export */ });
/* harmony import */ var _names_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2482);

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
    return /^(?:false|off|no|0)$/i.test((0,_names_js__WEBPACK_IMPORTED_MODULE_0__/* .strings */ .P$)([arg])[0] ?? '');
}


/***/ }),

/***/ 8185:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   G: () => (/* binding */ runsAlone)
/* harmony export */ });
/* harmony import */ var _options_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(515);

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
            return ((0,_options_js__WEBPACK_IMPORTED_MODULE_0__/* .isConcurrent */ .uC)(statement.node.params) ||
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
            return !(0,_options_js__WEBPACK_IMPORTED_MODULE_0__/* .isOff */ .gK)(statement.node.options, 'create_slot') && !(0,_options_js__WEBPACK_IMPORTED_MODULE_0__/* .isOff */ .gK)(statement.node.options, 'connect');
        case 'TransactionStmt':
            return /PREPARED$/.test(statement.node.kind ?? '');
        case 'AlterDatabaseStmt':
            return (0,_options_js__WEBPACK_IMPORTED_MODULE_0__/* .optionOf */ .XD)(statement.node.options, 'tablespace') !== undefined;
        case 'AlterSubscriptionStmt':
            return /REFRESH|PUBLICATION/.test(statement.node.kind ?? '');
        default:
            return alwaysAlone.has(statement.tag);
    }
}


/***/ }),

/***/ 647:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Sj: () => (/* binding */ batchWork),
  a7: () => (/* binding */ runBatch),
  d$: () => (/* binding */ runWork),
  nz: () => (/* binding */ textOfBatch)
});

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
// EXTERNAL MODULE: ./packages/database/src/connection/lost.ts
var lost = __webpack_require__(256);
// EXTERNAL MODULE: ./packages/database/src/sql/scan.ts
var scan = __webpack_require__(7755);
// EXTERNAL MODULE: ./packages/database/src/sql/text.ts
var sql_text = __webpack_require__(2533);
;// CONCATENATED MODULE: ./packages/database/src/sql/statement-error.ts



/** SQLSTATEs that say nothing about the file: a lock that was not free, a deadlock. Worth another try. */
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
    const { statements } = (0,scan/* scanStatements */.MG)(sql);
    const failed = statements[completed];
    const offset = exactOffset(error, sent) ?? rowOffset(error, failed, sql) ?? failed?.offset;
    const message = code === '' && (0,lost/* isConnectionLost */.pb)(error) ? (0,lost/* describeLost */.Uk)(error) : serverSentence(error);
    if (offset === undefined)
        return { place: file, statement: '', sqlstate: code, message };
    const { line, column } = (0,scan/* positionAt */.t$)(sql, offset);
    const begin = statements.findLast((statement) => statement.offset <= offset)?.offset ?? offset;
    const statement = (sql.slice(begin).split('\n', 1)[0] ?? '').trim().slice(0, 160);
    return { place: `${file}:${line}:${column}`, statement, sqlstate: code, message };
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
    const sent = (0,sql_text/* charactersToIndex */.OE)(text, Number(position) - 1) - start;
    const missing = cuts.filter(({ at }) => at <= sent).reduce((sum, { length }) => sum + length, 0);
    const offset = sent + missing;
    return sent >= 0 && offset <= sql.length ? offset : undefined;
}
/** Where the row stands that a COPY stumbled over: its CONTEXT counts them from 1. */
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

// EXTERNAL MODULE: ./packages/database/src/run/applied-meanwhile.ts
var applied_meanwhile = __webpack_require__(8855);
// EXTERNAL MODULE: ./packages/database/src/connection/run-lock.ts
var run_lock = __webpack_require__(5197);
;// CONCATENATED MODULE: ./packages/database/src/run/blockers.ts


/** Who holds what the session waits for that runs our file. Values in the queries of others are blanked out. */
async function blockersOf(observer) {
    const { rows } = await observer.query(`SELECT pid, usename AS who, application_name AS name, state, date_trunc('second', now() - xact_start)::text AS since, query
     FROM pg_stat_activity
     WHERE pid IN (SELECT unnest(pg_blocking_pids(working.pid)) FROM (${run_lock/* workingSession */.M5}) working)`);
    return rows
        .map(({ pid, who, name, state, since, query }) => 
    // What other users do is hidden from all but the members of pg_read_all_stats.
    state === null
        ? `session ${pid} of the user ${who}; what it does is hidden: GRANT pg_read_all_stats TO the user that migrates`
        : `session ${pid} (${name || 'unnamed'}, ${state}, for ${since}): ${(0,sql_text/* withoutValues */.lO)(String(query ?? ''))}`)
        .join('; ');
}
/**
 * Remembers who blocked the worker: after the timeout nobody does any more.
 * @param told Called with each new answer while the wait goes on.
 */
function watchBlockers({ observer, lockTimeout }, told = () => { }) {
    let last = '';
    let asking;
    const ask = async () => {
        const found = await blockersOf(observer).catch(() => '');
        if (found !== '' && found !== last)
            told(found);
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

// EXTERNAL MODULE: ./packages/database/src/run/journal.ts
var journal = __webpack_require__(9818);
;// CONCATENATED MODULE: ./packages/database/src/run/retry.ts






/** How often a file is tried whose locks are not free, and for how long in all. */
const mostTries = 10;
const budget = 10 * 60_000;
/** Full jitter between these milliseconds, so that two runs do not march in step. */
const backoff = { least: 200, most: 8000 };
/** What went wrong in a try, and with what. */
class Failed extends Error {
    sent;
    constructor(cause, sent) {
        super('a statement failed', { cause });
        this.sent = sent;
    }
}
/**
 * Tries again, with pauses, what fails because a lock was not free (55P03) or in a deadlock (40P01), and says who was
 * in the way. @param attempt Throws Failed. @returns milliseconds of the try that succeeded. @throws Fault, Cancelled
 */
async function retryContention(target, file, attempt) {
    const { clock, signal, log } = target;
    const start = clock.monotonic();
    for (let tries = 1;; tries++) {
        if (signal.aborted)
            throw new src/* Cancelled */.cJ(`the time before ${file}`);
        await target.assertHeld();
        const begun = clock.monotonic();
        const blockers = watchBlockers(target);
        try {
            await attempt();
            return clock.monotonic() - begun;
        }
        catch (error) {
            const blocked = await blockers.stop();
            if (signal.aborted)
                throw new src/* Cancelled */.cJ(file);
            if (!(error instanceof Failed))
                throw error;
            const spent = tries >= mostTries || clock.monotonic() - start >= budget;
            if (!isContention(error.cause) || spent)
                throw explain(error, tries, blocked);
            log.info(`${file}: ${(0,src/* describeError */.Uc)(error.cause)}${describeBlocked(blocked)}; try ${tries + 1} of ${mostTries} follows`);
            const most = Math.min(backoff.most, backoff.least * 2 ** tries);
            await clock.sleep(backoff.least + Math.random() * (most - backoff.least), signal).catch(() => {
                throw new src/* Cancelled */.cJ(file);
            });
        }
        finally {
            await blockers.stop();
        }
    }
}
/**
 * How the journal refuses, before the first statement of a file, what another run has begun: by a division by zero where
 * it knows of an older run, else by its key.
 */
function isGuardError(error) {
    const { code, table } = error;
    return code === '22012' || (code === '23505' && table === journal/* journalName */.J1);
}
function explain(failed, tries, blocked) {
    if (isGuardError(failed.cause) && failed.sent.completed < 0) {
        return new applied_meanwhile/* AppliedMeanwhile */.A(failed.sent.file, failed.cause);
    }
    const { place, statement, sqlstate, message } = explainStatement(failed.cause, failed.sent);
    const state = sqlstate === '' ? '' : ` (SQLSTATE ${sqlstate})`;
    const where = statement === '' ? '' : ` in "${statement}"`;
    const often = tries > 1 ? `, ${tries} times` : '';
    return new src/* Fault */.vC(`${place}: ${message}${state}${where}${often}${describeBlocked(blocked)}`, {
        cause: (0,lost/* causeOf */.rl)(failed.cause),
    });
}

// EXTERNAL MODULE: ./packages/database/src/run/script-query.ts
var script_query = __webpack_require__(6883);
;// CONCATENATED MODULE: ./packages/database/src/run/transaction-text.ts



/**
 * What a file set for its session (search_path, role, temporary tables) must reach neither its row in the version
 * table nor the next file, and behind a pooler not the application. DISCARD ALL is not allowed in a transaction;
 * prepared statements are left alone, since a pooler keeps those of others on the same server connection.
 */
const forget = ['SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', 'CLOSE ALL', 'UNLISTEN *', 'DISCARD TEMP'];
/** Tells the server how often to look whether the client is still there. */
const watchInterval = "client_connection_check_interval = '1s'";
/**
 * The text of transactions, one for each file, sent as one simple query: one round trip, and what follows a statement
 * that fails is not run. Before each file: the lock that tells the next run, should this one be killed, that its
 * statement still runs; and the settings. Pure.
 */
function transactionText(settings, files) {
    const limits = [
        ...(settings.watchClient ? [`SET LOCAL ${watchInterval}`] : []),
        `SET LOCAL lock_timeout = ${settings.lockTimeout}`,
        `SET LOCAL statement_timeout = ${settings.statementTimeout}`,
    ];
    const settled = [`SELECT pg_advisory_xact_lock_shared(${run_lock/* workKey */.z2})`, ...limits];
    const sent = { text: '', copies: [], parts: [] };
    for (const it of files) {
        const prelude = ['BEGIN', `SET LOCAL ${nameOf(it.file)}`, ...settled, ...it.before];
        const head = `${prelude.join(';\n')};\n`;
        const { body, copies, cuts } = withoutRows(it.sql);
        // The limits hold for the bookkeeping and the COMMIT as well: while these wait, or run what is deferred, the locks of
        // the file are held.
        const after = [...forget, ...limits, ...it.after.filter((sql) => sql !== ''), 'COMMIT'].join(';\n');
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
    return `application_name = ${(0,sql_text/* quoteLiteral */.ce)(`slipway ${file.slice(file.lastIndexOf('/') + 1)}`.replace(/[^ -~]/g, '?').slice(0, 63))}`;
}
/** The rows of a COPY travel in messages of their own. */
function withoutRows(sql) {
    const blocks = sql.search(/\bstdin\b/i) < 0 ? [] : (0,scan/* scanStatements */.MG)(sql).statements.flatMap(({ data }) => data ?? []);
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

;// CONCATENATED MODULE: ./packages/database/src/run/apply.ts





/**
 * Runs files one after the other, each in a transaction, all in one round trip. Waiting for a lock gives up after
 * `lockTimeout`, so that the queries behind ours in the queue do not wait with us, and is tried again from the file
 * that waited; anything else that fails is final.
 * @throws Fault with file, line, statement and what PostgreSQL said; Cancelled. Whether the last transaction came
 * through is then asked from the version table, not guessed from the error.
 */
async function applyFiles(target, files, { done, meanwhile, sent = transactionText(target, files) } = {}) {
    let next = 0;
    while (next < files.length) {
        const left = files.slice(next);
        const first = left[0];
        await retryContention(target, first.file, async () => {
            const progress = { completed: 0, committed: 0 };
            const { text, copies, parts } = next === 0 ? sent : transactionText(target, left);
            try {
                const sending = (0,script_query/* sendScript */._)(target.worker, text, copies, progress);
                meanwhile?.();
                await sending;
            }
            catch (error) {
                if (!target.signal.aborted)
                    await target.worker.query('ROLLBACK').catch(() => undefined);
                const at = progress.committed;
                if (isLostUnheard(error))
                    throw new Failed(error, lostFile(left));
                if (at === 0 || !isContention(error))
                    throw new Failed(error, sentFile(left, parts, text, { ...progress, error }));
            }
            finally {
                next += progress.committed;
                if (progress.committed > 0)
                    done?.(progress.committed);
            }
        });
    }
}
/** The server tells of what it has done only now and then: which file was running when it was lost, nobody knows. */
function lostFile(left) {
    const [first, last] = [left.at(0)?.file ?? '', left.at(-1)?.file ?? ''];
    const file = first === last ? first : `one of ${first} to ${last}`;
    return { file, sql: '', text: '', start: 0, cuts: [], completed: 0 };
}
/** A server that ends a connection says so behind all that it has done; a line that is cut says nothing. */
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

;// CONCATENATED MODULE: ./packages/database/src/run/clear-leftover.ts


/**
 * Looks for what an earlier try of a statement left, and clears it away: an index that is marked invalid costs writes
 * and serves no query, and `IF NOT EXISTS` would take it for the real one (manual, CREATE INDEX).
 * @param resumed Whether a run was stopped in or right after this statement, so that it may be done already.
 * @throws Fault when another session is building the index right now.
 */
async function clearLeftover(client, leftover, resumed, log) {
    if (leftover === null)
        return { do: 'run' };
    if (leftover.kind === 'detached')
        return finishDetach(client, leftover, resumed);
    if (leftover.kind === 'dropped') {
        const gone = resumed && (await oidOf(client, leftover.index)) === null;
        return gone ? { do: 'nothing', because: `${leftover.index} is gone already` } : { do: 'run' };
    }
    const found = await indexesOf(client, leftover);
    for (const { index, valid, builder } of found) {
        if (valid)
            continue;
        if (builder !== null)
            throw beingBuilt(index, builder);
        log.info(`${index} is invalid, left by a build that was stopped: it is dropped`);
        await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
    }
    const built = resumed && leftover.kind === 'index' && found.find(({ valid }) => valid);
    return built ? { do: 'nothing', because: `${built.index} is built already` } : { do: 'run' };
}
async function indexesOf(client, of) {
    const which = of.kind === 'index'
        ? `i.indrelid = to_regclass(${regclass(of.table)}) AND c.relname = ${(0,sql_text/* quoteLiteral */.ce)(of.name)}`
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
        const sql = `ALTER TABLE ${clear_leftover_nameOf(parent)} DETACH PARTITION ${clear_leftover_nameOf(partition)} FINALIZE`;
        return { do: 'instead', sql, because: 'the detachment had begun and is finished now' };
    }
    if (rows.length > 0 || !resumed)
        return { do: 'run' };
    return { do: 'nothing', because: `${clear_leftover_nameOf(partition)} is detached already` };
}
function beingBuilt(index, builder) {
    return new src/* Fault */.vC(`session ${builder} is building ${index} right now`, {
        hint: `Wait until it is done and run this again, or end it with SELECT pg_terminate_backend(${builder}).`,
    });
}
async function oidOf(client, name) {
    const { rows } = await client.query(`SELECT to_regclass(${(0,sql_text/* quoteLiteral */.ce)(name)})::text AS name`);
    return rows[0]?.name ?? null;
}
function clear_leftover_nameOf({ schemaname, relname }) {
    return [schemaname, relname].flatMap((part) => (part ? [(0,sql_text/* quoteIdentifier */.Cm)(part)] : [])).join('.');
}
function regclass(of) {
    return (0,sql_text/* quoteLiteral */.ce)(clear_leftover_nameOf(of));
}

;// CONCATENATED MODULE: ./packages/database/src/run/leftovers.ts

/** Which leftover a statement may have; null for one that leaves nothing. Pure. */
function leftoverOf(statement) {
    switch (statement.tag) {
        case 'IndexStmt': {
            const { concurrent, idxname, relation } = statement.node;
            return concurrent && idxname && relation
                ? { kind: 'index', name: idxname, table: named(relation) }
                : null;
        }
        case 'ReindexStmt': {
            const { kind, relation } = statement.node;
            return relation
                ? { kind: 'reindexed', on: named(relation), index: kind === 'REINDEX_OBJECT_INDEX' }
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
            return { kind: 'detached', parent: named(relation), partition: named(command.name) };
        }
    }
    return null;
}
function named({ schemaname, relname = '' }) {
    return schemaname === undefined ? { relname } : { schemaname, relname };
}
/** The name in a list of identifiers, quoted. */
function qualifiedName(object) {
    const items = object && 'List' in object ? (object.List.items ?? []) : [];
    return items
        .flatMap((item) => ('String' in item ? [(0,sql_text/* quoteIdentifier */.Cm)(item.String.sval ?? '')] : []))
        .join('.');
}

// EXTERNAL MODULE: ./packages/database/src/lint/runs-alone.ts
var runs_alone = __webpack_require__(8185);
;// CONCATENATED MODULE: ./packages/database/src/run/step-text.ts

/**
 * A concurrent statement blocks nobody while it waits for old transactions to end, and its time is that of the table's
 * size: neither limit is for it. Pure.
 */
function limitsOf({ lockTimeout, statementTimeout }, concurrent) {
    const [lock, statement] = concurrent ? [0, 0] : [lockTimeout, statementTimeout];
    return `SET lock_timeout = ${lock}; SET statement_timeout = ${statement}`;
}
/**
 * What is sent of a statement: with its mark in one transaction, so that it never runs twice, unless it cannot be in
 * one or is about the session. `start` is where the file would begin in that text. Pure.
 */
function textOf(statement, note) {
    const { text, offset } = statement;
    if (isAlone(statement))
        return { text, start: -offset };
    const head = 'BEGIN;\n';
    return { text: `${head}${text}\n;\n${note};\nCOMMIT;`, start: head.length - offset };
}
/** Whether a statement is sent without its mark, which then follows it. Pure. */
function isAlone(statement) {
    const { tag, inside } = statement;
    return (0,runs_alone/* runsAlone */.G)(statement) || inside?.commits === true || tag === 'CallStmt' || tag === 'VariableSetStmt';
}

;// CONCATENATED MODULE: ./packages/database/src/run/steps.ts











/**
 * Runs the statements of a file one by one, each marked when it is done, so that the next run goes on behind it.
 * What an earlier try left half done is cleared away first, and what this one leaves when it fails as well.
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
        await setAgain(target, it.statements.slice(0, from));
        for (let index = from; index < it.statements.length; index++)
            await runStep(target, it, index);
        await worker.query(transaction(it.finish));
        return clock.monotonic() - begun;
    }
    finally {
        // Session settings and the lock; a connection that is gone took them with it.
        await worker.query('DISCARD ALL').catch(() => undefined);
    }
}
async function begin({ worker }, it) {
    try {
        await worker.query(transaction(it.begin));
    }
    catch (error) {
        await worker.query('ROLLBACK').catch(() => undefined);
        throw isGuardError(error) ? new applied_meanwhile/* AppliedMeanwhile */.A(it.file, error) : error;
    }
}
/** What the statements that are done had set for their session, those that are left rely on. */
async function setAgain({ worker }, done) {
    for (const { tag, text } of done)
        if (tag === 'VariableSetStmt')
            await worker.query(text);
}
async function runStep(target, it, index) {
    const { worker, log, observer } = target;
    const statement = it.statements[index];
    const leftover = leftoverOf(statement);
    const resumed = index === it.resume?.step && it.resume.inFlight;
    const told = `${it.file}: statement ${index + 1} of ${it.statements.length}`;
    const waits = watchBlockers({ observer, lockTimeout: sayEvery * 3 }, (blocked) => log.info(`${told} waits; blocked by ${blocked}`));
    try {
        const ms = await retryContention(target, it.file, async () => {
            try {
                await worker.query(limitsOf(target, leftover !== null));
                const step = await clearLeftover(worker, leftover, resumed, log);
                if (step.do !== 'run')
                    log.info(`${told}: ${step.because}`);
                if (step.do === 'instead')
                    await (0,script_query/* sendScript */._)(worker, step.sql);
                if (step.do === 'run')
                    await (0,script_query/* sendScript */._)(worker, textOf(statement, it.note(index + 1)).text);
            }
            catch (error) {
                if (error instanceof src/* Fault */.vC)
                    throw error;
                if (!(0,lost/* isConnectionLost */.pb)(error))
                    await worker.query('ROLLBACK').catch(() => undefined);
                await clearAfter(target, statement);
                const sent = textOf(statement, it.note(index + 1));
                throw new Failed(error, { file: it.file, sql: it.sql, completed: index, cuts: [], ...sent });
            }
        });
        if (isAlone(statement) || leftover !== null)
            await worker.query(it.note(index + 1));
        log.info(`${told} in ${(0,src/* formatDuration */.a3)(ms)}`);
    }
    catch (error) {
        // The server's own refusal: the statement did not run, and must not be taken for done by the next run.
        if (error instanceof src/* Fault */.vC && !(0,lost/* isConnectionLost */.pb)(error.cause)) {
            await worker.query(it.refused).catch(() => undefined);
        }
        throw error instanceof src/* Fault */.vC ? howFar(error, it, index) : error;
    }
    finally {
        await waits.stop();
    }
}
/** Milliseconds between two looks at who keeps a long statement waiting. */
const sayEvery = 5000;
/** Best effort: when it does not come through, the next run finds the same. */
async function clearAfter({ worker, log }, statement) {
    const leftover = leftoverOf(statement);
    if (leftover?.kind !== 'index' && leftover?.kind !== 'reindexed')
        return;
    await clearLeftover(worker, leftover, false, log).catch((error) => {
        log.info(`what is left of it could not be cleared away: ${(0,src/* describeError */.Uc)(error)}`);
    });
}
function howFar(fault, { file, statements }, done) {
    const kept = done === 0
        ? `none of the ${statements.length} statements of ${file} is done`
        : `${done} of the ${statements.length} statements of ${file} are done and stay`;
    return new src/* Fault */.vC(`${fault.message}; ${kept}, the next run goes on with statement ${done + 1}`, {
        cause: fault.cause,
        ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
}
function transaction(statements) {
    return ['BEGIN', ...statements.filter((sql) => sql !== ''), 'COMMIT'].join(';\n');
}

;// CONCATENATED MODULE: ./packages/database/src/run/batch.ts





/** Bytes of SQL, and files, that are sent at once: enough to make the line's delay small, and told of soon. */
const most = { characters: 256 * 1024, files: 25 };
/**
 * Puts neighbours together that can be sent at once: migrations that are a transaction each. Pure.
 */
function batchWork(work) {
    const batches = [];
    let characters = 0;
    for (const one of work) {
        const last = batches.at(-1);
        characters += sizeOf(one);
        const fits = last && last.length < most.files && characters <= most.characters;
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
/** Runs a batch; `done` counts pieces of it, in their order. @throws Fault, Cancelled */
async function runBatch(target, batch, { done, ...sending } = {}) {
    const [first] = batch;
    let running = 0;
    try {
        if (first?.how.mode === 'steps') {
            await applySteps(target, first.how.steps);
            done?.(1);
        }
        else {
            await applyFiles(target, transactionsOf(batch), {
                ...sending,
                done(count) {
                    running += count;
                    done?.(count);
                },
            });
        }
    }
    catch (error) {
        const file = batch[running]?.file ?? '';
        if (target.signal.aborted)
            throw new src/* Cancelled */.cJ(file);
        throw (0,lost/* asDatabaseError */.gk)(error, file);
    }
}
/** Runs one piece of work alone. @returns milliseconds. @throws Fault, Cancelled */
async function runWork(target, work) {
    const begun = target.clock.monotonic();
    await runBatch(target, [work]);
    return target.clock.monotonic() - begun;
}


/***/ }),

/***/ 6883:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _: () => (/* binding */ sendScript)
/* harmony export */ });
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


/***/ }),

/***/ 3560:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   G: () => (/* binding */ buildWork),
/* harmony export */   Y: () => (/* binding */ bareWork)
/* harmony export */ });
/* harmony import */ var _done_statements_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7728);
/* harmony import */ var _journal_writing_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5639);


/**
 * What a run has to do, in its order: schema files, the tables of versions and journal, then every pending migration
 * together with its rows there. The tables come after the schema files: where they stand, those have run. Pure.
 */
function buildWork(options) {
    const { schemas, plan, ledger, journal } = options;
    const tables = [
        ledger.create,
        journal.rows === null ? (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .createJournal */ .s9)(journal.table) : '',
        ledger.unnoted?.length ? (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .noteFound */ .B3)(journal.table, ledger.unnoted) : '',
    ].filter(Boolean);
    return [
        ...schemas.map((one) => inTransaction(one, { kind: 'schema' })),
        ...(tables.length > 0
            ? [inTransaction({ file: ledger.table, sql: tables.join(';\n') }, { kind: 'bookkeeping' })]
            : []),
        ...plan.pending.map((migration) => workOf(migration, options)),
    ];
}
function inTransaction({ file, sql }, as, beside = {}) {
    const { before = [], after = [] } = beside;
    return { file, as, how: { mode: 'transaction', transaction: { file, sql, before, after } } };
}
function workOf(migration, options) {
    const { ledger, journal, facts, plan, scripts, stepwise } = options;
    const { file, sql, version } = migration;
    const as = { kind: 'migration', migration };
    const noted = journal.rows?.find((row) => row.version === version);
    const seen = noted ?? (journal.found.includes(version) ? 'found' : undefined);
    if (!stepwise.has(file)) {
        return inTransaction({ file, sql }, as, {
            before: (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .beginJournal */ .Fs)(journal.table, migration, facts, seen),
            after: [ledger.record(migration), (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .finishJournal */ .l_)(journal.table, version)],
        });
    }
    const resume = plan.resume.get(version) ?? null;
    const hashOf = (0,_done_statements_js__WEBPACK_IMPORTED_MODULE_1__/* .hashesOfDone */ .S)(sql);
    const steps = {
        file,
        sql,
        statements: scripts.get(file)?.statements ?? [],
        resume,
        begin: resume === null
            ? [...(0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .beginJournal */ .Fs)(journal.table, migration, facts, seen), ledger.begin(migration)]
            : (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .resumeJournal */ .f7)(journal.table, migration, noted),
        note: (done) => (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .noteStep */ .b_)(journal.table, version, done, hashOf(done)),
        refused: (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .noteRefused */ .Lk)(journal.table, version),
        finish: [ledger.record(migration), (0,_journal_writing_js__WEBPACK_IMPORTED_MODULE_0__/* .finishJournal */ .l_)(journal.table, version)],
    };
    return { file, as, how: { mode: 'steps', steps } };
}
/** The work of a rehearsal. @param more.after SQL for the end of its transaction. */
function bareWork({ file, sql, statements }, more = {}) {
    const as = { kind: 'schema' };
    if (statements === null)
        return inTransaction({ file, sql }, as, more.after ? { after: more.after } : {});
    const nothing = { begin: [], note: () => 'SELECT 1', refused: 'SELECT 1', finish: [] };
    return {
        file,
        as,
        how: { mode: 'steps', steps: { file, sql, statements, resume: more.resume ?? null, ...nothing } },
    };
}


/***/ })

};
