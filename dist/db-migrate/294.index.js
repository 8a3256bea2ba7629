export const id = 294;
export const ids = [294];
export const modules = {

/***/ 6294:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  rehearseOnCopy: () => (/* binding */ rehearseOnCopy),
  rehearseOnShadow: () => (/* binding */ rehearseOnShadow)
});

// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
// EXTERNAL MODULE: ./packages/database/src/connection/libpq.ts
var libpq = __webpack_require__(6268);
;// CONCATENATED MODULE: ./packages/database/src/rehearsal/schema-dump.ts


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
    return (0,src/* expectSuccess */.lb)(done, 'read the schema with pg_dump');
}

// EXTERNAL MODULE: ./packages/database/src/run/script-query.ts
var script_query = __webpack_require__(6883);
// EXTERNAL MODULE: ./packages/database/src/sql/text.ts
var sql_text = __webpack_require__(2533);
;// CONCATENATED MODULE: ./packages/database/src/rehearsal/shadow.ts



/** Tells a database that an earlier rehearsal filled from one that is somebody's. */
const mark = 'slipway shadow: may be emptied at any time';
/**
 * Makes a database an empty copy of the production schema. It must be empty, or left by an earlier rehearsal.
 * @param dump What `pg_dump --schema-only` wrote.
 * @param production A connection to the database that is rehearsed for.
 * @throws UserError when it is that one, when it holds anything else, or may not be changed; Fault when the schema cannot be made there.
 */
async function fillShadow(client, dump, production) {
    if ((await identityOf(client)) === (await identityOf(production))) {
        throw new src/* UserError */.yo('the shadow database is the database that is to be migrated itself', {
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
        throw new src/* UserError */.yo(`the shadow database ${database} is not empty: it holds ${tables} tables or views`, {
            hint: 'Name an empty database in database.shadow-url; it is emptied and filled at every rehearsal. Nothing was changed.',
        });
    }
    try {
        await client.query(`COMMENT ON DATABASE ${(0,sql_text/* quoteIdentifier */.Cm)(database)} IS '${mark}'`);
        await empty(client);
        await (0,script_query/* sendScript */._)(client, dump.replace(/^\\.*$/gm, ''));
        await client.query('DISCARD ALL');
    }
    catch (cause) {
        throw new src/* Fault */.vC(`the schema cannot be made in the shadow database ${database}: ${cause.message}`, {
            cause,
            hint: 'The user must own that database, and its server needs the extensions that production has. Nothing was changed in production.',
        });
    }
}
async function empty(client) {
    const { rows } = await client.query("SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'");
    const drops = rows.map(({ name }) => `DROP SCHEMA ${(0,sql_text/* quoteIdentifier */.Cm)(name)} CASCADE`);
    await (0,script_query/* sendScript */._)(client, [...drops, 'CREATE SCHEMA public'].join(';\n'));
}
/** Which database of which running server this is; a server that starts anew in between is another, which is no harm. */
async function identityOf(client) {
    const { rows } = await client.query(`SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || oid::text AS identity
     FROM pg_database WHERE datname = current_database()`);
    return rows[0]?.identity ?? '';
}

;// CONCATENATED MODULE: ./packages/database/src/rehearsal/shared-change.ts
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
            return { file, line: found.line, text: found.text.split('\n', 1)[0]?.slice(0, 80) ?? '' };
    }
    return null;
}

// EXTERNAL MODULE: ./packages/database/src/connection/run-connections.ts
var run_connections = __webpack_require__(4129);
// EXTERNAL MODULE: ./packages/database/src/run/batch.ts + 9 modules
var batch = __webpack_require__(647);
// EXTERNAL MODULE: ./packages/database/src/run/work.ts
var work = __webpack_require__(3560);
// EXTERNAL MODULE: ./packages/database/src/verify/schema-snapshot.ts
var schema_snapshot = __webpack_require__(1723);
;// CONCATENATED MODULE: ./packages/database/src/rehearsal/locks.ts

