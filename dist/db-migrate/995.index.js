export const id = 995;
export const ids = [995];
export const modules = {

/***/ 4995:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  s: () => (/* binding */ hideSecrets),
  makeBackup: () => (/* binding */ makeBackup)
});

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
;// CONCATENATED MODULE: ./packages/database/src/backup/restore-point.ts

/**
 * Names a point in the archived write-ahead log, to which the platform's point-in-time recovery can go back, and waits
 * until the segment that holds it is in the archive. Nothing is dumped; the base backup is the platform's business.
 * @returns the point as a backup without file: `file` tells name and position.
 * @throws UserError when the server does not archive or the user may not; Fault when it does not arrive; Cancelled.
 */
async function makeRestorePoint(options) {
    const { client, clock, signal, within } = options;
    const problem = judgeArchiving(await readArchiving(client));
    if (problem)
        throw new src/* UserError */.yo(`there is no restore point: ${problem}`, { hint: noArchive });
    const name = `slipway-${options.release}`.replace(/[^\w.-]/g, '_').slice(0, 63);
    const { lsn, segment } = await createPoint(client, name);
    const wait = { clock, signal, within, every: 250, during: 'the wait for the WAL archive' };
    const archived = await (0,src/* poll */.wt)(wait, async () => {
        const now = await readArchiving(client);
        if (reached(now.lastArchived, segment))
            return { done: true, value: true };
        return {
            done: false,
            seen: judgeArchiving(now) ?? `the last archived segment is ${now.lastArchived ?? 'none'}`,
        };
    });
    if (archived.ok)
        return { file: `restore point ${name} at ${lsn}`, manifest: '', sha256: '', bytes: 0 };
    throw new src/* Fault */.vC(`the restore point ${name} did not reach the WAL archive in time: ${archived.seen}`, {
        hint: 'See the log of the server and pg_stat_archiver. Nothing was changed.',
    });
}
const noArchive = 'Mend the archiving of the server, or make a dump: database.backup.mode dump.';
/** Why going back to a point would not work; null when archiving is on and its last try went well. Pure. */
function judgeArchiving(of) {
    if (of.mode === 'off')
        return 'archive_mode is off';
    if (of.by === '')
        return 'neither archive_command nor archive_library is set';
    const failing = of.failedAt !== null && (of.archivedAt === null || of.failedAt > of.archivedAt);
    return failing ? `archiving fails: segment ${of.lastFailed} at ${of.failedAt?.toISOString()}` : null;
}
/** Segments of one timeline are numbered in the order of their names; histories and backup labels are no segments. Pure. */
function reached(lastArchived, segment) {
    const name = /^[0-9A-F]{24}/.exec(lastArchived ?? '')?.[0];
    return name !== undefined && name.slice(8) >= segment.slice(8);
}
async function readArchiving(client) {
    const { rows } = await client.query(`SELECT (SELECT setting FROM pg_settings WHERE name = 'archive_mode') AS mode,
       (SELECT coalesce(string_agg(setting, '') FILTER (WHERE setting <> '(disabled)'), '') FROM pg_settings
         WHERE name IN ('archive_command', 'archive_library')) AS by,
       last_archived_wal AS "lastArchived", last_archived_time AS "archivedAt",
       last_failed_wal AS "lastFailed", last_failed_time AS "failedAt" FROM pg_stat_archiver`);
    return rows[0];
}
async function createPoint(client, name) {
    try {
        const { rows } = await client.query('SELECT lsn::text, pg_walfile_name(lsn) AS segment FROM pg_create_restore_point($1) lsn', [name]);
        await client.query('SELECT pg_switch_wal()');
        return rows[0];
    }
    catch (cause) {
        const { code, message } = cause;
        throw new src/* UserError */.yo(`there is no restore point: ${message}`, {
            cause,
            hint: code === '42501'
                ? 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text), pg_switch_wal(), pg_walfile_name(pg_lsn) TO the user, as a superuser.'
                : noArchive,
        });
    }
}

;// CONCATENATED MODULE: ./packages/database/src/backup/snapshot-command.ts

/**
 * Lets the user's own command make a snapshot, such as `aws rds create-db-snapshot` followed by a wait. It has to end
 * with 0 only when the snapshot is complete; it is run as it is, without a shell.
 * @returns the snapshot as a backup without file: the last line that the command wrote, else the name that it was given.
 * @throws Fault when it did not end with 0; Cancelled.
 */
async function runSnapshotCommand(command, release, exec) {
    const name = `slipway-${release}`.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 63);
    const argv = command.map((word) => word.replaceAll('{name}', name));
    const said = (0,src/* expectSuccess */.lb)(await exec({ argv }), 'make the snapshot', 'See database.backup.snapshot-command. Nothing was changed.');
    const last = said.trim().split('\n').at(-1)?.trim();
    return { file: `snapshot ${last || name}`, manifest: '', sha256: '', bytes: 0 };
}

// EXTERNAL MODULE: ./packages/database/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(9086);
// EXTERNAL MODULE: ./packages/database/src/backup/cipher.ts
var backup_cipher = __webpack_require__(5911);
// EXTERNAL MODULE: ./packages/database/src/backup/compression.ts
var compression = __webpack_require__(4280);
;// CONCATENATED MODULE: ./packages/database/src/backup/describe.ts


/** What is known of a dump when it is stored. Pure. */
function describeDump({ facts, server, connectedTo, key }, of) {
    const { snapshot } = of;
    const { at, ...rest } = facts;
    return {
        schema: 3,
        file: of.name,
        sha256: of.sha256,
        bytes: of.bytes,
        cipher: key === null ? 'none' : backup_cipher/* cipherName */.Fo,
        compression: compression/* compressionName */.ci,
        database: connectedTo.database,
        databaseId: of.owner,
        databaseBytes: snapshot.bytes,
        createdAt: at.toISOString(),
        server: server.version,
        ...rest,
        lsn: snapshot.lsn,
        counts: of.counts,
        counted: snapshot.tables.length === snapshot.total ? 'all' : 'largest',
        changes: Object.fromEntries(snapshot.tables.map(({ name, changes }) => [name, changes])),
        statisticsSince: snapshot.statisticsSince,
        events: snapshot.events,
        locale: snapshot.locale,
    };
}

// EXTERNAL MODULE: ./packages/database/src/connection/libpq.ts
var libpq = __webpack_require__(6268);
// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(7075);
;// CONCATENATED MODULE: ./packages/database/src/backup/branch.ts


/** Bytes by which one of two readers may be ahead of the other. */
const lead = 128 * 1024;
/** Told to the second reader; why it ended is told to the first. */
class CutOff extends Error {
    name = 'CutOff';
}
function createBranch() {
    const side = new external_node_stream_.PassThrough({ highWaterMark: lead });
    // A second reader that stopped tells why by itself.
    side.on('error', () => undefined);
    const closed = new Promise((resolve) => side.once('close', resolve));
    return {
        side,
        async *through(content) {
            let complete = false;
            try {
                for await (const chunk of content) {
                    if (!side.destroyed && !side.write(chunk)) {
                        await Promise.race([(0,external_node_events_.once)(side, 'drain').catch(() => undefined), closed]);
                    }
                    yield chunk;
                }
                complete = true;
                side.end();
            }
            finally {
                if (!complete)
                    side.destroy(new CutOff('the dump ended before it was complete'));
            }
        },
    };
}

// EXTERNAL MODULE: ./packages/database/src/backup/collect.ts
var collect = __webpack_require__(7140);
// EXTERNAL MODULE: ./packages/database/src/backup/program-stream.ts
var program_stream = __webpack_require__(7767);
;// CONCATENATED MODULE: ./packages/database/src/backup/dump-failure.ts


