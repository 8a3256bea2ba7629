export const id = 579;
export const ids = [579];
export const modules = {

/***/ 2579:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  restoreBackup: () => (/* binding */ restoreBackup)
});

// EXTERNAL MODULE: ./packages/database/src/backup/stores/open-store.ts + 9 modules
var open_store = __webpack_require__(3819);
// EXTERNAL MODULE: ./packages/database/src/backup/cipher.ts
var cipher = __webpack_require__(5911);
// EXTERNAL MODULE: ./packages/database/src/backup/scratch.ts
var scratch = __webpack_require__(8056);
// EXTERNAL MODULE: ./packages/database/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(9086);
// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
// EXTERNAL MODULE: ./packages/database/src/backup/create-database.ts
var create_database = __webpack_require__(7376);
// EXTERNAL MODULE: ./packages/database/src/backup/identity.ts
var identity = __webpack_require__(8294);
// EXTERNAL MODULE: ./packages/database/src/backup/read-back.ts
var read_back = __webpack_require__(566);
// EXTERNAL MODULE: ./packages/database/src/backup/manifest.ts
var backup_manifest = __webpack_require__(8697);
// EXTERNAL MODULE: ./packages/database/src/backup/store.ts
var backup_store = __webpack_require__(3539);
;// CONCATENATED MODULE: ./packages/database/src/restore/choose.ts




/**
 * The backup to restore: `latest`, or the name or address of a dump.
 * @throws UserError when there is none, it cannot be told which, or it is of another database; Fault.
 */
async function chooseBackup(store, from, of) {
    const all = await store.list();
    const manifest = from === 'latest' ? await latest(store, all, of) : await named(store, all, from, of);
    if (all === null || all.includes(manifest.file))
        return manifest;
    throw new src/* UserError */.yo(`the backup ${manifest.file} is gone from ${store.address}, although its manifest is there`, {
        hint: 'Somebody deleted the dump and not its manifest. Name another one in from.',
    });
}
async function named(store, all, from, of) {
    const name = from
        .split('/')
        .at(-1)
        ?.replace(/\.manifest\.json$/, '') ?? '';
    if (all !== null && !all.includes((0,identity/* manifestName */.vS)(name))) {
        throw new src/* UserError */.yo(`there is no backup ${name} at ${store.address}`, {
            hint: `Name a dump that has a manifest beside it, or leave it out for the latest.`,
        });
    }
    const manifest = await (0,backup_manifest/* readManifest */.WI)(store, (0,identity/* manifestName */.vS)(name)).catch((error) => {
        if (all !== null || !(error instanceof src/* Fault */.vC))
            throw error;
        throw new src/* UserError */.yo(`the backup ${name} cannot be read: ${(0,src/* describeError */.Uc)(error)}`, {
            cause: error,
            hint: whatToName(of),
        });
    });
    if (manifest.database === of.database)
        return manifest;
    throw new src/* UserError */.yo(`the backup ${name} is of the database "${manifest.database}", not of "${of.database}"`, {
        hint: 'Restore it by hand with pg_restore if that is what you want.',
    });
}
async function latest(store, all, of) {
    if (all === null) {
        throw new src/* UserError */.yo(`the latest backup cannot be found, since ${store.address} cannot be asked what it holds`, { hint: whatToName(of) });
    }
    for (const name of (0,identity/* lostDumps */.kw)(all, of.databaseId)) {
        of.log.warn(`the backup ${name} is gone from ${store.address}, although its manifest is there: it is passed over`);
    }
    const names = (0,identity/* manifestsOf */.oF)(all, of.databaseId);
    const read = await Promise.all(names.map(async (name) => (0,backup_manifest/* decodeManifest */.MK)(await (0,backup_store/* readText */.y)(store, name)) ?? []));
    const newest = read.flat().sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
    if (newest)
        return newest;
    throw new src/* UserError */.yo(`there is no backup of this database at ${store.address}`, {
        hint: 'Check database.backup.to. A backup of a server that this one replaced is restored by its name.',
    });
}
/** Where a store cannot be listed, people find the name elsewhere. */
function whatToName({ databaseId }) {
    return `Set from to the name of the dump: the log of the run that made it has it, and so has the output "backup" of its db-migrate step; those of this database have .${databaseId}.dump in their names`;
}

;// CONCATENATED MODULE: ./packages/database/src/restore/begin.ts






/**
 * Chooses the backup, and looks for all that would keep its restore from ending well, before anything is made.
 * @param live Connected to the database that is replaced. @throws UserError, Fault
 */