/** Modes that keep writers (ShareLock and stronger) or readers (AccessExclusiveLock) waiting; manual, 13.3.1. */
const telling = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
/** @param schema Quoted; '' for the first of search_path. */
async function prepareLockNotes(client, schema) {
    const [notes, known] = [`${schema}slipway_rehearsal`, `${schema}slipway_rehearsal_known`];
    await client.query(`DROP TABLE IF EXISTS ${notes}, ${known};
CREATE TABLE ${notes} (file text, relation text, mode text);
CREATE TABLE ${known} AS SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'i')`);
    return {
        note: (file) => `INSERT INTO ${notes}
 SELECT ${(0,sql_text/* quoteLiteral */.ce)(file)}, c.oid::regclass::text, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
   AND l.mode IN (${telling.map(sql_text/* quoteLiteral */.ce).join(', ')}) AND c.oid IN (SELECT oid FROM ${known})`,
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

;// CONCATENATED MODULE: ./packages/database/src/rehearsal/way-back.ts




/**
 * Goes down by the files' own way back and up again, and compares the schema each time: down must lead to `base`, and
 * up to where it was. Data that a down file loses is not seen by this. @throws Cancelled
 */
async function proveWayBack({ migrations }, { target, base }) {
    const missing = migrations.filter(({ down }) => down === null);
    if (migrations.length === 0 || missing.length > 0 || migrations.some(({ resume }) => resume !== null)) {
        return { state: 'missing', files: missing.map(({ up }) => up.file) };
    }
    const look = () => (0,schema_snapshot/* readSchemaSnapshot */.s)(target.observer);
    const top = await look();
    const downs = migrations.flatMap(({ down }) => down ?? []).toReversed();
    const reasons = (await stumble(target, downs)) ??
        differences(base, await look()) ??
        (await stumble(target, migrations.map(({ up }) => up))) ??
        differences(top, await look());
    return reasons === null ? { state: 'proven' } : { state: 'broken', reasons };
}
function differences(wanted, found) {
    const lines = (0,schema_snapshot/* diffSchemas */.e)(wanted, found);
    return lines.length > 0 ? lines : null;
}
/** Why one of the files does not run; null when all do. */
async function stumble(target, files) {
    try {
        for (const file of files)
            await (0,batch/* runWork */.d$)(target, (0,work/* bareWork */.Y)(file));
        return null;
    }
    catch (error) {
        if (error instanceof src/* Fault */.vC)
            return [error.message];
        throw error;
    }
}

;// CONCATENATED MODULE: ./packages/database/src/rehearsal/rehearse.ts





/**
 * Runs the pending files on a copy of the database, by the code that will run them on the real one, and measures how
 * long each takes and which tables it locks; then goes back by the down files and up again, where every file has one.
 * @throws Fault of the file that does not run; the real database was not touched. Cancelled.
 */
async function rehearse(plan, options) {
    const { target, schema } = options;
    const files = [];
    for (const one of plan.schemas) {
        files.push({ file: one.file, ms: await (0,batch/* runWork */.d$)(target, (0,work/* bareWork */.Y)(one)), locks: [] });
    }
    const base = await (0,schema_snapshot/* readSchemaSnapshot */.s)(target.observer);
    const notes = await prepareLockNotes(target.worker, schema);
    for (const { up, resume } of plan.migrations) {
        const ms = await (0,batch/* runWork */.d$)(target, (0,work/* bareWork */.Y)(up, { after: [notes.note(up.file)], resume }));
        files.push({ file: up.file, ms, locks: [] });
    }
    const locks = await notes.read(target.worker);
    const rehearsed = files.map((file) => ({ ...file, locks: locks.get(file.file) ?? [] }));
    return { files: rehearsed, wayBack: await proveWayBack(plan, { target, base }) };
}

// EXTERNAL MODULE: ./packages/runner/src/programs/index.ts + 3 modules
var src_programs = __webpack_require__(139);
// EXTERNAL MODULE: ./actions/db-migrate/src/checks.ts + 1 modules
var checks = __webpack_require__(9293);
// EXTERNAL MODULE: ./actions/db-migrate/src/run-files.ts
var run_files = __webpack_require__(2443);
;// CONCATENATED MODULE: ./actions/db-migrate/src/rehearse.ts





/**
 * Rehearses the pending files on the production schema in the shadow database.
 * @param url Of the shadow.
 * @throws Fault when a file does not run there, UserError when the shadow cannot be used; production was not touched.
 */
async function rehearseOnShadow(run, url) {
    const { context, session } = run;
    const { exec, temp, config } = context;
    const programs = { programs: config.programs, exec, temp };
    const pgDump = await (0,src_programs/* findPostgresProgram */.$s)('pg_dump', session.server.major, programs);
    const { url: from, connectedTo } = session;
    const dump = await dumpSchema({ pgDump: pgDump.command[0], url: from, connectedTo, exec });
    await onCopy(run, url, 'the production schema in the shadow database', (client) => fillShadow(client, dump, session.observer));
}
/**
 * Rehearses them on a full copy, the restored backup.
 * @param url Of the copy. @throws Fault when a file does not run there; production was not touched.
 */
function rehearseOnCopy(run, url) {
    return onCopy(run, url, 'the restored backup', async () => undefined);
}
async function onCopy(run, url, what, prepare) {
    const { context, ledger, review } = run;
    const shared = sharedChange([...review.scripts.values(), ...review.downs]);
    if (shared) {
        const said = `${shared.file}:${shared.line} changes what all databases of a server share: ${shared.text}`;
        context.log.warn(`nothing is rehearsed, because ${said}`);
        (0,checks/* note */.N)(run, 'rehearsal', 'Rehearsal', 'skipped', said);
        return;
    }
    const to = { ...context, url, release: context.record.id };
    const open = [];
    try {
        for (let count = 0; count < 2; count++)
            open.push(await (0,run_connections/* connectFor */.I)(to));
        const [worker, observer] = open;
        await prepare(worker);
        const rehearsal = await rehearse(planOf(run), {
            target: (0,run_files.targetOf)(run, {
                worker,
                observer,
                watchClient: run.session.watchClient,
                lock: { assertHeld: async () => undefined },
            }),
            schema: (0,sql_text/* schemaOf */.pP)(ledger.table),
        });
        tell(run, rehearsal, what);
        run.rehearsal = rehearsal;
    }
    catch (error) {
        if (!(error instanceof src/* Fault */.vC))
            throw error;
        throw new src/* Fault */.vC(`the rehearsal on ${what} failed, and production was not touched: ${error.message}`, {
            cause: error,
            hint: 'Mend the migration and release again.',
        });
    }
    finally {
        await Promise.all(open.map((client) => client.end().catch(() => undefined)));
    }
}
function planOf({ schemas, plan, review }) {
    const bare = (file, sql) => ({
        file,
        sql,
        statements: review.stepwise.has(file) ? (review.scripts.get(file)?.statements ?? null) : null,
    });
    const both = ({ file, sql, down, version }) => ({
        up: bare(file, sql),
        down: down === null ? null : review.bareDown(down),
        resume: plan.resume.get(version) ?? null,
    });
    return {
        schemas: schemas.map(({ file, sql }) => bare(file, sql)),
        migrations: plan.pending.map(both),
    };
}
function tell(run, { files, wayBack }, what) {
    const { log } = run.context;
    for (const { file, ms, locks } of files) {
        const held = locks.map(({ relation, mode }) => `${mode} on ${relation}`).join(', ');
        log.info(`rehearsed ${file} in ${(0,src/* formatDuration */.a3)(ms)}${held && `: ${held}`}`);
    }
    const total = files.reduce((sum, { ms }) => sum + ms, 0);
    (0,checks/* note */.N)(run, 'rehearsal', 'Rehearsal', 'passed', `${files.length} files ran on ${what} in ${(0,src/* formatDuration */.a3)(total)}`);
    if (wayBack.state === 'missing') {
        const which = wayBack.files.length > 0 ? wayBack.files.join(', ') : 'the half that is done already';
        (0,checks/* note */.N)(run, 'way-back', 'Way back', 'skipped', `there is no down file for ${which}`);
    }
    else if (wayBack.state === 'broken') {
        const seen = wayBack.reasons.slice(0, 10).join('; ');
        log.warn(`the down files do not lead back to the schema from before: ${seen}`);
        (0,checks/* note */.N)(run, 'way-back', 'Way back', 'failed', seen, 'Mend the down files; a rollback of the schema would fail.');
    }
    else {
        (0,checks/* note */.N)(run, 'way-back', 'Way back', 'passed', 'down and up again give the same schema');
    }
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