/** @throws Fault that says why there is no count. */
function countFailure(error) {
    const { message } = error;
    throw new src/* Fault */.vC(`the rows cannot be counted: ${message}`, {
        cause: error,
        hint: hintFor(message),
    });
}
/** Why there is no dump, in words that begin with what became of the database. Pure. */
function dumpFailure(reason) {
    const about = 'the backup failed, and nothing was changed';
    if (reason instanceof src/* UserError */.yo)
        return reason;
    if (reason instanceof src/* Fault */.vC) {
        return new src/* Fault */.vC(`${about}: ${reason.message}`, { cause: reason, hint: reason.hint ?? again });
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    return new src/* Fault */.vC(`${about}: ${message}`, {
        cause: reason,
        hint: reason instanceof program_stream/* ProgramFailure */.J9 ? hintFor(reason.said) : again,
    });
}
const again = 'Mend the cause and run this again; without a backup no migration runs.';
/** That it failed is known by then: the words only choose the advice. */
function hintFor(said) {
    // That it was at LOCK TABLE says nothing: it may have lacked the right, or have lost the server.
    if (/lock timeout/.test(said)) {
        return 'Another session locks a table (a migration, VACUUM FULL, an open transaction): see pg_locks, wait for it or end it, then run this again.';
    }
    if (/version mismatch/.test(said))
        return 'Install the clients of the server\'s own major version, or pin pg_dump under "programs".';
    if (/permission denied|row-level security/.test(said)) {
        return 'Let the user read everything: GRANT pg_read_all_data TO it (PostgreSQL 14 and later), and BYPASSRLS where tables have row security.';
    }
    if (/server closed the connection|terminat|could not (?:connect|receive)|connection to server/.test(said)) {
        return 'The server ended the connection: see its log, then run this again.';
    }
    return again;
}

// EXTERNAL MODULE: ./packages/database/src/backup/pieces.ts
var pieces = __webpack_require__(3335);
// EXTERNAL MODULE: ./packages/database/src/backup/tables.ts
var tables = __webpack_require__(8553);
;// CONCATENATED MODULE: ./packages/database/src/backup/dump.ts











/**
 * Keeps owners and privileges, which a real restore needs. Not compressed: what is stored is, in another process and by
 * a better method than pg_dump has before PostgreSQL 16, and what is restored need not be decompressed. Pure.
 */
function dumpCommand(pgDump, snapshot) {
    return [
        pgDump,
        '--format=custom',
        '--compress=0',
        `--snapshot=${snapshot}`,
        '--no-password',
        // Behind a lock it would wait for ever, and everything that comes after it behind it.
        '--lock-wait-timeout=10s',
    ];
}
/**
 * Streams the dump, compressed and ciphered when there is a key, through its hash into the store, while the rows are
 * counted in the same snapshot. When any of these fails, all end and nothing is stored.
 * @param client Holds the snapshot open, and is closed as soon as nothing needs it. @throws Fault, UserError, Cancelled
 */
async function dumpTo(options, client, snapshot) {
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    const branch = createBranch();
    const dump = dumped(options, snapshot.id, signal);
    const content = (0,compression/* compressed */.ue)(options.alongside ? branch.through(dump) : dump);
    const cut = () => (0,connect/* cutConnection */.tP)(client);
    signal.addEventListener('abort', cut, { once: true });
    const names = snapshot.tables.map(({ name }) => name);
    let first = null;
    const together = (work) => work.catch((error) => {
        // One that was cut off knows nothing: why the store or the dump ended is about to come.
        if (!(error instanceof CutOff)) {
            first ??= error;
            stop.abort();
        }
        throw error;
    });
    const counting = together((0,tables/* countRows */.BO)(client, names).catch(countFailure));
    const storing = together(store(options, content));
    const [counts, stored, ...others] = await Promise.allSettled([
        counting,
        storing,
        together(storing.then((bytes) => options.readBack?.(bytes, signal))),
        together(Promise.resolve(options.alongside?.(branch.side, signal))),
        Promise.all([counting, storing]).then(() => (0,connect/* closeConnection */.Bn)(client)),
    ]);
    signal.removeEventListener('abort', cut);
    if (counts.status === 'fulfilled' &&
        stored.status === 'fulfilled' &&
        others.every(({ status }) => status === 'fulfilled')) {
        const { sha256, bytes } = stored.value;
        return { sha256, bytes, counts: counts.value };
    }
    if (stored.status === 'fulfilled')
        await options.store.delete(options.name).catch(() => undefined);
    if (options.signal.aborted)
        throw new src/* Cancelled */.cJ('the backup');
    throw dumpFailure(first);
}
async function store({ store, name, key }, content) {
    const meter = (0,pieces/* createMeter */.q)();
    await store.put(name, meter.through(key ? (0,backup_cipher/* encrypted */.NR)(content, key) : content));
    const cipher = key === null ? 'none' : backup_cipher/* cipherName */.Fo;
    return { file: name, sha256: meter.sha256(), bytes: meter.bytes, cipher };
}
async function* dumped(options, snapshot, signal) {
    const { pgDump, connectedTo, url } = options;
    const env = { ...options.env, ...(0,libpq/* connectionEnvironment */.M)(connectedTo, url) };
    const collected = (0,collect/* createCollector */.Y)();
    let bytes = 0;
    for await (const chunk of (0,program_stream/* readFrom */.zP)({ argv: dumpCommand(pgDump, snapshot), env, signal })) {
        bytes += chunk.length;
        collected(chunk.length);
        yield chunk;
    }
    if (bytes === 0)
        throw new src/* Fault */.vC('pg_dump wrote nothing');
}

// EXTERNAL MODULE: ./packages/database/src/backup/estimate.ts
var estimate = __webpack_require__(754);
// EXTERNAL MODULE: ./packages/database/src/backup/identity.ts
var identity = __webpack_require__(8294);
// EXTERNAL MODULE: ./packages/database/src/backup/manifest.ts
var backup_manifest = __webpack_require__(8697);
;// CONCATENATED MODULE: ./packages/database/src/backup/retention.ts
const day = 24 * 60 * 60_000;
/**
 * Backups that are not needed any more: neither among the newest nor young, and never the newest that is proven by
 * the strongest means there is. Only of one database; the caller calls it when a newer one is proven. Pure.
 * @returns names of dumps, oldest first.
 */
function expiredBackups(manifests, databaseId, keep, now) {
    const own = manifests
        .filter((one) => one.databaseId === databaseId)
        .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    const restored = own.find(({ proof }) => proof.kind === 'restore');
    return own
        .filter((one, at) => at >= Math.max(1, keep.last) && one !== restored)
        .filter(({ createdAt }) => now.getTime() - Date.parse(createdAt) > keep.days * day)
        .map(({ file }) => file)
        .reverse();
}

// EXTERNAL MODULE: ./packages/database/src/backup/store.ts
var backup_store = __webpack_require__(3539);
;// CONCATENATED MODULE: ./packages/database/src/backup/housekeeping.ts





/**
 * Deletes dumps of one database that a killed run left: nothing proves them.
 * @throws Fault when the list is one that leaves manifests out, which would cost every backup.
 */
async function clearUnfinished(store, owner) {
    for (const name of (0,identity/* unfinishedDumps */.ju)((await store.list()) ?? [], owner)) {
        const manifest = await (0,backup_store/* readText */.y)(store, (0,identity/* manifestName */.vS)(name)).catch(() => '');
        if (manifest !== '') {
            throw new src/* Fault */.vC(`the backup store ${store.address} lists ${name}, but not its manifest, which is there`, { hint: 'See that database.backup.list-command prints the names of all objects.' });
        }
        await store.delete(name);
    }
}
/** A backup that cannot be deleted is no reason to fail a release: the next run tries again. */
async function deleteExpired({ store, keep, clock, log }, owner) {
    if (!store.deletes)
        return;
    try {
        const names = (0,identity/* manifestsOf */.oF)((await store.list()) ?? [], owner);
        const read = await Promise.all(names.map(async (name) => (0,backup_manifest/* decodeManifest */.MK)(await (0,backup_store/* readText */.y)(store, name)) ?? []));
        for (const name of expiredBackups(read.flat(), owner, keep, clock.now())) {
            // The manifest goes first: a dump without one is no backup, a manifest without its dump is a lie.
            await store.delete((0,identity/* manifestName */.vS)(name));
            await store.delete(name);
            log.info(`deleted the backup ${name}: newer ones are proven`);
        }
    }
    catch (error) {
        log.warn(`old backups were not deleted: ${error instanceof Error ? error.message : String(error)}`);
    }
}

// EXTERNAL MODULE: ./packages/database/src/backup/scratch.ts
var backup_scratch = __webpack_require__(8056);
;// CONCATENATED MODULE: ./packages/database/src/backup/amcheck.ts




/**
 * Lets pg_amcheck look at every table and index of a restored copy. It needs a superuser there and the extension.
 * @returns `passed`, or why it could not be run. @throws Fault when it finds corruption; Cancelled.
 */
async function checkPages(pgAmcheck, target, { exec, signal }) {
    if (pgAmcheck === null)
        return 'not run: pg_amcheck is not installed';
    const { client } = await (0,backup_scratch/* reach */.gl)(target.url, 'slipway amcheck', signal);
    try {
        const { rows } = await client.query(`SELECT current_setting('is_superuser') = 'on' AS super,
         EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') AS available`);
        if (!rows[0]?.available)
            return 'not run: the server has no extension amcheck';
        if (!rows[0]?.super)
            return 'not run: it needs a superuser';
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(client);
    }
    const done = await exec({
        argv: [pgAmcheck, '--no-password', '--install-missing', '--jobs=2'],
        env: {
            ...(0,libpq/* connectionEnvironment */.M)(target.at, target.url),
            PGAPPNAME: 'slipway amcheck',
            PGOPTIONS: '-c statement_timeout=0',
        },
    });
    if (done.code === 0)
        return 'passed';
    throw new src/* Fault */.vC(`pg_amcheck found the restored copy corrupt: ${(0,src/* lastLines */.w$)(done, 3)}`, {
        hint: 'Check the disk and memory of the server that was restored to, and the indexes of the original.',
    });
}

// EXTERNAL MODULE: ./packages/database/src/backup/read-back.ts
var read_back = __webpack_require__(566);
// EXTERNAL MODULE: ./packages/database/src/backup/restore-into.ts
var restore_into = __webpack_require__(9355);
;// CONCATENATED MODULE: ./packages/database/src/backup/proof.ts



/** Proves a backup that was just stored by reading it back. @throws Fault when it is not proven; Cancelled. */
async function proveByReading(backup, prove, options) {
    const { clock, programs } = options;
    const begun = clock.monotonic();
    if (prove === 'checksum')
        await (0,read_back/* verifyChecksum */.j_)(backup, options);
    else
        await (0,read_back/* verifyDecoding */.R)(backup, programs.pgRestore, options);
    return { kind: prove, at: clock.now().toISOString(), ms: Math.round(clock.monotonic() - begun) };
}
/**
 * Proves a backup that was restored while it was stored, and whose stored bytes were read back: the rows of the copy
 * are counted, its pages checked. @throws Fault when it is not proven; Cancelled.
 */
async function proveRestored(backup, copy, options) {
    const { clock, programs, signal } = options;
    const begun = clock.monotonic();
    const [amcheck] = await Promise.all([
        checkPages(programs.pgAmcheck, copy, options),
        (0,restore_into/* verifyRestored */.se)(copy.url, backup, signal),
    ]);
    return {
        kind: 'restore',
        at: clock.now().toISOString(),
        ms: Math.round(clock.monotonic() - begun),
        amcheck,
    };
}

// EXTERNAL MODULE: ./packages/database/src/backup/snapshot.ts
var backup_snapshot = __webpack_require__(2728);
;// CONCATENATED MODULE: ./packages/database/src/backup/backup.ts















/**
 * Dumps one moment of the database into the store, proves what is stored, writes the manifest last, and deletes
 * backups that are not needed any more. What killed runs of the same database left behind is cleared away first; the
 * run lock keeps others away.
 * @param use Only called with `prove: restore`.
 * @throws UserError before anything is written; Fault when there is no proven backup at the end, and then none is left;
 * Cancelled; and whatever `use` throws.
 */
async function backUp(options, use) {
    const { store, facts, log, key, signal, server } = options;
    if (options.prove === 'restore') {
        await (0,backup_scratch/* assertScratchPossible */.me)(options, server.major);
    }
    const { client } = await (0,backup_scratch/* reach */.gl)(options.url, `slipway backup ${facts.release}`, signal);
    try {
        const owner = await (0,identity/* databaseId */.xe)(client, options.connectedTo);
        const snapshot = await (0,backup_snapshot/* openSnapshot */.r)(client);
        (0,estimate/* assertWithinLimit */.ZP)(snapshot.bytes, options.limit, options.prove);
        const time = (0,src/* formatDuration */.a3)((0,estimate/* expectedDuration */.PJ)(snapshot.bytes, options.prove));
        const copied = options.prove === 'restore' && !options.scratchUrl
            ? ', and its copy for the proof as much again on the disk of the database'
            : '';
        log.info(`the database has ${(0,estimate/* formatSize */.Xq)(snapshot.bytes)}; a backup to ${store.address} takes about ${time}${copied}`);
        await store.prepare(owner);
        await clearUnfinished(store, owner);
        const name = (0,identity/* backupName */.aw)({ release: facts.release, at: facts.at, owner, encrypted: key !== null });
        const work = { client, owner, snapshot, name };
        return options.prove === 'restore'
            ? await dumpAndRestore(options, work, use)
            : await dumpAndRead(options, work, options.prove);
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(client);
    }
}
async function dump(options, work, more = {}) {
    const { client, snapshot, name } = work;
    const { pgDump } = options.programs;
    const dumped = await dumpTo({ ...options, ...more, pgDump, name }, client, snapshot);
    return describeDump(options, { ...work, ...dumped });
}
async function dumpAndRead(options, work, kind) {
    const dumped = await dump(options, work);
    return seal(options, dumped, () => proveByReading(dumped, kind, options));
}
/** Restored at the pace of the dump and read back meanwhile, in about the time of the slowest of the three. */
async function dumpAndRestore(options, { owner, ...of }, use) {
    const { server, signal, clock, log, env } = options;
    const url = options.scratchUrl ?? options.url;
    const scratch = { url, owner, major: server.major, locale: of.snapshot.locale, signal, clock, log };
    return (0,backup_scratch/* withScratch */.hM)(scratch, async (scratchUrl, at) => {
        const { pgRestore } = options.programs;
        const target = { pgRestore, url: scratchUrl, at, scratch: true };
        const dumped = await dump(options, { owner, ...of }, {
            alongside: (content, stop) => (0,restore_into/* restoreWhileDumped */.RC)(target, content, { env, signal: stop }),
            readBack: (stored, stop) => (0,read_back/* verifyReadable */.Aj)(stored, { ...options, signal: stop }),
        });
        const made = await seal(options, dumped, () => proveRestored(dumped, target, options));
        if (use) {
            await (0,restore_into/* makeStatistics */.yk)(scratchUrl, { signal, log });
            await use(scratchUrl, made.backup);
        }
        return made;
    });
}
/** Writes the manifest of what is proven, and deletes what is not. */
async function seal(options, dumped, prove) {
    const { store, log } = options;
    const name = (0,identity/* manifestName */.vS)(dumped.file);
    try {
        const proof = await prove();
        const manifest = { ...dumped, proof };
        await (0,backup_store/* writeText */.x)(store, name, (0,backup_manifest/* encodeManifest */.Gb)(manifest)).catch((error) => {
            throw dumpFailure(error);
        });
        const pages = proof.amcheck ? `, pg_amcheck ${proof.amcheck}` : '';
        log.info(`proven by ${proof.kind} in ${(0,src/* formatDuration */.a3)(proof.ms)}${pages}`);
        await deleteExpired(options, dumped.databaseId);
        const { sha256, bytes } = manifest;
        const backup = { file: store.locate(dumped.file), manifest: store.locate(name), sha256, bytes };
        return { backup, manifest };
    }
    catch (error) {
        // A store may have kept what it said had failed, and a manifest without its dump would be a lie.
        await store
            .delete(name)
            .then(() => store.delete(dumped.file))
            .catch(() => undefined);
        throw error;
    }
}

// EXTERNAL MODULE: ./packages/database/src/backup/stores/open-store.ts + 9 modules
var open_store = __webpack_require__(3819);
// EXTERNAL MODULE: ./packages/runner/src/programs/index.ts + 3 modules
var programs = __webpack_require__(139);
;// CONCATENATED MODULE: ./actions/db-migrate/src/backup.ts



/**
 * Makes and proves a backup as `database.backup` says.
 * @param use Gets the restored copy that proves it, when `database.backup.prove` is `restore`.
 * @throws UserError, Fault, Cancelled, and whatever `use` throws: the backup is proven by then, and kept.
 */
async function makeBackup(run, use) {
    const { context, database, session } = run;
    const { backup: wanted } = database;
    hideSecrets(context, wanted);
    warnOfPassingFolder(context, wanted);
    const { clock, signal, record, exec, log } = context;
    const release = record.id;
    const made = wanted.mode === 'restore-point'
        ? await makeRestorePoint({
            client: await session.worker(),
            release,
            within: wanted['archive-timeout'],
            clock,
            signal,
        })
        : wanted.mode === 'snapshot-command'
            ? await runSnapshotCommand(wanted['snapshot-command'] ?? [], release, exec)
            : await backup_dump(run, use);
    log.info(made.bytes === 0 ? made.file : `backup ${made.file}: ${made.bytes} bytes, sha256 ${made.sha256}`);
    return made;
}
/** A folder on a machine that is thrown away after the job is no place for a backup. */
function warnOfPassingFolder({ env, log }, { to, command, mode }) {
    const folder = command === undefined && mode === 'dump' && !to.includes('://');
    if (folder && env.RUNNER_ENVIRONMENT === 'github-hosted') {
        log.warn(`the backup in ${to} goes with this machine: set database.backup.to to a bucket, or upload it in a later step`);
    }
}
/** With the programs of the server's own major version. */
async function backup_dump(run, use) {
    const { context, database, session, plan } = run;
    const { backup: wanted } = database;
    const { exec, env, log, record, clock, signal } = context;
    const programs = await findClients(session.server.major, context);
    const { backup } = await backUp({
        url: session.url,
        connectedTo: session.connectedTo,
        server: session.server,
        programs,
        store: (0,open_store/* openStore */.C)(wanted, context),
        key: wanted.encrypt === undefined ? null : (0,backup_cipher/* parseKey */.Do)(wanted.encrypt),
        prove: wanted.prove,
        scratchUrl: wanted['scratch-url'],
        keep: wanted.keep,
        limit: wanted.limit,
        facts: {
            client: programs.version,
            schemaVersion: plan.current,
            release: record.id,
            commit: record.commit,
            run: context.run.url,
            at: clock.now(),
        },
        env,
        exec,
        clock,
        signal,
        log,
    }, use);
    return backup;
}
/** Also when somebody wrote them into the configuration itself. */
function hideSecrets({ redactor }, backup) {
    for (const secret of [backup.encrypt, backup['scratch-url']])
        if (secret)
            redactor.add(secret);
}
/** @throws UserError when pg_dump or pg_restore is not there; pg_amcheck is only used where it is. */
async function findClients(major, { config, exec, temp }) {
    const options = { programs: config.programs, exec, temp };
    const pgDump = await (0,programs/* findPostgresProgram */.$s)('pg_dump', major, options);
    const pgRestore = await (0,programs/* findPostgresProgram */.$s)('pg_restore', major, options);
    const pgAmcheck = await (0,programs/* findPostgresProgram */.$s)('pg_amcheck', major, options).catch((error) => {
        if (error instanceof src/* UserError */.yo)
            return null;
        throw error;
    });
    return {
        pgDump: pgDump.command[0],
        pgRestore: pgRestore.command[0],
        pgAmcheck: pgAmcheck?.command[0] ?? null,
        version: pgDump.version,
    };
}


/***/ }),

/***/ 5911:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Do: () => (/* binding */ parseKey),
/* harmony export */   Fo: () => (/* binding */ cipherName),
/* harmony export */   J9: () => (/* binding */ decrypted),
/* harmony export */   NR: () => (/* binding */ encrypted)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7314);
/* harmony import */ var _pieces_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3335);



/** Named in the manifest. */
const cipherName = 'slipway-aes-256-gcm-1';
/**
 * The format, version 1. Everything is authenticated before it is handed on: a restore never runs SQL that was
 * tampered with, and a missing end is noticed. GCM alone could do neither for a stream, and no more than 64 GiB.
 *
 *   header, 32 bytes: "SLIPWAYB", 1 (version), 1 (AES-256-GCM), 0, 0, piece size as uint32 big-endian, 16 bytes of salt
 *   pieces:           ciphertext as long as the piece (the last may be shorter), then the tag of 16 bytes
 *   key:              HKDF-SHA256(key, salt, info "slipway backup 1"), 32 bytes
 *   nonce of piece n: 7 zero bytes, n as uint32 big-endian, 1 for the last piece and 0 for the others
 *   additional data:  the header
 *
 * Without Slipway, `KEY=<the key> node decrypt.mjs < backup.dump.zst.aes | zstd -d > backup.dump`:
 *
 *   import { createDecipheriv, hkdfSync } from 'node:crypto';
 *   import { readSync, writeSync } from 'node:fs';
 *   const read = (size) => {
 *     const piece = Buffer.alloc(size);
 *     let at = 0;
 *     for (let got = 1; got > 0 && at < size; at += got) got = readSync(0, piece, at, size - at);
 *     return piece.subarray(0, at);
 *   };
 *   const text = process.env.KEY, raw = Buffer.from(text, text.length === 64 ? 'hex' : 'base64');
 *   const head = read(32), size = head.readUInt32BE(12) + 16;
 *   const key = Buffer.from(hkdfSync('sha256', raw, head.subarray(16), 'slipway backup 1', 32));
 *   for (let n = 0, piece = read(size), next; piece.length > 0; n++, piece = next) {
 *     next = read(size);
 *     const nonce = Buffer.alloc(12);
 *     nonce.writeUInt32BE(n, 7);
 *     nonce[11] = next.length === 0 ? 1 : 0;
 *     const open = createDecipheriv('aes-256-gcm', key, nonce).setAAD(head).setAuthTag(piece.subarray(-16));
 *     writeSync(1, Buffer.concat([open.update(piece.subarray(0, -16)), open.final()]));
 *   }
 */
const magic = Buffer.from('SLIPWAYB');
const headerLength = 32;
const tagLength = 16;
const pieceSize = 256 * 1024;
/**
 * Reads a key of 32 bytes, written in hexadecimal or base64.
 * @throws UserError that does not hold the key.
 */