async function beginRestore(options, { client, at }, database) {
    const wanted = { databaseId: await (0,identity/* databaseId */.xe)(client, at), database, log: options.log };
    const backup = await chooseBackup(options.store, options.from, wanted);
    (0,read_back/* assertKeyFits */.ad)(backup, options);
    const pgRestore = await options.findPgRestore((await (0,connect/* serverVersion */.qh)(client)).major);
    await (0,create_database/* assertMayCreate */.MX)(client);
    await assertMayRename(client, database);
    return { backup, pgRestore };
}
async function assertMayRename(client, database) {
    const { rows } = await client.query(`SELECT pg_has_role(datdba, 'USAGE') AS allowed, quote_ident(current_user) AS who, quote_ident(datname) AS database
     FROM pg_database WHERE datname = current_database()`);
    if (rows[0]?.allowed)
        return;
    throw new src/* UserError */.yo(`the database user does not own the database "${database}", and so may not replace it`, {
        hint: `ALTER DATABASE ${rows[0]?.database} OWNER TO ${rows[0]?.who}, or GRANT the role that owns it.`,
    });
}

// EXTERNAL MODULE: ./packages/database/src/backup/tables.ts
var backup_tables = __webpack_require__(8553);
// EXTERNAL MODULE: ./packages/database/src/backup/snapshot.ts
var snapshot = __webpack_require__(2728);
// EXTERNAL MODULE: ./packages/database/src/connection/lost.ts
var lost = __webpack_require__(256);
// EXTERNAL MODULE: ./packages/database/src/sql/text.ts
var sql_text = __webpack_require__(2533);
;// CONCATENATED MODULE: ./packages/database/src/restore/look.ts






/** Milliseconds until a lock on a table is not waited for any more; who holds one often holds more of them. */
const firstLock = 3000;
const furtherLock = 100;
/**
 * Lends a look in one snapshot that changes nothing. The limits of the role on time do not count in it.
 * @param signal Cuts the connection. @throws Cancelled, and whatever the server says of a connection that is gone.
 */