function parseKey(text) {
    const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
    if (key.length === 32)
        return key;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .UserError */ .yo('the key of the backup is not 32 bytes in base64 or hexadecimal', {
        hint: 'Make one with `openssl rand -base64 32`, keep it where the backups are not, and name it in database.backup.encrypt.',
    });
}
/** The content in the format above. */
async function* encrypted(content, key) {
    const header = Buffer.alloc(headerLength);
    magic.copy(header);
    header.set([1, 1, 0, 0], 8);
    header.writeUInt32BE(pieceSize, 12);
    (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(16).copy(header, 16);
    yield header;
    const own = derive(key, header);
    let count = 0;
    for await (const { bytes, last } of (0,_pieces_js__WEBPACK_IMPORTED_MODULE_2__/* .inPieces */ .x)(content, pieceSize)) {
        const cipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createCipheriv)('aes-256-gcm', own, nonce(count++, last)).setAAD(header);
        yield cipher.update(bytes);
        // GCM holds nothing back: all that is left is the tag.
        cipher.final();
        yield cipher.getAuthTag();
    }
}
/** The reverse. @throws Fault when the key is another one, or the content was changed or cut. */
async function* decrypted(content, key) {
    const source = content[Symbol.asyncIterator]();
    let start = Buffer.alloc(0);
    while (start.length < headerLength) {
        const next = await source.next();
        if (next.done)
            throw damaged('it ends within its header');
        start = Buffer.concat([start, next.value]);
    }
    const header = start.subarray(0, headerLength);
    if (!header.subarray(0, 8).equals(magic))
        throw damaged('it is not encrypted by Slipway');
    if (header[8] !== 1 || header[9] !== 1)
        throw damaged(`its format is version ${header[8]}, not 1`);
    const own = derive(key, header);
    const size = header.readUInt32BE(12) + tagLength;
    if (size > 64 * 1024 * 1024)
        throw damaged('its header names pieces that are too large');
    let count = 0;
    for await (const { bytes, last } of (0,_pieces_js__WEBPACK_IMPORTED_MODULE_2__/* .inPieces */ .x)(rest(start.subarray(headerLength), source), size)) {
        yield open(bytes, own, nonce(count++, last), header);
    }
}
function open(piece, key, iv, header) {
    if (piece.length < tagLength)
        throw damaged('it is cut off');
    const decipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createDecipheriv)('aes-256-gcm', key, iv).setAAD(header);
    decipher.setAuthTag(piece.subarray(-tagLength));
    try {
        const plain = decipher.update(piece.subarray(0, -tagLength));
        decipher.final();
        return plain;
    }
    catch (cause) {
        throw damaged('the key is another one, or the content was changed or cut off', cause);
    }
}
async function* rest(first, source) {
    try {
        yield first;
        for (let next = await source.next(); !next.done; next = await source.next())
            yield next.value;
    }
    finally {
        await source.return?.();
    }
}
function derive(key, header) {
    return Buffer.from((0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.hkdfSync)('sha256', key, header.subarray(16), 'slipway backup 1', 32));
}
function nonce(count, last) {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(count, 7);
    bytes[11] = last ? 1 : 0;
    return bytes;
}
function damaged(why, cause) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Fault */ .vC(`the encrypted backup cannot be read: ${why}`, {
        cause,
        hint: 'Compare its sha256 with the manifest: when they are equal, the key in database.backup.encrypt is not the one it was made with.',
    });
}


/***/ }),

/***/ 7140:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ createCollector)
/* harmony export */ });
/* harmony import */ var node_v8__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8877);
/* harmony import */ var node_v8__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_v8__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_vm__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(714);
/* harmony import */ var node_vm__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_vm__WEBPACK_IMPORTED_MODULE_1__);


/** Bytes that may go through a stream between two collections. */
const every = 4 * 1024 * 1024;
let collect;
/**
 * Called with what goes through a stream of any length, keeps the memory of the process flat. A stream makes hardly an
 * object that V8 sees: its buffers lie outside of the heap, and tens of megabytes of them can pile up before V8 looks.
 */
function createCollector() {
    let since = 0;
    return (bytes) => {
        since += bytes;
        if (since < every)
            return;
        since = 0;
        collect ??= exposeCollect();
        collect({ type: 'minor' });
    };
}
/** What `node --expose-gc` has from the start; the command line of an action is not ours. */
function exposeCollect() {
    (0,node_v8__WEBPACK_IMPORTED_MODULE_0__.setFlagsFromString)('--expose-gc');
    return (0,node_vm__WEBPACK_IMPORTED_MODULE_1__.runInNewContext)('gc');
}


/***/ }),

/***/ 4280:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ci: () => (/* binding */ compressionName),
/* harmony export */   ji: () => (/* binding */ decompressed),
/* harmony export */   ue: () => (/* binding */ compressed)
/* harmony export */ });
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6466);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_stream_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8522);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_zlib__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7314);



/** Named in the manifest. */
const compressionName = 'zstd';
/** Bytes of a piece as it leaves; the default of 16 KiB costs a crossing into the library for each. */
const chunkSize = 128 * 1024;
/**
 * The level that costs least: on event tables of jsonb it is smaller than the gzip that pg_dump has by default, in a
 * quarter of the time. With a checksum of the content, so that decompressing proves it.
 */
const compress = {
    chunkSize,
    params: { [node_zlib__WEBPACK_IMPORTED_MODULE_1__.constants.ZSTD_c_compressionLevel]: 1, [node_zlib__WEBPACK_IMPORTED_MODULE_1__.constants.ZSTD_c_checksumFlag]: 1 },
};
/** The content as one Zstandard frame, which `zstd -d` reads (RFC 8878). */
function compressed(content) {
    return through(content, (0,node_zlib__WEBPACK_IMPORTED_MODULE_1__.createZstdCompress)(compress));
}
/** The reverse. @throws whatever `content` throws; Fault when it is not what was compressed. */
async function* decompressed(content) {
    try {
        yield* through(content, (0,node_zlib__WEBPACK_IMPORTED_MODULE_1__.createZstdDecompress)({ chunkSize }));
    }
    catch (cause) {
        if (!isDamage(cause))
            throw cause;
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__/* .Fault */ .vC(`the backup cannot be decompressed: ${cause.message}`, { cause });
    }
}
async function* through(content, transform) {
    const done = (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_0__.pipeline)(content, transform);
    // Whoever reads the other end is told of a failure before.
    done.catch(() => undefined);
    yield* transform;
    // A decompressor ends with its frame. What comes behind it is read to the end, and has to be nothing.
    await done;
}
function isDamage(error) {
    return /^(?:ZSTD_|Z_)/.test(error.code ?? '');
}


/***/ }),

/***/ 7376:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   MX: () => (/* binding */ assertMayCreate),
/* harmony export */   Zi: () => (/* binding */ dropDatabase),
/* harmony export */   cD: () => (/* binding */ createDatabase)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var pg__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3849);


async function dropDatabase(client, name) {
    await client.query(`DROP DATABASE IF EXISTS ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeIdentifier */ .F)(name)} WITH (FORCE)`);
}
/**
 * An empty database that sorts and compares as the given one did.
 * @param instead What else the user can do who may not, as the end of a sentence.
 * @throws UserError when the user may not create databases; Fault for everything else.
 */
async function createDatabase(client, name, locale, instead) {
    const options = [
        'TEMPLATE template0',
        `ENCODING ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeLiteral */ .NO)(locale.encoding)}`,
        `LC_COLLATE ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeLiteral */ .NO)(locale.collate)}`,
        `LC_CTYPE ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeLiteral */ .NO)(locale.ctype)}`,
        ...(locale.provider && locale.providerLocale
            ? [
                `LOCALE_PROVIDER ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeIdentifier */ .F)(locale.provider)}`,
                `${locale.provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'} ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeLiteral */ .NO)(locale.providerLocale)}`,
            ]
            : []),
    ];
    try {
        await client.query(`CREATE DATABASE ${(0,pg__WEBPACK_IMPORTED_MODULE_1__/* .escapeIdentifier */ .F)(name)} ${options.join(' ')}`);
    }
    catch (cause) {
        const { code, message } = cause;
        if (code === '42501')
            throw notAllowed(instead, cause);
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`the database to restore into cannot be created: ${message}`, {
            cause,
            hint: 'It needs the locale and encoding of the original and room on the disk of the server.',
        });
    }
}
function notAllowed(instead = '', cause) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo('the database user may not create the database to restore into', {
        cause,
        hint: `ALTER ROLE … CREATEDB for it${instead}.`,
    });
}
/** @throws UserError unless the user may create databases; its hint ends with `instead`. */
async function assertMayCreate(client, instead) {
    const { rows } = await client.query('SELECT rolcreatedb OR rolsuper AS allowed FROM pg_roles WHERE rolname = current_user');
    if (!rows[0]?.allowed)
        throw notAllowed(instead);
}


/***/ }),

/***/ 1366:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FK: () => (/* binding */ findCheckpoints),
/* harmony export */   Uo: () => (/* binding */ headOf),
/* harmony export */   oq: () => (/* binding */ findEventTable)
/* harmony export */ });
/**
 * Column that orders events, best first: our example and many home-made stores, Emmett (`emt_messages`), Message DB,
 * Marten (`mt_events`).
 */
const positions = ['global_position', 'position', 'seq_id', 'sequence_number'];
const eventTables = '^(events|event_store|event_log|emt_messages|mt_events|messages|stored_events)$';
/** Emmett's `emt_subscriptions`, Marten's `mt_event_progression`, and tables called after what they are. */
const checkpointTables = '(checkpoint|subscription|progression|projection_position|consumer_position)';
const checkpointColumns = [
    'last_processed_position',
    'last_seq_id',
    'global_position',
    'last_position',
    'position',
    'checkpoint',
];
/** Null when this database has no table that looks like one of events. */
async function findEventTable(client) {
    const found = await find(client, eventTables, positions);
    return found[0] ?? null;
}
async function findCheckpoints(client) {
    return find(client, checkpointTables, checkpointColumns);
}
/** One column of each table whose name matches: the first of the list that it has, as a whole number. */
async function find(client, name, columns) {
    const { rows } = await client.query(`SELECT DISTINCT ON (1) format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
       AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT a.attisdropped
       AND c.relname ~ $1 AND a.attname = ANY ($2) AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
     ORDER BY 1, array_position($2, a.attname::text)`, [name, columns]);
    return rows.map(({ table, column }) => ({ table, column }));
}
/** Highest position; null for a store without events. As text, since a bigint may be more than a number holds. */
async function headOf(client, { table, column }) {
    const { rows } = await client.query(`SELECT max(${column})::text AS head FROM ${table}`);
    return rows[0]?.head ?? null;
}


/***/ }),

/***/ 8294:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   aw: () => (/* binding */ backupName),
/* harmony export */   ju: () => (/* binding */ unfinishedDumps),
/* harmony export */   kw: () => (/* binding */ lostDumps),
/* harmony export */   oF: () => (/* binding */ manifestsOf),
/* harmony export */   vS: () => (/* binding */ manifestName),
/* harmony export */   xe: () => (/* binding */ databaseId)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);

/**
 * Tells the databases apart whose backups share a store: by the identifier that the cluster got when it was made, and
 * the name. Where that may not be asked, host and port stand for the cluster. Never holds user or password.
 * @returns 12 hexadecimal digits.
 */
async function databaseId(client, at) {
    const cluster = await client
        .query('SELECT system_identifier::text AS id FROM pg_control_system()')
        .then(({ rows }) => String(rows[0]?.id))
        .catch(() => `${at.host}:${at.port}`);
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(`${cluster}/${at.database}`).digest('hex').slice(0, 12);
}
/** `<release>-<moment>.<database id>.dump.zst`; encrypted ones end in `.dump.zst.aes`. Pure. */
function backupName(of) {
    const moment = of.at.toISOString().replace(/[-:.]/g, '');
    const release = of.release.replace(/[^\w.-]/g, '_');
    return `${release}-${moment}.${of.owner}.dump.zst${of.encrypted ? '.aes' : ''}`;
}
const manifestSuffix = '.manifest.json';
function manifestName(backup) {
    return `${backup}${manifestSuffix}`;
}
/** Names of manifests of one database whose dump is there as well, among all objects of a store. Pure. */
function manifestsOf(names, owner) {
    const all = new Set(names);
    return names
        .filter((name) => isDumpOf(name, owner))
        .map(manifestName)
        .filter((name) => all.has(name));
}
/** Dumps of one database that a manifest tells of and that are gone. Pure. */
function lostDumps(names, owner) {
    const all = new Set(names);
    return names
        .filter((name) => name.endsWith(manifestSuffix))
        .map((name) => name.slice(0, -manifestSuffix.length))
        .filter((name) => isDumpOf(name, owner) && !all.has(name));
}
/** Dumps of one database that no manifest tells of: a killed run left them, and nothing proves them. Pure. */
function unfinishedDumps(names, owner) {
    const all = new Set(names);
    return names.filter((name) => isDumpOf(name, owner) && !all.has(manifestName(name)));
}
function isDumpOf(name, owner) {
    return new RegExp(`\\.${owner}\\.dump\\.zst(?:\\.aes)?$`).test(name);
}


/***/ }),

/***/ 8697:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Gb: () => (/* binding */ encodeManifest),
/* harmony export */   MK: () => (/* binding */ decodeManifest),
/* harmony export */   WI: () => (/* binding */ readManifest)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2857);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(4377);
/* harmony import */ var _cipher_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5911);
/* harmony import */ var _compression_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4280);
/* harmony import */ var _store_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3539);





const proofSchema = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    kind: zod__WEBPACK_IMPORTED_MODULE_1__/* ["enum"] */ .k5n(['restore', 'decode', 'checksum']),
    at: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** Milliseconds that the proof took. */
    ms: zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig(),
    /** pg_amcheck on the restored copy: `passed`, or why it was not run. Only for `restore`. */
    amcheck: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().optional(),
});
const localeSchema = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    encoding: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    collate: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    ctype: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    provider: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable(),
    providerLocale: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable(),
});
const manifestSchema = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    schema: zod__WEBPACK_IMPORTED_MODULE_1__/* .literal */ .euz(3),
    /** Name of the dump in the store. */
    file: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().regex(/^[\w.-]+$/),
    /** Of the bytes as they are stored. */
    sha256: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().regex(/^[0-9a-f]{64}$/),
    bytes: zod__WEBPACK_IMPORTED_MODULE_1__/* .int */ .Whr(),
    cipher: zod__WEBPACK_IMPORTED_MODULE_1__/* ["enum"] */ .k5n(['none', _cipher_js__WEBPACK_IMPORTED_MODULE_2__/* .cipherName */ .Fo]),
    compression: zod__WEBPACK_IMPORTED_MODULE_1__/* .literal */ .euz(_compression_js__WEBPACK_IMPORTED_MODULE_3__/* .compressionName */ .ci),
    database: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    databaseId: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** Bytes of the database itself. */
    databaseBytes: zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig(),
    createdAt: zod__WEBPACK_IMPORTED_MODULE_4__/* .datetime */ .w$(),
    server: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    client: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    schemaVersion: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable(),
    release: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    commit: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    run: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    lsn: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** Exact rows by table in the snapshot of the dump, and whether all tables were counted. */
    counts: zod__WEBPACK_IMPORTED_MODULE_1__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_1__/* .int */ .Whr()),
    counted: zod__WEBPACK_IMPORTED_MODULE_1__/* ["enum"] */ .k5n(['all', 'largest']),
    /** Counters of changed rows by table at that time, for the report of what a restore would lose. */
    changes: zod__WEBPACK_IMPORTED_MODULE_1__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig().nullable()),
    statisticsSince: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable(),
    events: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ table: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), column: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), head: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable() }).nullable(),
    locale: localeSchema,
    /** Nothing is written before it is proven. */
    proof: proofSchema,
});
function encodeManifest(manifest) {
    return `${JSON.stringify(manifest, null, 2)}\n`;
}
/** Null for what is no manifest of this version. Pure. */
function decodeManifest(text) {
    try {
        return manifestSchema.safeParse(JSON.parse(text)).data ?? null;
    }
    catch {
        return null;
    }
}
/** @throws Fault when it is not there, or is none. */
async function readManifest(store, name) {
    const manifest = decodeManifest(await (0,_store_js__WEBPACK_IMPORTED_MODULE_5__/* .readText */ .y)(store, name));
    if (manifest)
        return manifest;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`${store.locate(name)} is no manifest of a backup (schema 3)`, {
        hint: 'Backups of older versions of Slipway are restored by hand with pg_restore.',
    });
}