async function withLook(client, signal, use) {
    const cut = () => (0,connect/* cutConnection */.tP)(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        if (signal.aborted)
            throw new src/* Cancelled */.cJ('the look at the database');
        await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = ${firstLock}`);
        await (0,snapshot/* withoutTimeouts */.v)(client, 'transaction');
        return await use({ ask: (table, question) => ask(client, table, question) });
    }
    catch (error) {
        throw signal.aborted ? new src/* Cancelled */.cJ('the look at the database') : error;
    }
    finally {
        signal.removeEventListener('abort', cut);
        await client.query('ROLLBACK').catch(() => undefined);
    }
}
async function ask(client, table, question) {
    await client.query('SAVEPOINT look');
    try {
        return { value: await question() };
    }
    catch (error) {
        if ((0,lost/* isConnectionLost */.pb)(error))
            throw error;
        await client.query('ROLLBACK TO SAVEPOINT look');
        const why = (0,src/* describeError */.Uc)(error);
        // lock_not_available
        if (error.code !== '55P03')
            return { unknown: why };
        await client.query(`SET LOCAL lock_timeout = ${furtherLock}`);
        const holders = await holdersOf(client, table);
        return { unknown: holders === '' ? why : `it is locked by ${holders}` };
    }
}
/** Whose lock on a table keeps everybody from reading it, or will when it is their turn. */
async function holdersOf(client, table) {
    const { rows } = await client.query(`SELECT DISTINCT a.pid, a.usename AS who, a.application_name AS name
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = to_regclass(${(0,sql_text/* quoteLiteral */.ce)(table)})
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    return rows.map(({ pid, who, name }) => `session ${pid} of ${who} (${name || 'unnamed'})`).join(', ');
}
/** Of a table that no count told of: never taken for an empty one. */
const notCounted = { unknown: 'it was not counted' };
const atOnce = 50;
/** Exact numbers of rows, by table; many at once, and one by one where one of them cannot be counted. */
async function countLive(client, look, names) {
    const found = new Map();
    for (let at = 0; at < names.length; at += atOnce) {
        const some = names.slice(at, at + atOnce);
        const all = await look.ask(some[0] ?? '', () => (0,backup_tables/* countRows */.BO)(client, some));
        for (const name of some) {
            const counts = 'value' in all ? all : await look.ask(name, () => (0,backup_tables/* countRows */.BO)(client, [name]));
            found.set(name, 'value' in counts ? rowsOf(counts.value[name]) : counts);
        }
    }
    return found;
}
function rowsOf(counted) {
    return counted === undefined ? notCounted : { value: counted };
}

;// CONCATENATED MODULE: ./packages/database/src/restore/loss.ts


/**
 * Reads what the live database has that the backup has not. Changes nothing. A table that cannot be counted is no reason
 * to stop: a damaged one may be why the backup is restored.
 * @throws Cancelled
 */
async function measureLoss(client, backup, signal) {
    return withLook(client, signal, async (look) => {
        const { tables } = await (0,backup_tables/* listTables */.WS)(client);
        const counts = await countLive(client, look, tables.map(({ name }) => name));
        const { rows } = await client.query('SELECT stats_reset::text AS since FROM pg_stat_database WHERE datname = current_database()');
        const now = Object.fromEntries(tables.map(({ name, changes }) => [name, { rows: counts.get(name) ?? notCounted, changes }]));
        const sameCounters = (rows[0]?.since ?? null) === backup.statisticsSince;
        return {
            since: backup.createdAt,
            events: await lostEvents(client, look, backup),
            ...compare(backup, now, sameCounters),
        };
    });
}
async function lostEvents(client, look, { events }) {
    if (events === null)
        return null;
    const { table, column, head } = events;
    const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
    if (!rows[0]?.there)
        return null;
    const beyond = await look.ask(table, () => client.query(`SELECT count(*)::int8 AS lost, min(${column})::text AS from, max(${column})::text AS to
       FROM ${table} WHERE ${column} > $1::int8`, [head ?? '-9223372036854775808']));
    if ('unknown' in beyond)
        return { table, lost: null, from: null, to: null, unknown: beyond.unknown };
    const { lost, from, to } = beyond.value.rows[0] ?? {};
    return { table, lost: Number(lost), from, to };
}
/** Pure. */
function compare(backup, now, sameCounters) {
    const deltas = Object.entries(now).map(([name, { changes }]) => [name, delta(backup.changes[name], changes)]);
    // A counter that went back was emptied, and then none of them tells anything.
    const counted = sameCounters && deltas.every(([, changes]) => changes === null || changes >= 0);
    const changed = new Map(deltas);
    const names = [...new Set([...Object.keys(backup.counts), ...Object.keys(now)])].sort();
    const tables = names.map((name) => {
        const rows = now[name]?.rows ?? { value: null };
        return {
            name,
            before: backup.counts[name] ?? null,
            ...('value' in rows ? { now: rows.value } : { now: null, unknown: rows.unknown }),
            changes: counted ? (changed.get(name) ?? null) : null,
        };
    });
    return { counted, tables: tables.filter(isLoss) };
}
function isLoss({ before, now, changes, unknown }) {
    return before !== now || (changes ?? 0) > 0 || unknown !== undefined;
}
function delta(then, now) {
    return now === null ? null : now - (then ?? 0);
}
/** The report as lines for people. Pure. */
function describeLoss({ since, events, tables, counted }) {
    const lines = [];
    if (events?.unknown !== undefined) {
        lines.push(`how many events of ${events.table} were written after ${since} is unknown (${events.unknown})`);
    }
    else if (events?.lost) {
        lines.push(`${events.lost} events of ${events.table} were written after ${since} (positions ${events.from} to ${events.to})`);
    }
    for (const table of tables) {
        const { name, changes } = table;
        lines.push(`${name} ${describeRows(table)}${changes === null ? '' : `, about ${changes} changes`}`);
    }
    if (!counted) {
        lines.push('rows that were updated are not counted: the counters of the server were emptied since the backup');
    }
    return lines.length > 0 ? lines : [`nothing was written after ${since}`];
}
function describeRows({ before, now, unknown }) {
    if (unknown !== undefined) {
        return `${before === null ? 'is new' : `had ${before} rows`}, and how many it has is unknown (${unknown})`;
    }
    if (before === null)
        return `is new, with ${now} rows`;
    return now === null ? 'was dropped' : `had ${before} rows, has ${now}`;
}

// EXTERNAL MODULE: ./packages/database/src/backup/restore-into.ts
var restore_into = __webpack_require__(9355);
// EXTERNAL MODULE: ./packages/database/src/connection/run-lock.ts
var run_lock = __webpack_require__(5197);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./packages/database/src/restore/names.ts

/** PostgreSQL keeps 63 bytes of a name; `_restore_` and seventeen digits take 26: two restores of one second are two. */
const mostBytes = 37;
function restoreNames(database, at) {
    const stamp = at.toISOString().replace(/\D/g, '').slice(0, 17);
    const base = baseOf(database);
    return { restored: `${base}_restore_${stamp}`, old: `${base}_old_${stamp}` };
}
/** Which of these databases a restore of this one made, newest last. Pure. */
function foundNames(database, all) {
    const base = baseOf(database);
    const of = (kind) => all
        .filter((name) => name.startsWith(`${base}_${kind}_`) && /^\d{17}$/.test(name.slice(base.length + kind.length + 2)))
        .sort();
    return { restored: of('restore'), old: of('old') };
}
function baseOf(database) {
    if (Buffer.byteLength(database) <= mostBytes)
        return database;
    const hash = (0,external_node_crypto_.createHash)('sha256').update(database).digest('hex').slice(0, 12);
    let start = '';
    for (const character of database) {
        if (Buffer.byteLength(start + character) > mostBytes - hash.length - 1)
            break;
        start += character;
    }
    return `${start}_${hash}`;
}

// EXTERNAL MODULE: ./node_modules/pg/esm/index.mjs
var esm = __webpack_require__(3849);
;// CONCATENATED MODULE: ./packages/database/src/restore/closing.ts


/** Marks, at the new database, that it was us who closed the old one: a run that comes after a kill opens it again. */
const closedMark = 'slipway closed the connections of the database that this one is going to replace';
/** Milliseconds that ended sessions get to be gone. */
const within = 15_000;
/**
 * Lets nobody connect to a database any more, and ends who is connected, but for our own.
 * @param admin Connected to another database of the server. @throws Fault that names who cannot be ended; Cancelled.
 */
async function closeDatabase(admin, of, { clock, signal }) {
    await admin.query(`COMMENT ON DATABASE ${(0,esm/* escapeIdentifier */.F)(of.restored)} IS ${(0,esm/* escapeLiteral */.NO)(closedMark)}`);
    await allowConnections(admin, of.database, false);
    const wait = { clock, signal, every: 100, within, during: 'the wait for sessions to end' };
    const gone = await (0,src/* poll */.wt)(wait, async () => {
        // Of other roles' sessions no more than these is told to everybody; workers of the server itself have no user.
        const { rows } = await admin.query(`SELECT pid, usename AS name, application_name AS application FROM pg_stat_activity
       WHERE datname = $1 AND pid <> ALL ($2) AND usesysid IS NOT NULL`, [of.database, of.except]);
        if (rows.length === 0)
            return { done: true, value: true };
        const seen = rows
            .map(({ pid, name, application }) => `session ${pid} of ${name} (${application || 'unnamed'})`)
            .join(', ');
        for (const { pid } of rows)
            await terminate(admin, pid, seen);
        return { done: false, seen };
    });
    if (!gone.ok)
        throw stillThere(gone.seen);
}
async function terminate(admin, pid, seen) {
    await admin.query('SELECT pg_terminate_backend($1)', [pid]).catch((cause) => {
        throw stillThere(seen, cause);
    });
}
function stillThere(seen, cause) {
    return new src/* Fault */.vC(`the old database is still used, and its sessions cannot be ended: ${seen}`, {
        cause,
        hint: 'End them, or GRANT pg_signal_backend TO the user of the database URL; sessions of superusers take a superuser. Then run this again.',
    });
}
async function allowConnections(admin, database, allow) {
    await admin.query(`ALTER DATABASE ${(0,esm/* escapeIdentifier */.F)(database)} ALLOW_CONNECTIONS ${allow}`);
}

;// CONCATENATED MODULE: ./packages/database/src/restore/recover.ts




/** Pure. */
function judgeLeftovers(database, all) {
    const named = foundNames(database, all.map(({ datname }) => datname));
    const present = all.find(({ datname }) => datname === database);
    const marked = all.some(({ datname, comment }) => named.restored.includes(datname) && comment === closedMark);
    return {
        restored: named.restored,
        closed: present !== undefined && !present.datallowconn && marked,
        putBack: present === undefined && named.restored.length > 0 ? (named.old.at(-1) ?? null) : null,
    };
}
/**
 * Puts back what a restore that was killed left: the old database is there under its name and takes connections. The
 * new one is dropped, and made again. @param admin Connected to another database of the server.
 */
async function recover(admin, database, log) {
    const { rows } = await admin.query(`SELECT datname, datallowconn, shobj_description(oid, 'pg_database') AS comment FROM pg_database`);
    const left = judgeLeftovers(database, rows);
    if (left.putBack !== null) {
        log.warn(`a restore was ended in the middle: ${left.putBack} becomes ${database} again`);
        await admin.query(`ALTER DATABASE ${(0,esm/* escapeIdentifier */.F)(left.putBack)} RENAME TO ${(0,esm/* escapeIdentifier */.F)(database)}`);
        await allowConnections(admin, database, true);
    }
    else if (left.closed) {
        log.warn(`a restore was ended in the middle: ${database} takes connections again`);
        await allowConnections(admin, database, true);
    }
    for (const name of left.restored) {
        log.info(`dropping ${name}, which an earlier restore left behind`);
        await (0,create_database/* dropDatabase */.Zi)(admin, name);
    }
}

;// CONCATENATED MODULE: ./packages/database/src/restore/restore-lock.ts


/** Milliseconds that a restore which was just ended gets to let go. */
const restore_lock_within = 10_000;
/**
 * Keeps two restores of one database apart: the second would take what the first is making for a leftover. Held by the
 * session beside the database, since the database itself is renamed meanwhile; it goes when the process dies.
 * @throws Fault when another one is running; Cancelled.
 */
async function takeRestoreLock(admin, database, { clock, signal }) {
    const key = (0,external_node_crypto_.createHash)('sha256').update(`slipway restore ${database}`).digest().readBigInt64BE(0);
    const wait = { clock, signal, within: restore_lock_within, every: 500, during: 'the wait for another restore' };
    const taken = await (0,src/* poll */.wt)(wait, async () => {
        const { rows } = await admin.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [String(key)]);
        return rows[0]?.taken ? { done: true, value: true } : { done: false, seen: 'it is held' };
    });
    if (taken.ok)
        return;
    throw new src/* Fault */.vC(`another restore of the database ${database} is running`, {
        hint: 'Wait until it is done; see pg_stat_activity for sessions called "slipway restore".',
    });
}

// EXTERNAL MODULE: ./packages/database/src/backup/event-tables.ts
var event_tables = __webpack_require__(1366);
;// CONCATENATED MODULE: ./packages/database/src/restore/carry-over.ts


/**
 * Of the database that is going to be replaced, when nobody writes to it any more. A table of events that cannot be read
 * is no reason to stop: what its sequence gave out is known without it. @throws Cancelled
 */
function readOldHead(client, signal) {
    return withLook(client, signal, (look) => headIn(client, look));
}
async function headIn(client, look) {
    const events = await (0,event_tables/* findEventTable */.oq)(client);
    if (events === null)
        return { position: null };
    const read = await look.ask(events.table, () => (0,event_tables/* headOf */.Uo)(client, events));
    const heads = 'value' in read ? [read.value] : [];
    for (const sequence of await sequencesOf(client, events)) {
        const { rows } = await client.query(`SELECT last_value::text AS last FROM ${sequence} WHERE is_called`);
        heads.push(rows[0]?.last ?? null);
    }
    const known = heads.flatMap((head) => (head === null ? [] : [BigInt(head)]));
    const highest = known.sort((a, b) => (a < b ? 1 : -1))[0];
    return { position: highest === undefined ? null : String(highest) };
}
/**
 * Prepares the restored database for consumers that saw the old one: positions that were given out are never given out
 * again, and a checkpoint beyond the restored head, which would make its consumer skip new events in silence, is set
 * back to it.
 */