/***/ }),

/***/ 3335:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   q: () => (/* binding */ createMeter),
/* harmony export */   x: () => (/* binding */ inPieces)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _collect_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7140);


function createMeter() {
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
    const collected = (0,_collect_js__WEBPACK_IMPORTED_MODULE_1__/* .createCollector */ .Y)();
    let bytes = 0;
    return {
        get bytes() {
            return bytes;
        },
        sha256: () => hash.digest('hex'),
        async *through(content) {
            for await (const chunk of content) {
                hash.update(chunk);
                bytes += chunk.length;
                collected(chunk.length);
                yield chunk;
            }
        },
    };
}
/** Cuts a stream into pieces of one size. The last is shorter or as long, and empty only when everything is. */
async function* inPieces(content, size) {
    let held = [];
    let length = 0;
    for await (const chunk of content) {
        held.push(chunk);
        length += chunk.length;
        if (length <= size)
            continue;
        let rest = Buffer.concat(held);
        for (; rest.length > size; rest = rest.subarray(size)) {
            yield { bytes: rest.subarray(0, size), last: false };
        }
        held = [rest];
        length = rest.length;
    }
    yield { bytes: Buffer.concat(held), last: true };
}


/***/ }),

/***/ 7767:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J9: () => (/* binding */ ProgramFailure),
/* harmony export */   jH: () => (/* binding */ writeTo),
/* harmony export */   zP: () => (/* binding */ readFrom)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_child_process__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_events__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8474);
/* harmony import */ var node_events__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_events__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7314);



/** The program ran and did not succeed. */
class ProgramFailure extends Error {
    name = 'ProgramFailure';
    /** Which one it was. */
    argv;
    /** The end of what it wrote to stderr. */
    said;
    constructor(argv, how, said) {
        super(`${argv[0].split('/').at(-1)} ${how}: ${said || 'without a word'}`);
        this.argv = argv;
        this.said = said;
    }
}
/** Milliseconds between the polite signal and the last one. */
const killAfter = 3000;
const mostWords = 4000;
const mostLines = 3;
/**
 * What a program writes to stdout, as it comes. Ends well only when the program did; whoever stops reading ends it.
 * @throws ProgramFailure; UserError when there is no such program; Cancelled.
 */
async function* readFrom(command) {
    const running = start(command, ['ignore', 'pipe', 'pipe']);
    try {
        for await (const chunk of running.child.stdout ?? [])
            yield chunk;
        await running.succeed();
    }
    finally {
        await running.end();
    }
}
/**
 * Gives a program its stdin and waits for it. A program that ends well before it has read everything (an archive may
 * have a tail that it needs not) has read enough; the rest of `content` is still taken in, so that it can be checked.
 * @throws what `content` throws, before anything that the program says about its input being cut; ProgramFailure …
 */
async function writeTo(command, content) {
    const running = start(command, ['pipe', 'ignore', 'pipe']);
    const { child } = running;
    const stdin = child.stdin;
    // A closed pipe is explained by how the program ended.
    stdin.on('error', () => undefined);
    try {
        for await (const chunk of content) {
            if (running.ended()) {
                await running.succeed();
                continue;
            }
            if (!stdin.write(chunk))
                await Promise.race([(0,node_events__WEBPACK_IMPORTED_MODULE_1__.once)(stdin, 'drain').catch(() => undefined), running.over]);
        }
        stdin.end();
        await running.succeed();
    }
    finally {
        await running.end();
    }
}
function start(command, stdio) {
    const [program, ...args] = command.argv;
    if (command.signal.aborted)
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ(program);
    const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(program, args, { env: { ...command.env }, stdio });
    let said = '';
    child.stderr?.on('data', (chunk) => {
        said = (said + chunk.toString('utf8')).slice(-mostWords);
    });
    let failure;
    const over = new Promise((resolve) => {
        const settle = (how) => {
            failure ??= how;
            resolve();
        };
        child.once('error', (error) => settle(notStarted(program, error)));
        child.once('close', (code, signal) => {
            const lines = said.trim().split('\n').slice(-mostLines).join('\n');
            const how = code === null ? `was ended by ${signal}` : `exited ${code}`;
            settle(code === 0 ? null : new ProgramFailure(command.argv, how, lines));
        });
    });
    const kill = killer(child);
    command.signal.addEventListener('abort', kill, { once: true });
    return {
        child,
        over,
        ended: () => failure !== undefined,
        async succeed() {
            await over;
            if (command.signal.aborted)
                throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ(program);
            if (failure)
                throw failure;
        },
        async end() {
            command.signal.removeEventListener('abort', kill);
            if (failure === undefined)
                kill();
            child.stdout?.destroy();
            await over;
        },
    };
}
function killer(child) {
    return () => {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
        timer.unref();
        child.once('close', () => clearTimeout(timer));
    };
}
function notStarted(program, cause) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__/* .UserError */ .yo(`cannot run ${program}: ${cause.code ?? cause.message}`, {
        cause,
        hint: `Install ${program.split('/').at(-1)} on the runner.`,
    });
}


/***/ }),

/***/ 566:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Aj: () => (/* binding */ verifyReadable),
/* harmony export */   Gj: () => (/* binding */ notDone),
/* harmony export */   R: () => (/* binding */ verifyDecoding),
/* harmony export */   ad: () => (/* binding */ assertKeyFits),
/* harmony export */   hm: () => (/* binding */ feed),
/* harmony export */   j_: () => (/* binding */ verifyChecksum)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var _cipher_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5911);
/* harmony import */ var _compression_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4280);
/* harmony import */ var _pieces_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3335);
/* harmony import */ var _program_stream_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7767);





/** Reads the whole backup out of the store and compares it with what was written. @throws Fault, Cancelled */
async function verifyChecksum(backup, { store, signal }) {
    for await (const _chunk of checked(backup, store))
        if (signal.aborted)
            throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ('the proof of the backup');
}
/** The same, and decrypts and decompresses it, which has a checksum of its own. @throws Fault, Cancelled */
async function verifyReadable(backup, options) {
    const { signal } = options;
    await explained(backup, options, async () => {
        for await (const _chunk of decoded(backup, options))
            if (signal.aborted)
                throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ('the proof of the backup');
    });
}
/** Has pg_restore decode every byte, without a database. @throws Fault, Cancelled */
async function verifyDecoding(backup, pgRestore, options) {
    const { env, signal } = options;
    await feed({ argv: [pgRestore, '--file=/dev/null'], env, signal }, backup, options, 'decoded');
}
/** The stored bytes, compared at their end with the manifest. */
async function* checked(backup, store) {
    const meter = (0,_pieces_js__WEBPACK_IMPORTED_MODULE_1__/* .createMeter */ .q)();
    yield* meter.through(store.get(backup.file));
    if (meter.bytes !== backup.bytes) {
        throw damaged(store, backup, `it has ${meter.bytes} bytes instead of ${backup.bytes}`);
    }
    const found = meter.sha256();
    if (found !== backup.sha256) {
        throw damaged(store, backup, `its sha256 is ${found.slice(0, 12)}… instead of ${backup.sha256.slice(0, 12)}…`);
    }
}
function damaged(store, backup, why) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`the backup ${store.locate(backup.file)} is damaged: ${why}`, {
        hint: 'It was changed or cut after it was written. Look after the storage, and make a new backup.',
    });
}
/** The dump as pg_dump wrote it. @throws UserError when its key does not fit; Fault when it is damaged. */
function decoded(backup, options) {
    const { store, key } = options;
    assertKeyFits(backup, options);
    const stored = checked(backup, store);
    return (0,_compression_js__WEBPACK_IMPORTED_MODULE_2__/* .decompressed */ .ji)(key === null ? stored : (0,_cipher_js__WEBPACK_IMPORTED_MODULE_3__/* .decrypted */ .J9)(stored, key));
}
/**
 * Whether there is a key where one is needed. A backup that is not encrypted is refused where a key is: whoever can
 * write into the store, and knows no key, could put SQL of their own in its place.
 * @throws UserError
 */
function assertKeyFits({ file, cipher }, { store, key }) {
    if ((cipher === 'none') === (key === null))
        return;
    if (key === null) {
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the backup ${store.locate(file)} is encrypted, and there is no key`, {
            hint: 'Set database.backup.encrypt to the key that it was made with.',
        });
    }
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the backup ${store.locate(file)} is not encrypted, and database.backup.encrypt is set`, {
        hint: 'If it was made before there was a key, and nobody else can write there, leave database.backup.encrypt out for this run.',
    });
}
/** Gives a program the backup as it was dumped. @throws Fault, UserError, Cancelled */
async function feed(command, backup, options, how) {
    await explained(backup, options, () => (0,_program_stream_js__WEBPACK_IMPORTED_MODULE_4__/* .writeTo */ .jH)(command, decoded(backup, options)).catch((error) => {
        if (options.signal.aborted)
            throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ(`the backup being ${how}`);
        throw error instanceof _program_stream_js__WEBPACK_IMPORTED_MODULE_4__/* .ProgramFailure */ .J9 ? notDone(how, error) : error;
    }));
}
/** Whether the bytes are those that were written goes before what a program, the cipher or zstd says of them. */
async function explained(backup, options, read) {
    try {
        await read();
    }
    catch (error) {
        if (error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC)
            await verifyChecksum(backup, options);
        throw error;
    }
}
/** The program's words, with what to do about them. Pure. */
function notDone(how, error) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`the backup cannot be ${how}: ${error.message}`, {
        cause: error,
        hint: hintFor(error.said),
    });
}
function hintFor(said) {
    if (/role ".*" does not exist/.test(said))
        return 'Create the role first: roles belong to the server and are in no dump.';
    if (/extension/.test(said))
        return 'Install the extension on the server that is restored to, or let a superuser restore.';
    // The server stops short of a whole block before it says in words that the disk is full.
    if (/No space left|disk full|could not extend file|wrote only \d+ of/i.test(said))
        return 'Free space on the server that is restored to.';
    if (/server closed the connection|terminating connection|in recovery mode|shutting down/.test(said)) {
        return 'The server that is restored to ended the connection: see its log. A full disk stops a whole server, so name another one by database.backup.scratch-url.';
    }
    if (/unsupported version|unrecognized configuration parameter/.test(said)) {
        return 'pg_restore and the server must be of the major version that the backup was made from.';
    }
    return 'Mend the cause and run this again.';
}


/***/ }),

/***/ 9355:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   RC: () => (/* binding */ restoreWhileDumped),
/* harmony export */   p5: () => (/* binding */ restoreInto),
/* harmony export */   se: () => (/* binding */ verifyRestored),
/* harmony export */   yk: () => (/* binding */ makeStatistics)
/* harmony export */ });
/* unused harmony export restoreCommand */
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var _connection_connect_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(9086);
/* harmony import */ var _connection_libpq_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6268);
/* harmony import */ var _program_stream_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7767);
/* harmony import */ var _read_back_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(566);
/* harmony import */ var _scratch_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8056);
/* harmony import */ var _snapshot_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(2728);
/* harmony import */ var _tables_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(8553);








/**
 * Restores into an empty database; `verifyRestored` then looks at it.
 * @throws Fault that says what is wrong with the backup; Cancelled.
 */
async function restoreInto(target, backup, options) {
    await (0,_read_back_js__WEBPACK_IMPORTED_MODULE_1__/* .feed */ .hm)(restoreProgram(target, options), backup, options, 'restored');
}
/**
 * Restores a dump into an empty database while it is made.
 * @throws Fault when it cannot be restored; whatever `content` throws; Cancelled.
 */
async function restoreWhileDumped(target, content, step) {
    await (0,_program_stream_js__WEBPACK_IMPORTED_MODULE_2__/* .writeTo */ .jH)(restoreProgram(target, step), content).catch((error) => {
        throw error instanceof _program_stream_js__WEBPACK_IMPORTED_MODULE_2__/* .ProgramFailure */ .J9 ? (0,_read_back_js__WEBPACK_IMPORTED_MODULE_1__/* .notDone */ .Gj)('restored', error) : error;
    });
}
function restoreProgram(target, { env, signal }) {
    const careless = target.scratch ? ' -c synchronous_commit=off' : '';
    return {
        argv: restoreCommand(target),
        env: {
            ...env,
            ...(0,_connection_libpq_js__WEBPACK_IMPORTED_MODULE_3__/* .connectionEnvironment */ .M)(target.at, target.url),
            PGAPPNAME: 'slipway restore',
            PGOPTIONS: `-c statement_timeout=0 -c maintenance_work_mem=256MB${careless}`,
        },
        signal,
    };
}
/** @throws Fault that names the tables whose rows are not those of the snapshot; Cancelled. */
async function verifyRestored(url, backup, signal) {
    const { client } = await (0,_scratch_js__WEBPACK_IMPORTED_MODULE_4__/* .reach */ .gl)(url, 'slipway restore', signal);
    try {
        await (0,_snapshot_js__WEBPACK_IMPORTED_MODULE_5__/* .withoutTimeouts */ .v)(client, 'session');
        await verifyCounts(client, backup);
    }
    catch (error) {
        if (error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC)
            throw error;
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`the rows of the restored copy cannot be counted: ${(0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .describeError */ .Uc)(error)}`, {
            cause: error,
            hint: 'See the log of the server that was restored to, then run this again.',
        });
    }
    finally {
        await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_6__/* .closeConnection */ .Bn)(client);
    }
}
/** The statistics that the planner needs, which are in no dump. Without them a database is slow, not wrong. */
async function makeStatistics(url, { signal, log }) {
    const { client } = await (0,_scratch_js__WEBPACK_IMPORTED_MODULE_4__/* .reach */ .gl)(url, 'slipway restore', signal);
    try {
        await (0,_snapshot_js__WEBPACK_IMPORTED_MODULE_5__/* .withoutTimeouts */ .v)(client, 'session');
        await client.query('ANALYZE');
    }
    catch (error) {
        log.warn(`the restored copy has no statistics: ANALYZE failed: ${(0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .describeError */ .Uc)(error)}`);
    }
    finally {
        await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_6__/* .closeConnection */ .Bn)(client);
    }
}
/** The database is named by the environment: in an argument a name could be read as connection settings. Pure. */
function restoreCommand({ pgRestore, scratch }) {
    const copy = ['--no-owner', '--no-privileges', '--no-publications', '--no-subscriptions'];
    return [
        pgRestore,
        '--exit-on-error',
        '--no-password',
        '--dbname=',
        ...(scratch ? copy : ['--no-subscriptions']),
    ];
}
async function verifyCounts(client, backup) {
    const { tables } = await (0,_tables_js__WEBPACK_IMPORTED_MODULE_7__/* .listTables */ .WS)(client);
    const wanted = tables.map(({ name }) => name).filter((name) => name in backup.counts);
    const differences = (0,_tables_js__WEBPACK_IMPORTED_MODULE_7__/* .compareCounts */ .G8)(backup.counts, await (0,_tables_js__WEBPACK_IMPORTED_MODULE_7__/* .countRows */ .BO)(client, wanted));
    if (differences.length === 0)
        return;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`the restored copy is not what was backed up: ${differences.slice(0, 5).join('; ')}`, {
        hint: 'The backup is not to be trusted. Make a new one and keep this message.',
    });
}


/***/ }),

/***/ 8056:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   gl: () => (/* binding */ reach),
/* harmony export */   hM: () => (/* binding */ withScratch),
/* harmony export */   kR: () => (/* binding */ withDatabase),
/* harmony export */   me: () => (/* binding */ assertScratchPossible)
/* harmony export */ });
/* unused harmony exports scratchPrefix, dropScratches, assertSameMajor */
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7314);
/* harmony import */ var _connection_connect_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9086);
/* harmony import */ var _create_database_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7376);



const within = 15_000;
/** @throws UserError that says why there is no connection; Cancelled. */
async function reach(url, applicationName, signal) {
    const client = await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_1__/* .connect */ .Ng)({ url, applicationName, timeout: within, signal });
    const { host, port, user = '', password, database = '' } = client;
    return {
        client,
        at: { host, port, user, password: typeof password === 'string' ? password : '', database },
    };
}
/** The same server and login, another database. Pure. */
function withDatabase(url, database) {
    return url.replace(/^(postgres(?:ql)?:\/\/[^/?#]*)(?:\/[^?#]*)?/, (_all, server) => `${server}/${encodeURIComponent(database)}`);
}
/** Scratch copies of one database; whatever has this prefix was left by a run that was killed. Pure. */
function scratchPrefix(owner) {
    return `slipway_scratch_${owner}_`;
}
/** Drops what killed runs left. Only one run at a time works on a database, so no other is using them. */
async function dropScratches(client, owner, log) {
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
        scratchPrefix(owner),
    ]);
    for (const { datname } of rows) {
        log.info(`dropping ${datname}, which an earlier run left behind`);
        await (0,_create_database_js__WEBPACK_IMPORTED_MODULE_2__/* .dropDatabase */ .Zi)(client, datname);
    }
}
/** What else can be done, where only a proof needs the copy. */
const insteadOfCopy = ', or name another server by database.backup.scratch-url, or set database.backup.prove to decode';
/** Looks, before hours are spent on a dump, whether it can be restored for the proof. @throws UserError, Cancelled */
async function assertScratchPossible({ url, scratchUrl, signal }, major) {
    const { client } = await reach(scratchUrl ?? url, 'slipway scratch', signal).catch((cause) => {
        if (!scratchUrl || !(cause instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo))
            throw cause;
        const hint = cause.hint ?? 'Check the address.';
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`database.backup.scratch-url: ${cause.message}`, { cause, hint });
    });
    try {
        await assertSameMajor(client, major);
        await (0,_create_database_js__WEBPACK_IMPORTED_MODULE_2__/* .assertMayCreate */ .MX)(client, insteadOfCopy);
    }
    finally {
        await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_1__/* .closeConnection */ .Bn)(client);
    }
}
/** @throws UserError unless both servers are of one major version: settings of a newer dump are no older server's. */
async function assertSameMajor(client, major) {
    const there = await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_1__/* .serverVersion */ .qh)(client);
    if (there.major === major)
        return;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the scratch server is PostgreSQL ${there.major}, the database ${major}`, {
        hint: `Name a PostgreSQL ${major} by database.backup.scratch-url.`,
    });
}
/**
 * Lends an empty database and drops it afterwards, whatever happened; a run that is killed leaves it to the next one.
 * @throws UserError, Fault, Cancelled, and whatever `use` throws.
 */
async function withScratch(options, use) {
    const { client, at } = await reach(options.url, 'slipway scratch', options.signal);
    const name = `${scratchPrefix(options.owner)}${options.clock.now().getTime().toString(36)}`;
    try {
        await assertSameMajor(client, options.major);
        await dropScratches(client, options.owner, options.log);
        await (0,_create_database_js__WEBPACK_IMPORTED_MODULE_2__/* .createDatabase */ .cD)(client, name, options.locale, insteadOfCopy);
        try {
            return await use(withDatabase(options.url, name), { ...at, database: name });
        }
        finally {
            await (0,_create_database_js__WEBPACK_IMPORTED_MODULE_2__/* .dropDatabase */ .Zi)(client, name).catch((error) => options.log.warn(`the scratch database ${name} could not be dropped (${error.message}); the next run does it`));
        }
    }
    finally {
        await (0,_connection_connect_js__WEBPACK_IMPORTED_MODULE_1__/* .closeConnection */ .Bn)(client);
    }
}


/***/ }),

/***/ 2728:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   r: () => (/* binding */ openSnapshot),
/* harmony export */   v: () => (/* binding */ withoutTimeouts)
/* harmony export */ });
/* harmony import */ var _event_tables_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1366);
/* harmony import */ var _tables_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8553);


/**
 * Opens a transaction that sees one moment, and exports it. The timeouts of the role must not end it: the dump may
 * take hours. Row security is off, so that rows that the user may not see are an error, as they are for pg_dump.
 */
async function openSnapshot(client) {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await withoutTimeouts(client, 'transaction');
    await client.query('SET LOCAL row_security = off');
    await client.query("SET LOCAL lock_timeout = '10s'");
    const { rows } = await client.query(`SELECT pg_export_snapshot() AS id, pg_database_size(current_database()) AS bytes,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
       (SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()) AS since`);
    const { tables, total } = await (0,_tables_js__WEBPACK_IMPORTED_MODULE_0__/* .listTables */ .WS)(client);
    const found = await (0,_event_tables_js__WEBPACK_IMPORTED_MODULE_1__/* .findEventTable */ .oq)(client);
    return {
        id: rows[0]?.id,
        lsn: rows[0]?.lsn,
        bytes: Number(rows[0]?.bytes),
        tables,
        total,
        statisticsSince: rows[0]?.since ?? null,
        events: found && { ...found, head: await (0,_event_tables_js__WEBPACK_IMPORTED_MODULE_1__/* .headOf */ .Uo)(client, found) },
        locale: await localeOf(client),
    };
}
/** Switches off the timeouts that a role or a database may have: what is looked at may be large. */
async function withoutTimeouts(client, during) {
    await client.query(`SELECT set_config(name, '0', $1) FROM pg_settings
     WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`, [during === 'transaction']);
}
async function localeOf(client) {
    // Columns of later versions are read by name out of the whole row, as older ones do not have them.
    const { rows } = await client.query(`SELECT pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
       to_jsonb(d) ->> 'datlocprovider' AS provider,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
     FROM pg_database d WHERE d.datname = current_database()`);
    const { encoding, collate, ctype, provider, locale } = rows[0] ?? {};
    const named = { i: 'icu', b: 'builtin' };
    return { encoding, collate, ctype, provider: named[provider] ?? null, providerLocale: locale ?? null };
}


/***/ }),

/***/ 3539:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   x: () => (/* binding */ writeText),
/* harmony export */   y: () => (/* binding */ readText)
/* harmony export */ });
/** A small object as text. */
async function readText(store, name) {
    const chunks = [];
    for await (const chunk of store.get(name))
        chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
}
async function writeText(store, name, text) {
    async function* content() {
        yield Buffer.from(text, 'utf8');
    }
    await store.put(name, content());
}


/***/ }),

/***/ 3819:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  C: () => (/* binding */ openStore)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
;// CONCATENATED MODULE: ./packages/database/src/backup/stores/cloud-commands.ts
/**
 * Google Cloud Storage by its CLI, logged in by google-github-actions/auth. `cp -` uploads stdin, `cat` prints an
 * object: cloud.google.com/storage/docs/streaming, cloud.google.com/sdk/gcloud/reference/storage. Pure.
 * @param url gs://bucket/prefix
 */
function googleCommands(url) {
    const address = url.replace(/\/+$/, '');
    return {
        address,
        put: (name) => ['gcloud', 'storage', 'cp', '--no-clobber', '--quiet', '-', `${address}/${name}`],
        get: (name) => ['gcloud', 'storage', 'cat', `${address}/${name}`],
        list: {
            argv: ['gcloud', 'storage', 'ls', `${address}/`],
            names: (stdout) => stdout.split('\n').flatMap(lastPart),
            empty: /matched no objects/i,
        },
        delete: (name) => ['gcloud', 'storage', 'rm', '--quiet', `${address}/${name}`],
        hint: 'Log in by google-github-actions/auth before this step; the account needs roles/storage.objectUser on the bucket.',
    };
}
/**
 * Azure Blob Storage: AzCopy streams (`--from-to PipeBlob` and `BlobPipe`, learn.microsoft.com/azure/storage/common/
 * storage-ref-azcopy-copy), with the login of the Azure CLI, which lists and deletes. Pure.
 * @param url azblob://account/container/prefix
 */
function azureCommands(url) {
    const [account = '', container = '', ...rest] = url
        .replace(/^azblob:\/\//, '')
        .replace(/\/+$/, '')
        .split('/');
    const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`;
    const blob = (name) => {
        const key = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
        return `https://${account}.blob.core.windows.net/${container}/${key}`;
    };
    const where = ['--account-name', account, '--container-name', container, '--auth-mode', 'login'];
    return {
        address: url.replace(/\/+$/, ''),
        put: (name) => ['azcopy', 'copy', blob(name), '--from-to', 'PipeBlob'],
        get: (name) => ['azcopy', 'copy', blob(name), '--from-to', 'BlobPipe'],
        list: {
            argv: [
                'az',
                'storage',
                'blob',
                'list',
                ...where,
                '--prefix',
                prefix,
                '--num-results',
                '*',
                '--query',
                '[].name',
                '--output',
                'tsv',
            ],
            names: (stdout) => stdout
                .split('\n')
                .flatMap((line) => (line.startsWith(prefix) ? line.slice(prefix.length).trim() || [] : []))
                // What lies deeper is another store's.
                .filter((name) => !name.includes('/')),
            // Nothing is an empty answer, and not an error.
            empty: /(?!)/,
        },
        delete: (name) => ['az', 'storage', 'blob', 'delete', ...where, '--name', `${prefix}${name}`],
        // It says nothing when it fails at the end of a pipe (github.com/Azure/azure-storage-azcopy/issues/1441).
        hint: 'Log in by azure/login before this step; the identity needs the role Storage Blob Data Contributor on the container. AzCopy does not say why a stream fails: copy a file there by hand, which it explains.',
        env: { AZCOPY_AUTO_LOGIN_TYPE: 'AZCLI' },
    };
}
/** The name of an object in a line that holds its path; none for a folder. */
function lastPart(line) {
    return line.trim().split('/').at(-1) || [];
}
/** The user's own programs; `{name}` in an argument stands for the name of the object. Pure. */
function ownCommands(put, get, more = {}) {
    const { list, delete: remove } = more;
    const fill = (argv, name) => argv.map((word) => word.replaceAll('{name}', name));
    return {
        address: `command:${put[0]}`,
        put: (name) => fill(put, name),
        get: get ? (name) => fill(get, name) : null,
        list: list
            ? { argv: fill(list, ''), names: (stdout) => stdout.split('\n').flatMap(lastPart), empty: /(?!)/ }
            : null,
        delete: remove ? (name) => fill(remove, name) : null,
        hint: 'See database.backup.command, read-command and list-command: each object is one call, the manifest the last, and a list names them all.',
    };
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
;// CONCATENATED MODULE: ./packages/database/src/backup/stores/file-store.ts




/** A folder of this machine or a mounted volume, readable by this user alone. */
function fileStore(folder) {
    const locate = (name) => external_node_path_.join(folder, name);
    return {
        address: folder,
        locate,
        prepare: (owner) => prepareFolder(folder, owner),
        put: (name, content) => putFile(folder, name, content),
        async *get(name) {
            try {
                for await (const chunk of (0,external_node_fs_.createReadStream)(locate(name), { highWaterMark: 256 * 1024 })) {
                    yield chunk;
                }
            }
            catch (cause) {
                throw new src/* Fault */.vC(`the backup ${locate(name)} cannot be read: ${(0,src/* describeError */.Uc)(cause)}`, {
                    cause,
                    hint: 'Check that the file is still there and that this user may read it.',
                });
            }
        },
        list: () => (0,promises_.readdir)(folder).catch(() => []),
        deletes: true,
        delete: (name) => (0,promises_.rm)(locate(name), { force: true }),
    };
}
async function prepareFolder(folder, owner) {
    try {
        await (0,promises_.mkdir)(folder, { recursive: true, mode: 0o700 });
        const left = (await (0,promises_.readdir)(folder)).filter((name) => name.includes(`.${owner}.`) && name.endsWith('.partial'));
        await Promise.all(left.map((name) => (0,promises_.rm)(external_node_path_.join(folder, name), { force: true })));
    }
    catch (cause) {
        throw new src/* UserError */.yo(`the backup folder ${folder} cannot be used: ${(0,src/* describeError */.Uc)(cause)}`, {
            cause,
            hint: 'Set database.backup.to to a folder that this user can write. Nothing was changed.',
        });
    }
}
async function putFile(folder, name, content) {
    const file = external_node_path_.join(folder, name);
    const partial = `${file}.partial`;
    try {
        // Nobody else can read it at any time.
        const handle = await (0,promises_.open)(partial, 'wx', 0o600);
        try {
            for await (const chunk of content)
                await handle.writeFile(chunk);
            await handle.sync();
        }
        finally {
            await handle.close();
        }
        // Unlike a rename, a link never replaces a backup that is there.
        await (0,promises_.link)(partial, file);
        await (0,promises_.rm)(partial);
        // The names have to survive a crash of the machine as well as the bytes.
        const names = await (0,promises_.open)(folder, 'r');
        await names.sync().finally(() => names.close());
    }
    catch (error) {
        await (0,promises_.rm)(partial, { force: true });
        throw explain(error, folder);
    }
}
/** Errors of the file system in words; whatever the content threw is left as it is. */
function explain(error, folder) {
    const { code, syscall } = (error ?? {});
    if (code === undefined || syscall === undefined)
        return error;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
        const what = code === 'ENOSPC' ? 'No space left on device' : 'Disk quota exceeded';
        return new src/* Fault */.vC(`${what} in the backup folder ${folder}`, {
            cause: error,
            hint: 'Free space in the backup folder, or set database.backup.to to another folder.',
        });
    }
    return new src/* Fault */.vC(`the backup cannot be written into ${folder}: ${(0,src/* describeError */.Uc)(error)}`, {
        cause: error,
        hint: 'Check the backup folder, or set database.backup.to to another one.',
    });
}