async function carryOver(client, old) {
    const events = await (0,event_tables/* findEventTable */.oq)(client);
    if (events === null)
        return { sequences: [], checkpoints: 0 };
    const carried = { sequences: [], checkpoints: 0 };
    const head = (await (0,event_tables/* headOf */.Uo)(client, events)) ?? '0';
    for (const sequence of old.position === null ? [] : await sequencesOf(client, events)) {
        const { rowCount } = await client.query(`SELECT setval($1::regclass, $2::int8) FROM ${sequence} WHERE last_value < $2::int8 OR NOT is_called`, [sequence, old.position]);
        if (rowCount)
            carried.sequences.push(sequence);
    }
    for (const { table, column } of await (0,event_tables/* findCheckpoints */.FK)(client)) {
        const { rowCount } = await client.query(`UPDATE ${table} SET ${column} = $1::int8 WHERE ${column} > $1::int8`, [head]);
        carried.checkpoints += rowCount ?? 0;
    }
    return carried;
}
/** The sequences that number the events: owned by the column, or named by its default. Quoted as SQL wants them. */
async function sequencesOf(client, { table, column }) {
    const { rows } = await client.query(`WITH col AS (SELECT attrelid, attnum FROM pg_attribute
       WHERE attrelid = $1::regclass AND quote_ident(attname) = $2 AND NOT attisdropped)
     SELECT format('%I.%I', n.nspname, s.relname) AS name
     FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
     WHERE s.relkind = 'S' AND s.oid IN (
       SELECT d.objid FROM pg_depend d JOIN col ON d.refobjid = col.attrelid AND d.refobjsubid = col.attnum
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
       UNION
       SELECT d.refobjid FROM pg_attrdef f JOIN col ON f.adrelid = col.attrelid AND f.adnum = col.attnum
         JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
         WHERE d.refclassid = 'pg_class'::regclass)
     ORDER BY 1`, [table, column]);
    return rows.map(({ name }) => name);
}