// EXTERNAL MODULE: ./packages/database/src/backup/program-stream.ts
var program_stream = __webpack_require__(7767);
;// CONCATENATED MODULE: ./packages/database/src/backup/stores/program-store.ts



/** A store behind the programs of a cloud, or behind the user's own. Exit codes decide. */
function programStore(commands, step) {
    const { address, hint } = commands;
    const { signal } = step;
    const env = { ...step.env, ...commands.env };
    const run = (argv) => step.exec({ argv, env: commands.env ?? {} });
    const list = async (failure) => {
        if (commands.list === null)
            return null;
        const { argv, empty } = commands.list;
        const done = await run(argv);
        if (done.code === 0)
            return commands.list.names(done.stdout);
        if (empty.test((0,src/* lastLines */.w$)(done)))
            return [];
        throw failure(ending(argv, done));
    };
    const names = () => list((why) => new src/* Fault */.vC(`cannot list the backups at ${address}: ${why}`, { hint }));
    return {
        address,
        locate: (name) => `${address.replace(/\/$/, '')}/${name}`,
        async prepare() {
            await list((why) => new src/* UserError */.yo(`the backup store ${address} cannot be used: ${why}`, { hint }));
        },
        async put(name, content) {
            const argv = commands.put(name);
            await (0,program_stream/* writeTo */.jH)({ argv, env, signal }, content).catch(failed(argv, `store the backup at ${address}`, hint));
        },
        async *get(name) {
            if (commands.get === null)
                throw new src/* Fault */.vC(`a backup at ${address} cannot be read back`, { hint });
            const argv = commands.get(name);
            try {
                yield* (0,program_stream/* readFrom */.zP)({ argv, env, signal });
            }
            catch (error) {
                failed(argv, `read the backup at ${address}`, hint)(error);
            }
        },
        list: names,
        deletes: commands.delete !== null,
        async delete(name) {
            if (commands.delete === null)
                return;
            const argv = commands.delete(name);
            const done = await run(argv);
            if (done.code === 0 || !(await names())?.includes(name))
                return;
            throw new src/* Fault */.vC(`cannot delete ${name} at ${address}: ${ending(argv, done)}`, { hint });
        },
    };
}
/** How a program failed. Clouds' programs write about other things first, and advice after what they mean. */
function ending([program], done) {
    const how = `${external_node_path_.basename(program)} exited ${done.code ?? 'by a signal'}`;
    const error = [...done.stderr.matchAll(/^ERROR: (?:\([\w.]+\) )?(.+)$/gm)].at(-1)?.[1];
    const said = error ?? (0,src/* lastLines */.w$)(done);
    return `${how}: ${said || 'without a word'}`;
}
/** Only the program's own failure is explained; what the content threw is left as it is. */
function failed(argv, doing, hint) {
    return (error) => {
        if (error instanceof program_stream/* ProgramFailure */.J9 && error.argv === argv)
            throw new src/* Fault */.vC(`cannot ${doing}: ${error.message}`, { cause: error, hint });
        throw error;
    };
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./node_modules/aws4fetch/dist/aws4fetch.esm.mjs
/**
 * @license MIT <https://opensource.org/licenses/MIT>
 * @copyright Michael Hart 2024
 */
const encoder = new TextEncoder();
const HOST_SERVICES = {
  appstream2: 'appstream',
  cloudhsmv2: 'cloudhsm',
  email: 'ses',
  marketplace: 'aws-marketplace',
  mobile: 'AWSMobileHubService',
  pinpoint: 'mobiletargeting',
  queue: 'sqs',
  'git-codecommit': 'codecommit',
  'mturk-requester-sandbox': 'mturk-requester',
  'personalize-runtime': 'personalize',
};
const UNSIGNABLE_HEADERS = new Set([
  'authorization',
  'content-type',
  'content-length',
  'user-agent',
  'presigned-expires',
  'expect',
  'x-amzn-trace-id',
  'range',
  'connection',
]);
class AwsClient {
  constructor({ accessKeyId, secretAccessKey, sessionToken, service, region, cache, retries, initRetryMs }) {
    if (accessKeyId == null) throw new TypeError('accessKeyId is a required option')
    if (secretAccessKey == null) throw new TypeError('secretAccessKey is a required option')
    this.accessKeyId = accessKeyId;
    this.secretAccessKey = secretAccessKey;
    this.sessionToken = sessionToken;
    this.service = service;
    this.region = region;
    this.cache = cache || new Map();
    this.retries = retries != null ? retries : 10;
    this.initRetryMs = initRetryMs || 50;
  }
  async sign(input, init) {
    if (input instanceof Request) {
      const { method, url, headers, body } = input;
      init = Object.assign({ method, url, headers }, init);
      if (init.body == null && headers.has('Content-Type')) {
        init.body = body != null && headers.has('X-Amz-Content-Sha256') ? body : await input.clone().arrayBuffer();
      }
      input = url;
    }
    const signer = new AwsV4Signer(Object.assign({ url: input.toString() }, init, this, init && init.aws));
    const signed = Object.assign({}, init, await signer.sign());
    delete signed.aws;
    try {
      return new Request(signed.url.toString(), signed)
    } catch (e) {
      if (e instanceof TypeError) {
        return new Request(signed.url.toString(), Object.assign({ duplex: 'half' }, signed))
      }
      throw e
    }
  }
  async fetch(input, init) {
    for (let i = 0; i <= this.retries; i++) {
      const fetched = fetch(await this.sign(input, init));
      if (i === this.retries) {
        return fetched
      }
      const res = await fetched;
      if (res.status < 500 && res.status !== 429) {
        return res
      }
      await new Promise(resolve => setTimeout(resolve, Math.random() * this.initRetryMs * Math.pow(2, i)));
    }
    throw new Error('An unknown error occurred, ensure retries is not negative')
  }
}
class AwsV4Signer {
  constructor({ method, url, headers, body, accessKeyId, secretAccessKey, sessionToken, service, region, cache, datetime, signQuery, appendSessionToken, allHeaders, singleEncode }) {
    if (url == null) throw new TypeError('url is a required option')
    if (accessKeyId == null) throw new TypeError('accessKeyId is a required option')
    if (secretAccessKey == null) throw new TypeError('secretAccessKey is a required option')
    this.method = method || (body ? 'POST' : 'GET');
    this.url = new URL(url);
    this.headers = new Headers(headers || {});
    this.body = body;
    this.accessKeyId = accessKeyId;
    this.secretAccessKey = secretAccessKey;
    this.sessionToken = sessionToken;
    let guessedService, guessedRegion;
    if (!service || !region) {
[guessedService, guessedRegion] = guessServiceRegion(this.url, this.headers);
    }
    this.service = service || guessedService || '';
    this.region = region || guessedRegion || 'us-east-1';
    this.cache = cache || new Map();
    this.datetime = datetime || new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
    this.signQuery = signQuery;
    this.appendSessionToken = appendSessionToken || this.service === 'iotdevicegateway';
    this.headers.delete('Host');
    if (this.service === 's3' && !this.signQuery && !this.headers.has('X-Amz-Content-Sha256')) {
      this.headers.set('X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD');
    }
    const params = this.signQuery ? this.url.searchParams : this.headers;
    params.set('X-Amz-Date', this.datetime);
    if (this.sessionToken && !this.appendSessionToken) {
      params.set('X-Amz-Security-Token', this.sessionToken);
    }
    this.signableHeaders = ['host', ...this.headers.keys()]
      .filter(header => allHeaders || !UNSIGNABLE_HEADERS.has(header))
      .sort();
    this.signedHeaders = this.signableHeaders.join(';');
    this.canonicalHeaders = this.signableHeaders
      .map(header => header + ':' + (header === 'host' ? this.url.host : (this.headers.get(header) || '').replace(/\s+/g, ' ')))
      .join('\n');
    this.credentialString = [this.datetime.slice(0, 8), this.region, this.service, 'aws4_request'].join('/');
    if (this.signQuery) {
      if (this.service === 's3' && !params.has('X-Amz-Expires')) {
        params.set('X-Amz-Expires', '86400');
      }
      params.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256');
      params.set('X-Amz-Credential', this.accessKeyId + '/' + this.credentialString);
      params.set('X-Amz-SignedHeaders', this.signedHeaders);
    }
    if (this.service === 's3') {
      try {
        this.encodedPath = decodeURIComponent(this.url.pathname.replace(/\+/g, ' '));
      } catch (e) {
        this.encodedPath = this.url.pathname;
      }
    } else {
      this.encodedPath = this.url.pathname.replace(/\/+/g, '/');
    }
    if (!singleEncode) {
      this.encodedPath = encodeURIComponent(this.encodedPath).replace(/%2F/g, '/');
    }
    this.encodedPath = encodeRfc3986(this.encodedPath);
    const seenKeys = new Set();
    this.encodedSearch = [...this.url.searchParams]
      .filter(([k]) => {
        if (!k) return false
        if (this.service === 's3') {
          if (seenKeys.has(k)) return false
          seenKeys.add(k);
        }
        return true
      })
      .map(pair => pair.map(p => encodeRfc3986(encodeURIComponent(p))))
      .sort(([k1, v1], [k2, v2]) => k1 < k2 ? -1 : k1 > k2 ? 1 : v1 < v2 ? -1 : v1 > v2 ? 1 : 0)
      .map(pair => pair.join('='))
      .join('&');
  }
  async sign() {
    if (this.signQuery) {
      this.url.searchParams.set('X-Amz-Signature', await this.signature());
      if (this.sessionToken && this.appendSessionToken) {
        this.url.searchParams.set('X-Amz-Security-Token', this.sessionToken);
      }
    } else {
      this.headers.set('Authorization', await this.authHeader());
    }
    return {
      method: this.method,
      url: this.url,
      headers: this.headers,
      body: this.body,
    }
  }
  async authHeader() {
    return [
      'AWS4-HMAC-SHA256 Credential=' + this.accessKeyId + '/' + this.credentialString,
      'SignedHeaders=' + this.signedHeaders,
      'Signature=' + (await this.signature()),
    ].join(', ')
  }
  async signature() {
    const date = this.datetime.slice(0, 8);
    const cacheKey = [this.secretAccessKey, date, this.region, this.service].join();
    let kCredentials = this.cache.get(cacheKey);
    if (!kCredentials) {
      const kDate = await hmac('AWS4' + this.secretAccessKey, date);
      const kRegion = await hmac(kDate, this.region);
      const kService = await hmac(kRegion, this.service);
      kCredentials = await hmac(kService, 'aws4_request');
      this.cache.set(cacheKey, kCredentials);
    }
    return buf2hex(await hmac(kCredentials, await this.stringToSign()))
  }
  async stringToSign() {
    return [
      'AWS4-HMAC-SHA256',
      this.datetime,
      this.credentialString,
      buf2hex(await hash(await this.canonicalString())),
    ].join('\n')
  }
  async canonicalString() {
    return [
      this.method.toUpperCase(),
      this.encodedPath,
      this.encodedSearch,
      this.canonicalHeaders + '\n',
      this.signedHeaders,
      await this.hexBodyHash(),
    ].join('\n')
  }
  async hexBodyHash() {
    let hashHeader = this.headers.get('X-Amz-Content-Sha256') || (this.service === 's3' && this.signQuery ? 'UNSIGNED-PAYLOAD' : null);
    if (hashHeader == null) {
      if (this.body && typeof this.body !== 'string' && !('byteLength' in this.body)) {
        throw new Error('body must be a string, ArrayBuffer or ArrayBufferView, unless you include the X-Amz-Content-Sha256 header')
      }
      hashHeader = buf2hex(await hash(this.body || ''));
    }
    return hashHeader
  }
}
async function hmac(key, string) {
  const cryptoKey = await crypto.subtle.importKey(
    'raw',
    typeof key === 'string' ? encoder.encode(key) : key,
    { name: 'HMAC', hash: { name: 'SHA-256' } },
    false,
    ['sign'],
  );
  return crypto.subtle.sign('HMAC', cryptoKey, encoder.encode(string))
}
async function hash(content) {
  return crypto.subtle.digest('SHA-256', typeof content === 'string' ? encoder.encode(content) : content)
}
const HEX_CHARS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
function buf2hex(arrayBuffer) {
  const buffer = new Uint8Array(arrayBuffer);
  let out = '';
  for (let idx = 0; idx < buffer.length; idx++) {
    const n = buffer[idx];
    out += HEX_CHARS[(n >>> 4) & 0xF];
    out += HEX_CHARS[n & 0xF];
  }
  return out
}
function encodeRfc3986(urlEncodedStr) {
  return urlEncodedStr.replace(/[!'()*]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase())
}
function guessServiceRegion(url, headers) {
  const { hostname, pathname } = url;
  if (hostname.endsWith('.on.aws')) {
    const match = hostname.match(/^[^.]{1,63}\.lambda-url\.([^.]{1,63})\.on\.aws$/);
    return match != null ? ['lambda', match[1] || ''] : ['', '']
  }
  if (hostname.endsWith('.r2.cloudflarestorage.com')) {
    return ['s3', 'auto']
  }
  if (hostname.endsWith('.backblazeb2.com')) {
    const match = hostname.match(/^(?:[^.]{1,63}\.)?s3\.([^.]{1,63})\.backblazeb2\.com$/);
    return match != null ? ['s3', match[1] || ''] : ['', '']
  }
  const match = hostname.replace('dualstack.', '').match(/([^.]{1,63})\.(?:([^.]{0,63})\.)?amazonaws\.com(?:\.cn)?$/);
  let service = (match && match[1]) || '';
  let region = match && match[2];
  if (region === 'us-gov') {
    region = 'us-gov-west-1';
  } else if (region === 's3' || region === 's3-accelerate') {
    region = 'us-east-1';
    service = 's3';
  } else if (service === 'iot') {
    if (hostname.startsWith('iot.')) {
      service = 'execute-api';
    } else if (hostname.startsWith('data.jobs.iot.')) {
      service = 'iot-jobs-data';
    } else {
      service = pathname === '/mqtt' ? 'iotdevicegateway' : 'iotdata';
    }
  } else if (service === 'autoscaling') {
    const targetPrefix = (headers.get('X-Amz-Target') || '').split('.')[0];
    if (targetPrefix === 'AnyScaleFrontendService') {
      service = 'application-autoscaling';
    } else if (targetPrefix === 'AnyScaleScalingPlannerFrontendService') {
      service = 'autoscaling-plans';
    }
  } else if (region == null && service.startsWith('s3-')) {
    region = service.slice(3).replace(/^fips-|^external-1/, '');
    service = 's3';
  } else if (service.endsWith('-fips')) {
    service = service.slice(0, -5);
  } else if (region && /-\d$/.test(service) && !/-\d$/.test(region)) {
[service, region] = [region, service];
  }
  return [HOST_SERVICES[service] || service, region || '']
}



;// CONCATENATED MODULE: ./packages/database/src/backup/stores/s3-xml.ts
/**
 * The few values that are read from S3's answers. They are flat and known, and keys are asked for percent-encoded
 * (`encoding-type=url`), so that nothing nested and hardly an entity occurs: no parser of XML is needed.
 */
function textOf(xml, tag) {
    const found = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
    return found === undefined ? undefined : unescapeXml(found);
}
/** The inside of every element of that name. */
function elementsOf(xml, tag) {
    return [...xml.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map((match) => match[1] ?? '');
}
/** The body that completes an upload of several parts. ETags come from the service and are quoted text. */
function completion(etags) {
    const parts = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`);
    return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
}
const entities = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&apos;': "'",
    '&#39;': "'",
};
function unescapeXml(text) {
    return text
        .replace(/&(?:lt|gt|quot|apos|#39);/g, (entity) => entities[entity] ?? entity)
        .replaceAll('&amp;', '&');
}
function escapeXml(text) {
    return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

;// CONCATENATED MODULE: ./packages/database/src/backup/stores/s3-credentials.ts



/** Milliseconds. An exchange of tokens takes less than a second. */
const within = 20_000;
const tries = 3;
const renewBefore = 5 * 60_000;
/**
 * Credentials of the step's environment, as AWS' own tools find them: the keys themselves (which
 * aws-actions/configure-aws-credentials sets as well), or a role and a file with the token of a web identity. Those of
 * a role are renewed before they expire, since a backup may take longer than they live; while that fails, they serve on.
 * @throws UserError when there are none or the role is not given; Fault when the token service cannot be asked; Cancelled.
 */
function s3Credentials(login) {
    let held;
    const left = () => held?.expires ? held.expires.getTime() - login.clock.now().getTime() : Number.POSITIVE_INFINITY;
    return async () => {
        if (held === undefined)
            held = await find(login);
        else if (left() < renewBefore) {
            held = await find(login).catch((error) => {
                if (left() > 0 && held)
                    return held;
                throw error;
            });
        }
        return held;
    };
}
async function find(login) {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = login.env;
    if (id && secret)
        return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
    const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = login.env;
    if (role && file)
        return assumeRole(role, file, login);
    throw new src/* UserError */.yo('there are no credentials for the S3 store of the backup', {
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for this step, or let aws-actions/configure-aws-credentials do it.',
    });
}
/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token is all that signs it. */
async function assumeRole(role, file, login) {
    const token = await (0,promises_.readFile)(file, 'utf8').catch((cause) => {
        throw new src/* UserError */.yo(`the file that AWS_WEB_IDENTITY_TOKEN_FILE names cannot be read: ${file}`, {
            cause,
            hint: 'It is made by what gives this machine its identity; its step must come before this one.',
        });
    });
    const body = new URLSearchParams({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: role,
        RoleSessionName: login.env.AWS_ROLE_SESSION_NAME ?? 'slipway',
        WebIdentityToken: token.trim(),
    });
    const text = await ask(body, role, login);
    const [id, secret, session, until] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map((tag) => textOf(text, tag));
    if (!id || !secret || !session)
        throw new src/* Fault */.vC(`AWS does not give the role ${role} to this run: its answer has no credentials`);
    return {
        accessKeyId: id,
        secretAccessKey: secret,
        sessionToken: session,
        ...(until ? { expires: new Date(until) } : {}),
    };
}
/** The answer of the token service; it is asked again when it fails for a moment. */
async function ask(body, role, { env, region, clock, signal }) {
    const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
    const about = `AWS does not give the role ${role} to this run`;
    for (let attempt = 1;; attempt++) {
        const answer = await fetch(endpoint, {
            method: 'POST',
            body,
            signal: AbortSignal.any([signal, AbortSignal.timeout(within)]),
        })
            .then(async (reply) => ({ reply, text: await reply.text() }))
            .catch((cause) => ({ cause }));
        if (signal.aborted)
            throw new src/* Cancelled */.cJ('the login to the S3 store');
        if ('text' in answer && answer.reply.ok)
            return answer.text;
        const refusal = 'text' in answer && refusalOf(answer.reply.status, answer.text);
        if (refusal && !refusal.passing)
            throw new src/* UserError */.yo(`${about}: ${refusal.why}`, {
                hint: 'Check the trust policy of the role: issuer, audience and subject of the token.',
            });
        if (attempt === tries) {
            const why = refusal ? refusal.why : (0,src/* describeError */.Uc)('cause' in answer ? answer.cause : undefined);
            throw new src/* Fault */.vC(`${about}: ${endpoint} cannot be asked: ${why}`, {
                hint: 'Check that the runner may reach the token service of AWS, and database.backup.region.',
            });
        }
        await clock.sleep(250 * 4 ** (attempt - 1), signal);
    }
}
/** Why it is refused, and whether that may pass by itself: IDPCommunicationError is a 400 that may. Pure. */
function refusalOf(status, text) {
    const code = textOf(text, 'Code') ?? `status ${status}`;
    const message = textOf(text, 'Message');
    return {
        why: message ? `${message} (${code})` : code,
        passing: status >= 500 || status === 429 || code === 'IDPCommunicationError' || code === 'Throttling',
    };
}

;// CONCATENATED MODULE: ./packages/database/src/backup/stores/s3-client.ts





/** One request of at most a part's size. */
const s3_client_within = 5 * 60_000;
const s3_client_tries = 4;
/** Requests that fail for a moment (network, 429, 5xx) are sent again: each may be. */
function s3Client(target) {
    const credentials = s3Credentials(target);
    return async (request) => {
        const known = await credentials();
        for (let attempt = 1;; attempt++) {
            const signal = request.signal ?? target.signal;
            const answer = await send(target, request, known, signal).catch((error) => error);
            if (answer instanceof Response && answer.ok)
                return answer;
            if (signal.aborted)
                throw new src/* Cancelled */.cJ('the transfer of the backup');
            const passing = !(answer instanceof Response) || answer.status === 429 || answer.status >= 500;
            if (!passing || attempt === s3_client_tries)
                throw await s3_client_explain(answer, target);
            await target.clock.sleep(250 * 4 ** (attempt - 1), signal);
        }
    };
}
async function send(target, request, known, signal) {
    const body = request.body ?? '';
    const signed = await new AwsV4Signer({
        ...known,
        service: 's3',
        region: target.region,
        method: request.method,
        url: urlOf(target, request),
        // The service compares it with what arrives.
        headers: { 'x-amz-content-sha256': (0,external_node_crypto_.createHash)('sha256').update(body).digest('hex') },
    }).sign();
    return fetch(signed.url, {
        method: request.method,
        headers: signed.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        // A download of any size is bounded by its reader; everything else by time.
        signal: request.method === 'GET' ? signal : AbortSignal.any([signal, AbortSignal.timeout(s3_client_within)]),
    });
}
/** Path style for other services and for buckets that TLS names cannot hold. */
function urlOf({ endpoint, bucket, region }, { key = '', query = {} }) {
    const dotted = bucket.includes('.');
    const base = endpoint === undefined && !dotted
        ? `https://${bucket}.s3.${region}.amazonaws.com`
        : `${(endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '')}/${bucket}`;
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
    const path = key === '' && endpoint === undefined && !dotted ? '/' : key && `/${encodeKey(key)}`;
    return `${base}${path}${search && `?${search}`}`;
}
function encodeKey(key) {
    return key.split('/').map(encodeURIComponent).join('/');
}
const elsewhere = [
    'the bucket is in another region',
    'Set database.backup.region to the region of the bucket.',
];
/** Codes of docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and what to do about them. */
const known = {
    NoSuchBucket: ['the bucket does not exist', 'Create it, or correct database.backup.to.'],
    InvalidAccessKeyId: ['the access key is not known there', 'Check AWS_ACCESS_KEY_ID of this step.'],
    SignatureDoesNotMatch: [
        'the secret key is wrong',
        'Check AWS_SECRET_ACCESS_KEY and database.backup.region.',
    ],
    AccessDenied: [
        'the credentials may not do this',
        'Allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.',
    ],
    ExpiredToken: ['the credentials have expired', 'Get them in a step right before this one, or for longer.'],
    RequestTimeTooSkewed: ['the clock of this machine is wrong', 'Set it by NTP.'],
    AuthorizationHeaderMalformed: elsewhere,
    PermanentRedirect: elsewhere,
    NoSuchKey: ['there is no such object', 'Somebody deleted it, or the prefix is another one.'],
};
async function s3_client_explain(answer, { bucket }) {
    const at = `the S3 bucket ${bucket} cannot be used`;
    if (!(answer instanceof Response)) {
        return new src/* Fault */.vC(`${at}: ${(0,src/* describeError */.Uc)(answer)}`, {
            cause: answer,
            hint: 'Check database.backup.endpoint, and that the runner may reach it.',
        });
    }
    const text = await answer.text().catch(() => '');
    const code = textOf(text, 'Code') ?? (answer.status === 301 ? 'PermanentRedirect' : `status ${answer.status}`);
    const region = textOf(text, 'Region') ?? answer.headers.get('x-amz-bucket-region');
    const [reason, advice] = known[code] ?? [
        `${textOf(text, 'Message') ?? 'it answered without a reason'} (${code})`,
        'See the log of the service.',
    ];
    const hint = known[code] === elsewhere && region ? `Set database.backup.region to ${region}.` : advice;
    return answer.status < 500
        ? new src/* UserError */.yo(`${at}: ${reason}`, { hint })
        : new src/* Fault */.vC(`${at}: ${reason}`, { hint });
}

// EXTERNAL MODULE: ./packages/database/src/backup/pieces.ts
var pieces = __webpack_require__(3335);
;// CONCATENATED MODULE: ./packages/database/src/backup/stores/s3-parts.ts

/** After so many parts they grow by one size each. */
const growsAfter = 1000;
/**
 * Cuts a backup, whose size nobody knows beforehand, into parts. S3 takes 10,000: with 8 MB at first they hold 430 GB,
 * while a small backup needs no more memory than two small parts.
 */
async function* partsOf(content, size) {
    let number = 1;
    let held = [];
    for await (const { bytes, last } of (0,pieces/* inPieces */.x)(content, size)) {
        held.push(bytes);
        if (!last && held.length < Math.ceil(number / growsAfter))
            continue;
        yield { bytes: held.length === 1 ? bytes : Buffer.concat(held), last };
        held = [];
        number++;
    }
}

;// CONCATENATED MODULE: ./packages/database/src/backup/stores/s3-store.ts




const megabyte = 1024 * 1024;
/** Milliseconds for clearing up after a failure or a cancellation. */
const clearWithin = 3000;
/** A bucket of AWS S3 or of any service that speaks its protocol. What does not fit into one part goes in several. */
function s3Store(options) {
    const client = s3Client(options);
    const folder = options.prefix === '' ? '' : `${options.prefix}/`;
    const address = `s3://${options.bucket}/${folder}`.replace(/\/$/, '');
    return {
        address,
        locate: (name) => `${address}/${name}`,
        async prepare(owner) {
            await listKeys(client, folder);
            await abortUploads(client, folder, owner);
        },
        put: (name, content) => put(client, `${folder}${name}`, content, options.partSize ?? 8 * megabyte),
        get: (name) => get(client, `${folder}${name}`, options.signal),
        list: async () => (await listKeys(client, folder)).map((key) => key.slice(folder.length)),
        deletes: true,
        async delete(name) {
            await client({ method: 'DELETE', key: `${folder}${name}` });
        },
    };
}
async function put(client, key, content, partSize) {
    let upload;
    const etags = [];
    let underway = Promise.resolve();
    try {
        for await (const { bytes, last } of partsOf(content, partSize)) {
            if (last && upload === undefined) {
                await client({ method: 'PUT', key, body: bytes });
                return;
            }
            upload ??= await begin(client, key);
            await underway;
            underway = sendPart(client, { key, upload, number: etags.length + 1, bytes, etags });
            // It is waited for by the next part; until then its failure is nobody's unhandled one.
            underway.catch(() => undefined);
        }
        await underway;
        await finish(client, key, upload, etags);
    }
    catch (error) {
        await underway.catch(() => undefined);
        if (upload !== undefined)
            await abort(client, key, upload);
        throw error;
    }
}
async function begin(client, key) {
    const reply = await client({ method: 'POST', key, query: { uploads: '' } });
    const upload = textOf(await reply.text(), 'UploadId');
    if (!upload)
        throw new src/* Fault */.vC('the S3 service began no upload: it answered without an UploadId');
    return upload;
}
async function sendPart(client, part) {
    const query = { partNumber: String(part.number), uploadId: part.upload };
    // Its number is taken at once; the tag is filled in when the part is there.
    part.etags.push('');
    const reply = await client({ method: 'PUT', key: part.key, query, body: part.bytes });
    await reply.arrayBuffer();
    part.etags[part.number - 1] = reply.headers.get('etag') ?? '';
}
/** The service may answer 200 and tell of a failure in the body. */
async function finish(client, key, upload, etags) {
    const body = completion(etags);
    const text = await (await client({ method: 'POST', key, query: { uploadId: upload }, body })).text();
    if (/<Error>/.test(text) || !/<CompleteMultipartUploadResult/.test(text)) {
        throw new src/* Fault */.vC(`the S3 service did not put the backup together: ${textOf(text, 'Message') ?? 'no reason given'}`);
    }
}
/** Parts of an upload that was neither finished nor aborted are stored, and paid for, without being seen. */
async function abort(client, key, upload) {
    const signal = AbortSignal.timeout(clearWithin);
    await client({ method: 'DELETE', key, query: { uploadId: upload }, signal }).catch(() => undefined);
}
/** Ends uploads of this database that killed runs left. A service or a policy that does not list them is no reason to stop. */
async function abortUploads(client, folder, owner) {
    try {
        const query = { uploads: '', prefix: folder, 'encoding-type': 'url' };
        const text = await (await client({ method: 'GET', query })).text();
        for (const upload of elementsOf(text, 'Upload')) {
            const key = decodeURIComponent(textOf(upload, 'Key') ?? '');
            if (key.includes(`.${owner}.`))
                await abort(client, key, textOf(upload, 'UploadId') ?? '');
        }
    }
    catch (error) {
        if (error instanceof src/* Cancelled */.cJ)
            throw error;
        if (!(error instanceof src/* UserError */.yo))
            throw error;
    }
}
async function listKeys(client, folder) {
    const keys = [];
    const query = { 'list-type': '2', prefix: folder, 'encoding-type': 'url' };
    for (;;) {
        const text = await (await client({ method: 'GET', query })).text();
        for (const one of elementsOf(text, 'Contents'))
            keys.push(decodeURIComponent(textOf(one, 'Key') ?? ''));
        const next = textOf(text, 'NextContinuationToken');
        if (textOf(text, 'IsTruncated') !== 'true' || !next)
            return keys.filter((key) => !key.slice(folder.length).includes('/'));
        query['continuation-token'] = next;
    }
}
async function* get(client, key, signal) {
    const reply = await client({ method: 'GET', key });
    try {
        for await (const chunk of reply.body ?? [])
            yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    catch (cause) {
        if (signal.aborted)
            throw new src/* Cancelled */.cJ('the transfer of the backup');
        throw new src/* Fault */.vC(`the backup ${key} came only in part: ${(0,src/* describeError */.Uc)(cause)}`, {
            cause,
            hint: 'The connection to the S3 service was cut. Run this again.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/database/src/backup/stores/open-store.ts






/** Opens the store; nothing is sent yet. @throws UserError for an address that is none. */
function openStore(target, step) {
    if (target.command) {
        const more = { list: target['list-command'], delete: target['delete-command'] };
        return programStore(ownCommands(target.command, target['read-command'], more), step);
    }
    const scheme = /^([a-z][a-z0-9+.-]+):/.exec(target.to)?.[1];
    switch (scheme) {
        case undefined:
            return fileStore(external_node_path_.resolve(step.workspace, target.to));
        case 'file':
            return fileStore(external_node_path_.resolve(step.workspace, target.to.replace(/^file:(?:\/\/(?=\/))?/, '')));
        case 's3': {
            const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(target.to) ?? [];
            if (!bucket)
                break;
            const region = target.region ?? step.env.AWS_REGION ?? step.env.AWS_DEFAULT_REGION ?? 'us-east-1';
            const endpoint = target.endpoint ?? step.env.AWS_ENDPOINT_URL_S3 ?? step.env.AWS_ENDPOINT_URL;
            return s3Store({ bucket, prefix, region, ...(endpoint ? { endpoint } : {}), ...step });
        }
        case 'gs':
            return programStore(googleCommands(target.to), step);
        case 'azblob':
            return programStore(azureCommands(target.to), step);
    }
    throw new src/* UserError */.yo(`database.backup.to is no place for backups: ${target.to}`, {
        hint: 'Write a folder, s3://bucket/prefix, gs://bucket/prefix or azblob://account/container/prefix.',
    });
}


/***/ }),

/***/ 8553:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BO: () => (/* binding */ countRows),
/* harmony export */   G8: () => (/* binding */ compareCounts),
/* harmony export */   WS: () => (/* binding */ listTables)
/* harmony export */ });
/* unused harmony export mostCounted */
/**
 * All tables are counted up to this number; of more, the largest. A count of a small table is a fraction of a
 * millisecond, so even this many take seconds only.
 */
const mostCounted = 2000;
/** The tables whose rows `pg_dump` writes: not those of extensions, foreign servers or the session. Largest first. */
async function listTables(client) {
    const { rows } = await client.query(`SELECT format('%I.%I', n.nspname, c.relname) AS name,
       pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) AS changes
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT EXISTS (SELECT FROM pg_depend d
         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relpages DESC, 1`);
    const tables = rows.map(({ name, changes }) => ({
        name,
        changes: changes === null ? null : Number(changes),
    }));
    return { tables: tables.slice(0, mostCounted), total: tables.length };
}
const atOnce = 50;
/** Exact numbers of rows, by table, as the connection's transaction sees them. */
async function countRows(client, names) {
    const counts = {};
    for (let at = 0; at < names.length; at += atOnce) {
        const some = names.slice(at, at + atOnce);
        const each = some.map((name, index) => `SELECT ${index} AS at, count(*) AS rows FROM ${name}`);
        const { rows } = await client.query(each.join(' UNION ALL '));
        for (const row of rows)
            counts[some[row.at]] = Number(row.rows);
    }
    return counts;
}
/** Tables whose numbers of rows are not what they should be, as sentences. Pure. */
function compareCounts(expected, found) {
    return Object.entries(expected).flatMap(([table, rows]) => {
        const there = found[table];
        if (there === rows)
            return [];
        return [there === undefined ? `${table} is missing` : `${table} has ${there} rows instead of ${rows}`];
    });
}


/***/ }),

/***/ 6268:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ connectionEnvironment)
/* harmony export */ });
/** TLS settings of the URL and the variables by which libpq takes them. */
const settings = [
    ['sslmode', 'PGSSLMODE'],
    ['sslrootcert', 'PGSSLROOTCERT'],
    ['sslcert', 'PGSSLCERT'],
    ['sslkey', 'PGSSLKEY'],
];
/**
 * How the programs of PostgreSQL reach the database that we are connected to, without a word of it in their
 * arguments, which every user of the machine may read. The step's own PG… variables are overruled. Pure.
 */
function connectionEnvironment(to, url) {
    const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
    const tls = settings.map(([parameter, variable]) => [variable, query.get(parameter) ?? '']);
    const values = Object.fromEntries(tls.filter(([, value]) => value !== ''));
    // What the driver calls no-verify is all that libpq means by require.
    if (values.PGSSLMODE === 'no-verify')
        values.PGSSLMODE = 'require';
    return {
        ...values,
        PGHOST: to.host,
        PGHOSTADDR: '',
        PGPORT: String(to.port),
        PGUSER: to.user,
        PGPASSWORD: to.password,
        PGDATABASE: to.database,
        PGAPPNAME: 'slipway backup',
        // Messages are looked at for what they mean.
        LC_MESSAGES: 'C',
    };
}


/***/ }),

/***/ 139:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  $s: () => (/* reexport */ findPostgresProgram)
});

// UNUSED EXPORTS: findPlatformPrograms, findPrograms

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
// EXTERNAL MODULE: ./node_modules/semver/index.js
var semver = __webpack_require__(2088);
;// CONCATENATED MODULE: ./packages/runner/src/programs/catalogue.ts
/**
 * Minimums: Docker 20.10 is the oldest engine that Compose v2 supports; Compose 2.20 has `up --wait-timeout`; buildx
 * 0.10 writes `containerimage.digest` for what it pushes and knows `--provenance`; kubectl
 * 1.20 applies on the server, dry runs included.
 */