;// CONCATENATED MODULE: ./packages/database/src/restore/properties.ts

/**
 * Gives a database what belongs to another one itself and is in no dump of its contents: owner, privileges, limit of
 * connections, settings and comment. Within the caller's transaction, so that they are there from its first moment.
 */
async function copyProperties(client, from, to) {
    const target = (0,esm/* escapeIdentifier */.F)(to);
    const { rows } = await client.query(`SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS most, d.datacl IS NOT NULL AS granted,
       shobj_description(d.oid, 'pg_database') AS comment, d.oid
     FROM pg_database d WHERE d.datname = $1`, [from]);
    const found = rows[0];
    await client.query(`ALTER DATABASE ${target} OWNER TO ${(0,esm/* escapeIdentifier */.F)(found.owner)}`);
    await client.query(`ALTER DATABASE ${target} CONNECTION LIMIT ${Number(found.most)}`);
    const comment = found.comment === null ? 'NULL' : (0,esm/* escapeLiteral */.NO)(found.comment);
    await client.query(`COMMENT ON DATABASE ${target} IS ${comment}`);
    if (found.granted)
        await copyGrants(client, from, target);
    await copySettings(client, found.oid, target);
}
async function copyGrants(client, from, target) {
    const { rows } = await client.query(`SELECT a.privilege_type AS privilege, a.is_grantable AS grantable,
       CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
     FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1`, [from]);
    await client.query(`REVOKE ALL ON DATABASE ${target} FROM PUBLIC`);
    for (const { privilege, grantable, grantee } of rows) {
        const option = grantable ? ' WITH GRANT OPTION' : '';
        await client.query(`GRANT ${privilege} ON DATABASE ${target} TO ${grantee}${option}`);
    }
}
/** `FROM CURRENT` leaves it to the server how a value of several names is quoted. */
async function copySettings(client, oid, target) {
    const { rows } = await client.query(`SELECT CASE WHEN s.setrole = 0 THEN '' ELSE quote_ident(pg_get_userbyid(s.setrole)) END AS role,
       split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
     FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = $1`, [oid]);
    for (const { role, name, value } of rows) {
        await client.query('SELECT set_config($1, $2, true)', [name, value]);
        const whose = role === '' ? `DATABASE ${target}` : `ROLE ${role} IN DATABASE ${target}`;
        await client.query(`ALTER ${whose} SET ${name.split('.').map(esm/* escapeIdentifier */.F).join('.')} FROM CURRENT`);
    }
}

;// CONCATENATED MODULE: ./packages/database/src/restore/swap.ts









/**
 * Puts the restored database in the place of the old one. Both renames are one transaction, so that at every moment one
 * of the two has the name. Until then the old one is opened again when anything fails; a run that is killed leaves that
 * to the next.
 * @param admin Connected to another database of the server.
 * @param live Connected to the old database, and so is the guard that keeps migrations out; both are closed here.
 * @throws Fault, Cancelled
 */