const catalogue_catalogue = {
    docker: {
        title: 'Docker CLI',
        minimum: '20.10.0',
        ways: [['docker']],
        version: ['--version'],
        remedy: 'Install Docker on the runner (docs.docker.com/engine/install)',
    },
    'docker-compose': {
        title: 'Docker Compose',
        minimum: '2.20.0',
        ways: [['docker', 'compose'], ['docker-compose']],
        version: ['version', '--short'],
        remedy: 'Install the package docker-compose-plugin on the runner',
    },
    'docker-buildx': {
        title: 'Docker Buildx',
        minimum: '0.10.0',
        ways: [['docker', 'buildx'], ['docker-buildx'], ['buildx']],
        version: ['version'],
        remedy: 'Install the package docker-buildx-plugin on the runner',
    },
    kubectl: {
        title: 'kubectl',
        minimum: '1.20.0',
        ways: [['kubectl']],
        version: ['version', '--client'],
        // Old ones print a Go value that begins with the major version alone.
        reads: /v\d+\.\d+\.\d+/,
        remedy: 'Install kubectl on the runner (kubernetes.io/docs/tasks/tools)',
    },
};
/** Where distributions keep the clients of one PostgreSQL major, beside PATH. */
function postgresPlaces(program, major) {
    return [
        `/usr/lib/postgresql/${major}/bin/${program}`,
        `/usr/pgsql-${major}/bin/${program}`,
        `/opt/homebrew/opt/postgresql@${major}/bin/${program}`,
        `/usr/local/opt/postgresql@${major}/bin/${program}`,
        program,
    ];
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
;// CONCATENATED MODULE: ./packages/runner/src/programs/install.ts








const archive = /\.(tgz|tar\.gz)$/;
/**
 * The program at its pinned version, from the tool cache of the runner or downloaded. What is cached is the file as it
 * was downloaded; its sha256 is checked at every use, before it is unpacked or run, so a cache that somebody else on a
 * shared runner wrote to is not trusted either.
 * @returns the absolute path of the program.
 * @throws Fault when the download fails or is not the pinned file; UserError when it does not hold the program.
 */
async function install_installPinned(name, pin, options) {
    const version = (0,semver.coerce)(pin.version)?.version;
    if (!version)
        throw new src/* UserError */.yo(`programs.${name}.version "${pin.version}" is not a version such as 2.29.7`);
    // The tool cache reads these itself; outside GitHub nothing sets them.
    process.env.RUNNER_TOOL_CACHE ||= external_node_path_.join((0,external_node_os_.homedir)(), '.cache', 'slipway', 'tools');
    process.env.RUNNER_TEMP ||= options.temp;
    const file = await cachedDownload(name, version, pin, options);
    if (!archive.test(new URL(pin.url).pathname))
        return file;
    return unpack(name, pin, file, external_node_path_.join(options.temp, 'programs', name));
}
async function cachedDownload(name, version, pin, options) {
    const tools = await __webpack_require__.e(/* import() */ 43).then(__webpack_require__.bind(__webpack_require__, 8043));
    const tool = `slipway-${name}-${pin.sha256.slice(0, 16)}`;
    const cached = tools.find(tool, version);
    if (cached && (await sha256(external_node_path_.join(cached, name)).catch(() => '')) === pin.sha256)
        return external_node_path_.join(cached, name);
    const download = options.download ?? (async (url, file) => void (await tools.downloadTool(url, file)));
    const folder = external_node_path_.join(options.temp, 'downloads');
    await (0,promises_.mkdir)(folder, { recursive: true });
    const fresh = external_node_path_.join(folder, tool);
    await download(pin.url, fresh).catch((cause) => {
        throw new src/* Fault */.vC(`cannot download ${name} ${pin.version} from ${pin.url}: ${(0,src/* describeError */.Uc)(cause)}`, {
            cause,
            hint: 'Check the URL under "programs" in the configuration and that the runner may reach it.',
        });
    });
    await verify(name, pin, fresh);
    await (0,promises_.chmod)(fresh, 0o755);
    const kept = external_node_path_.join(await tools.cacheFile(fresh, name, tool, version), name);
    await (0,promises_.rm)(fresh, { force: true });
    return kept;
}
async function verify(name, pin, file) {
    const found = await sha256(file);
    if (found === pin.sha256)
        return;
    await (0,promises_.rm)(file, { force: true });
    throw new src/* Fault */.vC(`${pin.url} is not the pinned ${name} ${pin.version}: expected sha256 ${pin.sha256}, found ${found}; the file was deleted`, {
        hint: 'Compare with the checksums that its publisher gives; change the pin only when they say the same.',
    });
}
async function sha256(file) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(file), hash);
    return hash.digest('hex');
}
async function unpack(name, pin, file, folder) {
    const tools = await __webpack_require__.e(/* import() */ 43).then(__webpack_require__.bind(__webpack_require__, 8043));
    await (0,promises_.mkdir)(folder, { recursive: true });
    await tools.extractTar(file, folder, ['xz', '--no-same-owner']);
    const entries = await (0,promises_.readdir)(folder, { recursive: true, withFileTypes: true });
    const found = entries.find((entry) => entry.isFile() && entry.name === name);
    if (!found)
        throw new src/* UserError */.yo(`the archive ${pin.url} holds no file named ${name}`);
    return external_node_path_.join(found.parentPath, found.name);
}

;// CONCATENATED MODULE: ./packages/runner/src/programs/find.ts




/**
 * Finds the programs an action is about to run and checks their versions; nothing else of Slipway looks for programs.
 * A pinned plug-in (Compose, buildx) is called by its own path, which both support, so that nobody's folder of
 * plug-ins is changed.
 * @throws UserError that names every program that is missing or too old and how to get it; Fault when a pinned one
 * cannot be had.
 */
async function findPrograms(needs, options) {
    const docker = options.programs.docker && (await installPinned('docker', options.programs.docker, options));
    const found = [];
    const problems = [];
    for (const name of needs) {
        const program = await findOne(name, docker ?? 'docker', options);
        if (typeof program === 'string')
            problems.push(program);
        else
            found.push([name, program]);
    }
    if (problems.length > 0)
        throw missing(problems, needs);
    return Object.fromEntries(found);
}
/** The programs that drive the platform of the configuration, as the platform takes them. */
async function findPlatformPrograms(context) {
    const { exec, temp, config } = context;
    const options = { programs: config.programs, exec, temp };
    if (config.kubernetes)
        return { kubectl: (await findPrograms(['kubectl'], options)).kubectl.command };
    const found = await findPrograms(['docker', 'docker-compose'], options);
    return { docker: found.docker.command, compose: found['docker-compose'].command };
}
/** The program, or a sentence why there is none. */
async function findOne(name, docker, options) {
    const entry = catalogue[name];
    const pin = options.programs[name];
    if (pin)
        return pinned(name, pin, entry, options);
    let tooOld = '';
    for (const way of entry.ways) {
        const [program, ...rest] = way;
        const command = [program === 'docker' ? docker : program, ...rest];
        const version = await versionOf(command, entry, options.exec);
        if (!version)
            continue;
        if (gte(version, entry.minimum))
            return { command, version };
        tooOld ||= `${entry.title} ${version} is too old: at least ${entry.minimum} is needed. ${entry.remedy}`;
    }
    return tooOld || `${entry.title} was not found: at least ${entry.minimum} is needed. ${entry.remedy}`;
}
async function pinned(name, pin, entry, options) {
    const path = await install_installPinned(name, pin, options);
    const version = await versionOf([path], entry, options.exec);
    if (version && version === (0,semver.coerce)(pin.version)?.version)
        return { command: [path], version };
    throw new src/* UserError */.yo(version
        ? `programs.${name} is pinned to ${pin.version}, but ${pin.url} is version ${version}`
        : `the pinned ${name} does not run on this machine: ${pin.url} must be built for ${process.platform}-${process.arch}`);
}
/** Undefined when the program is not there or does not run. */
async function versionOf(command, { version: args, reads }, exec) {
    try {
        const ended = await exec({ argv: [...command, ...args], timeout: 20_000 });
        const said = reads ? reads.exec(ended.stdout)?.[0] : ended.stdout;
        return ended.code === 0 ? (0,semver.coerce)(said)?.version : undefined;
    }
    catch (error) {
        if (error instanceof src/* UserError */.yo)
            return undefined;
        throw error;
    }
}
function missing(problems, needs) {
    return new UserError(problems.join('\n'), {
        hint: `Or pin ${needs.join(', ')} under "programs" in the configuration (version, url, sha256) to have them installed.`,
    });
}
/**
 * A client of exactly this major version of PostgreSQL: an older pg_dump refuses a newer server, a newer one writes
 * settings that the server cannot restore.
 * @throws UserError that names what was found instead.
 */
async function findPostgresProgram(program, major, options) {
    const pin = program === 'pg_dump' ? options.programs.pg_dump : undefined;
    const seen = [];
    const candidates = pin ? [await pinned('pg_dump', pin, { version: ['--version'] }, options)] : [];
    for (const place of pin ? [] : postgresPlaces(program, major)) {
        if (place === program && (await isWrapper(program, options.exec)))
            continue;
        const version = await versionOf([place], { version: ['--version'] }, options.exec);
        if (version)
            candidates.push({ command: [place], version });
    }
    for (const candidate of candidates) {
        if (Number(candidate.version.split('.')[0]) === major)
            return candidate;
        seen.push(`${candidate.command[0]} is ${candidate.version}`);
    }
    throw new src/* UserError */.yo(`${program} ${major} was not found, which the server's version ${major} needs${seen.length > 0 ? ` (${seen.join(', ')})` : ''}`, {
        hint: `Install the package postgresql-client-${major} on the runner${program === 'pg_dump' ? ', or pin pg_dump under "programs" in the configuration' : ''}.`,
    });
}
/**
 * Debian's programs on PATH are a script that chooses a version by itself, anew at every call: by the clusters of this
 * machine, not by the server that is asked.
 */
async function isWrapper(program, exec) {
    const script = 'PATH="$PATH:/usr/bin:/bin" readlink -f -- "$(command -v "$1")"';
    const found = await exec({ argv: ['/bin/sh', '-c', script, 'sh', program], timeout: 20_000 });
    return /\/pg_wrapper\s*$/.test(found.stdout);
}

;// CONCATENATED MODULE: ./packages/runner/src/programs/index.ts



/***/ })

};