async function swap(options, admin, live, guard) {
    const { database, names, log } = options;
    try {
        log.info(`closing the connections of ${database}`);
        const except = await Promise.all([live, guard].map(sessionOf));
        await closeDatabase(admin, { database, restored: names.restored, except }, options);
        const loss = await measureLoss(live, options.backup, options.signal);
        const old = await readOldHead(live, options.signal);
        await Promise.all([live, guard].map(connect/* closeConnection */.Bn));
        const carried = await prepareRestored(options, old);
        await rename(admin, options);
        return { loss, carried };
    }
    catch (error) {
        await allowConnections(admin, database, true).catch((failed) => log.warn(`${database} could not be opened again (${failed.message}): ALTER DATABASE … ALLOW_CONNECTIONS true`));
        throw error;
    }
}
async function sessionOf(client) {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid;
}
async function prepareRestored({ url, names, signal }, old) {
    const { client } = await (0,scratch/* reach */.gl)((0,scratch/* withDatabase */.kR)(url, names.restored), 'slipway restore', signal);
    try {
        await client.query('BEGIN');
        await (0,snapshot/* withoutTimeouts */.v)(client, 'transaction');
        const carried = await carryOver(client, old);
        await client.query('COMMIT');
        return carried;
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(client);
    }
}
async function rename(admin, { database, names, backup, clock }) {
    const [name, restored, old] = [database, names.restored, names.old].map(esm/* escapeIdentifier */.F);
    const note = `replaced on ${clock.now().toISOString()} by the backup ${backup.file}`;
    try {
        await admin.query('BEGIN');
        await copyProperties(admin, database, names.restored);
        await admin.query(`ALTER DATABASE ${name} RENAME TO ${old}`);
        await admin.query(`COMMENT ON DATABASE ${old} IS ${(0,esm/* escapeLiteral */.NO)(note)}`);
        await admin.query(`ALTER DATABASE ${restored} RENAME TO ${name}`);
        await admin.query('COMMIT');
    }
    catch (cause) {
        await admin.query('ROLLBACK').catch(() => undefined);
        throw new src/* Fault */.vC(`the restored database cannot take the place of ${database}: ${cause.message}`, {
            cause,
            hint: 'The old one is in its place again. The user of the database URL must own it and have CREATEDB; no transaction may be prepared.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/database/src/restore/restore.ts













/** Milliseconds until a connection must stand. */
const connectWithin = 15_000;
/** Milliseconds that a migration which is running may take. */
const lockWithin = 5 * 60_000;
/**
 * Restores a backup into a new database beside the old one, checks it, says what would be lost, and with `confirm` puts
 * it in the place of the old one, which is kept. Can be killed at any point and run again: the old or the new database
 * is there under its name, never none.
 * @throws UserError before anything was changed; Fault when the old database is still in its place; Cancelled.
 */
async function restoreDatabase(options) {
    const { url, signal, log, clock } = options;
    const database = confirmedDatabase(options);
    const admin = await reachBeside(options, database);
    try {
        await (0,snapshot/* withoutTimeouts */.v)(admin, 'session');
        await takeRestoreLock(admin, database, options);
        await recover(admin, database, log);
        const live = await (0,scratch/* reach */.gl)(url, 'slipway restore', signal);
        const guard = await (0,scratch/* reach */.gl)(url, 'slipway restore', signal);
        try {
            await (0,run_lock/* createRunLock */.T3)(guard.client, { clock, signal, log }).take(lockWithin);
            const begun = await beginRestore(options, live, database);
            const names = restoreNames(database, clock.now());
            return await restoreBeside(options, { ...begun, admin, live, guard, database, names });
        }
        finally {
            await Promise.all([live, guard].map(({ client }) => (0,connect/* closeConnection */.Bn)(client)));
        }
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(admin);
    }
}
async function restoreBeside(options, work) {
    const { admin, live, guard, database, backup, pgRestore, names } = work;
    const { log } = options;
    let taken = false;
    try {
        log.info(`restoring ${backup.file} of ${backup.createdAt} into ${names.restored}`);
        await (0,create_database/* createDatabase */.cD)(admin, names.restored, backup.locale);
        const url = (0,scratch/* withDatabase */.kR)(options.url, names.restored);
        await (0,restore_into/* restoreInto */.p5)({ pgRestore, url, at: { ...live.at, database: names.restored }, scratch: false }, backup, options);
        await (0,restore_into/* verifyRestored */.se)(url, backup, options.signal);
        await (0,restore_into/* makeStatistics */.yk)(url, options);
        const loss = await measureLoss(live.client, backup, options.signal);
        for (const line of describeLoss(loss))
            log.warn(line);
        if (options.confirm === '')
            return { backup, database, loss, swapped: false };
        const { clock, signal } = options;
        const swapped = await swap({ url: options.url, database, names, backup, clock, signal, log }, admin, live.client, guard.client);
        taken = true;
        return { backup, database, ...swapped, swapped: true, old: names.old };
    }
    finally {
        if (!taken)
            await (0,create_database/* dropDatabase */.Zi)(admin, names.restored).catch((error) => log.warn(`${names.restored} is left: ${error.message}`));
    }
}
/** The name of the database. @throws UserError when the URL has none, or when another one was confirmed. */
function confirmedDatabase({ url, confirm }) {
    const [, name = ''] = /^postgres(?:ql)?:\/\/[^/?#]*\/([^?#]*)/.exec(url) ?? [];
    if (name === '') {
        throw new src/* UserError */.yo('the database URL names no database', {
            hint: 'Write it as postgresql://user:password@host:port/database.',
        });
    }
    const database = decodeURIComponent(name);
    if (confirm === '' || confirm === database)
        return database;
    throw new src/* UserError */.yo(`the restore is confirmed for "${confirm}", but the database is "${database}"`, {
        hint: 'Set confirm to the exact name of the database that is to be replaced.',
    });
}
/** The database itself may be closed or without its name: what a killed restore left is mended from another one. */
async function reachBeside({ url, signal, clock, log }, database) {
    const others = ['postgres', 'template1'].filter((name) => name !== database);
    let first;
    for (const other of others) {
        try {
            return await (0,connect/* connect */.Ng)({
                url: (0,scratch/* withDatabase */.kR)(url, other),
                applicationName: 'slipway restore',
                timeout: connectWithin,
                signal,
                patience: { clock, log },
            });
        }
        catch (error) {
            first ??= error;
        }
    }
    throw first;
}

;// CONCATENATED MODULE: ./packages/database/src/restore/preview.ts





/**
 * What a restore would do and lose, from the backup's manifest and the database as it is: nothing is made on the server,
 * no lock is taken, and nothing proves that the backup restores.
 * @throws UserError for what would keep the restore from being begun; Fault, Cancelled.
 */
async function previewRestore(options) {
    const { url, signal } = options;
    const database = confirmedDatabase(options);
    const live = await (0,scratch/* reach */.gl)(url, 'slipway restore', signal);
    try {
        const { backup } = await beginRestore(options, live, database);
        return { backup, database, loss: await measureLoss(live.client, backup, signal) };
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(live.client);
    }
}

// EXTERNAL MODULE: ./packages/runner/src/programs/index.ts + 3 modules
var src_programs = __webpack_require__(139);
// EXTERNAL MODULE: ./actions/db-migrate/src/backup.ts + 11 modules
var backup = __webpack_require__(4995);
;// CONCATENATED MODULE: ./actions/db-migrate/src/restore.ts



/**
 * Restores the database from a backup. Without confirmation it is restored beside the database, checked, reported and
 * dropped; a dry run makes nothing on the server and reports from the manifest.
 * @throws UserError, Fault, Cancelled; then the old database is in its place.
 */
async function restoreBackup(context, database, { from, confirm }) {
    const { config, exec, temp, env, clock, signal, log, redactor, dryRun } = context;
    const url = database['direct-url'] ?? database.url;
    redactor.add(url);
    (0,backup/* hideSecrets */.s)(context, database.backup);
    const { encrypt } = database.backup;
    const options = {
        url,
        store: (0,open_store/* openStore */.C)(database.backup, context),
        from: from || 'latest',
        confirm,
        key: encrypt === undefined ? null : (0,cipher/* parseKey */.Do)(encrypt),
        findPgRestore: async (major) => {
            const programs = { programs: config.programs, exec, temp };
            return (await (0,src_programs/* findPostgresProgram */.$s)('pg_restore', major, programs)).command[0];
        },
        env,
        clock,
        signal,
        log,
    };
    if (dryRun) {
        const preview = await previewRestore(options);
        context.output({ backup: preview.backup.file });
        return describePreview(preview);
    }
    const restored = await log.group('Restore', () => restoreDatabase(options));
    context.output({ backup: restored.backup.file });
    return describeRestore(restored);
}
/** Pure. */
function describePreview({ backup, database, loss }) {
    const about = `proven by ${backup.proof.kind}, ${tablesOf(backup)} tables`;
    return {
        outcome: 'skipped',
        summary: `Dry run: the backup ${backup.file} of ${backup.createdAt} (${about}) would be restored; nothing was done on the server. Restoring it would lose: ${describeLoss(loss).join('; ')}.`,
        hint: `Without dry-run and confirm, it is restored beside the database, checked and dropped again; with confirm: ${database}, it takes its place.`,
    };
}
function tablesOf({ counts }) {
    return Object.keys(counts).length;
}
/** What was done, and what is lost by it, in the first sentence. Pure. */
function describeRestore(restored) {
    const { backup, database } = restored;
    const lost = describeLoss(restored.loss).join('; ');
    const from = `${backup.file} of ${backup.createdAt} (${tablesOf(backup)} tables, all rows there)`;
    if (!restored.swapped) {
        return {
            outcome: 'skipped',
            summary: `The backup ${from} restores; nothing was changed. Restoring it would lose: ${lost}.`,
            hint: `To do it, run this again with confirm: ${database}`,
        };
    }
    const { sequences, checkpoints } = restored.carried;
    const care = [
        ...(sequences.length > 0 ? [`${sequences.join(', ')} goes on beyond the old head`] : []),
        ...(checkpoints > 0 ? [`${checkpoints} checkpoints were set back to the restored head`] : []),
    ];
    return {
        outcome: 'passed',
        summary: `The database ${database} was restored from ${from}. Lost: ${lost}.${care.length > 0 ? ` ${care.join('; ')}.` : ''} The old one is kept as ${restored.old}.`,
        hint: `When nothing of it is needed any more: DROP DATABASE "${restored.old}". Messages and e-mails that were sent since the backup cannot be taken back; rebuild projections that live outside of this database.`,
    };
}


/***/ })

};
