export const id = 825;
export const ids = [825];
export const modules = {

/***/ 825:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  readContracts: () => (/* reexport */ readContracts)
});

// UNUSED EXPORTS: AppliedMeanwhile, appliedOf, asDatabaseError, assertWritable, backUp, bareWork, batchWork, buildWork, connectFor, contentProblems, contractOf, decodeManifest, describeLock, describeLoss, detectFormat, diffSchemas, dumpSchema, explainStatement, fillShadow, findVersionQuery, fingerprintOf, formatNames, formatOf, formatSize, idempotenceProblems, isWorking, judgeDrift, judgeProjections, judgeStaging, keepSchema, lintScripts, listVersions, loadGrammar, locksOf, makeRestorePoint, newestVersion, noteVersions, numberingGaps, openSession, openStore, ownTransactions, parseKey, planMigrations, previewRestore, probeDatabase, readAssertionFiles, readCatalog, readDurations, readFolder, readJournal, readKeptSchema, readMigrationFolder, readNotedVersions, readProjections, readSchemaSnapshot, readScript, readStanding, rehearse, restoreDatabase, ruleNames, runAssertions, runBatch, runSnapshotCommand, runWork, runsAlone, schemaOf, schemaTableBeside, scriptProblems, settleContracts, sharedChange, sqlProblems, sqlText, standingOf, textOfBatch, transactionMode, transactionText, unwrapTransaction, verifyVersions

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

;// CONCATENATED MODULE: ./packages/database/src/connection/lost.ts

const lostCodes = new Set([
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    '57P01',
    '57P02',
]);
/** What the driver says of a connection that is gone; it gives no code with it. */
const lostWords = /connection terminated|not queryable|client was closed|connection ended/i;
/** Whether an error says that a connection which stood is gone, and nothing about what was asked. */
function isConnectionLost(error) {
    if (error instanceof LostConnection)
        return true;
    const { code, message = '' } = (error ?? {});
    return lostCodes.has(code ?? '') || lostWords.test(message);
}
/** In words for people, without the driver's. */
function describeLost(error) {
    const { code = '', message = '' } = error;
    if (code.startsWith('57P'))
        return `the server ended the connection: ${message}`;
    return lostWords.test(message) ? 'the connection was lost' : `the connection was lost (${message})`;
}
/** In words for people. What the driver said is left out: whoever prints an error prints its causes as well. */
class LostConnection extends Error {
}
/** An error of the database as the cause of one of ours. */
function causeOf(error) {
    return isConnectionLost(error) ? new LostConnection(describeLost(error)) : error;
}
/**
 * Anything that was thrown while a database was being asked, as an error of ours: what is one already stays as it is.
 * @param during What was being done, e.g. `migrations/002.sql`; empty when that says nothing.
 */
function asDatabaseError(error, during) {
    if (error instanceof src/* Fault */.vC || error instanceof src/* UserError */.yo || error instanceof src/* Cancelled */.cJ)
        return error;
    const where = during === '' ? '' : `${during}: `;
    if (!isConnectionLost(error))
        return new src/* Fault */.vC(`${where}${(0,src/* describeError */.Uc)(error)}`, { cause: error });
    return new src/* Fault */.vC(`${where}${describeLost(error)}`, {
        cause: causeOf(error),
        hint: 'See the log of the server and what is between. Run it again: it goes on where it stopped.',
    });
}

;// CONCATENATED MODULE: ./packages/database/src/run/journal.ts

/**
 * Reads the journal beside a version table. It keeps what the tables of other tools have no column for: the checksum,
 * the release, and how far a migration came that runs without a transaction.
 * @param versionTable Quoted, with its schema. @throws UserError when the user may not read it; Fault.
 */
async function readJournal(client, versionTable) {
    const table = journalBeside(versionTable);
    const found = await client
        .query(`SELECT version, sha256, release, finished_at IS NOT NULL AS finished, step,
         in_flight AS "inFlight", done, contract, (started_at AT TIME ZONE 'UTC')::text AS "startedAt", (finished_at AT TIME ZONE 'UTC')::text AS "finishedAt",
         extract(epoch FROM now() - finished_at)::float8 AS age FROM ${table} ORDER BY started_at`)
        .catch((error) => {
        if (error.code === '42P01')
            return null;
        throw refusedReading(error, table);
    });
    if (found === null)
        return { table, rows: null, found: [] };
    return {
        table,
        rows: found.rows.filter(({ release }) => release !== foundRelease),
        found: found.rows.flatMap(({ version, release }) => (release === foundRelease ? [version] : [])),
    };
}
/** Stands where no release of ours ran it. */
const foundRelease = '';
const journalName = 'slipway_migrations';
/** `public.schema_migrations` → `public.slipway_migrations`; a quoted schema may hold a dot. */
function journalBeside(versionTable) {
    return `${schemaOf(versionTable)}${journalName}`;
}
/** Milliseconds that each of these versions took, by the server's clock. @throws what the server says. */
async function readDurations(client, table, versions) {
    const { rows } = await client.query(`SELECT version, extract(epoch FROM finished_at - started_at)::float8 * 1000 AS ms FROM ${table}
     WHERE version = ANY ($1::text[]) AND finished_at IS NOT NULL`, [versions]);
    return new Map(rows.map(({ version, ms }) => [version, ms]));
}

;// CONCATENATED MODULE: ./packages/database/src/sql/text.ts


const decoded = new WeakMap();
/** The bytes as text, decoded once: every format looks into the same files to tell whether they are its own. */
function textOf(content) {
    const text = decoded.get(content) ?? content.toString('utf8');
    decoded.set(content, text);
    return text;
}
/** A value inside a SQL text, right whatever standard_conforming_strings says. */
function quoteLiteral(text) {
    const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    return text.includes('\\') ? `E${quoted}` : quoted;
}
/** The error of reading the version table: the user's when it is about privileges. */
function text_refusedReading(error, table) {
    if (error.code === '42501') {
        return new src/* UserError */.yo(`the database user may not read ${table}`, {
            cause: error,
            hint: `Migrate as the owner of the tables, or GRANT SELECT, INSERT ON ${table} to the user.`,
        });
    }
    return new src/* Fault */.vC(`${table} cannot be read: ${isConnectionLost(error) ? describeLost(error) : (0,src/* describeError */.Uc)(error)}`, { cause: causeOf(error) });
}
/** A query as one short line without its literals. */
function withoutValues(query) {
    const blanked = query
        .replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…')
        .replace(/'[^']*(?:''[^']*)*'?/g, "'…'");
    return blanked.replace(/\s+/g, ' ').trim().slice(0, 120);
}
function quoteIdentifier(name) {
    return `"${name.replaceAll('"', '""')}"`;
}
/** The schema of a quoted name with its dot, `public.`; '' when it has none. A quoted schema may hold a dot. */
function text_schemaOf(name) {
    return /^(?:"(?:[^"]|"")*"|[^."]+)\./.exec(name)?.[0] ?? '';
}
/** PostgreSQL counts code points, JavaScript UTF-16 units. */
function charactersToIndex(text, characters) {
    let index = 0;
    for (let left = characters; left > 0 && index < text.length; left--) {
        index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    }
    return index;
}

;// CONCATENATED MODULE: ./packages/database/src/run/noted-contracts.ts



/** Schemas that tools have for themselves; the tables of all others are where search_path leads. */
const ofTools = {
    sqitch: 'sqitch',
    'graphile-migrate': 'graphile_migrate',
    drizzle: 'drizzle',
};
const onPath = { path: true, schemas: [] };
const anyJournal = { path: true, schemas: Object.values(ofTools) };
function journalOf(format) {
    const schema = ofTools[format];
    return schema === undefined ? onPath : { path: false, schemas: [schema] };
}
/**
 * The rows of the journals that may be read; null when there is none. One of another application in the same database
 * need not be readable. @throws UserError when none is; Fault.
 */
async function readNoted(client, { path, schemas }) {
    const { rows: journals } = await client.query(`SELECT format('%I.%I', n.nspname, c.relname) AS name,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND ($2 AND pg_table_is_visible(c.oid) OR n.nspname = ANY ($3::text[]))`, [journalName, path, schemas]);
    const readable = journals.filter((journal) => journal.readable);
    if (journals.length > 0 && readable.length === 0) {
        throw new src/* UserError */.yo(`the database user may not read ${journals.map(({ name }) => name).join(', ')}`);
    }
    const rows = [];
    for (const { name } of readable)
        rows.push(...(await readRows(client, name)));
    return readable.length === 0 ? null : rows;
}
async function readRows(client, table) {
    const { rows } = await client
        .query(`SELECT version, contract, extract(epoch FROM clock_timestamp() - started_at)::float8 AS age FROM ${table}`)
        .catch((error) => {
        throw text_refusedReading(error, table);
    });
    return rows.map((row) => ({ ...row, repeatable: isRepeatable(row.version), place: 'journal' }));
}
/** By its name, as flyway's are called. */
function isRepeatable(version) {
    return version.startsWith('R__');
}

;// CONCATENATED MODULE: ./packages/database/src/run/tool-versions.ts


/** Version tables of tools that run their own migrations, and the query that lists what they applied, oldest first. */
const tool_versions_known = [
    { table: 'knex_migrations', tool: 'knex', query: 'SELECT name FROM knex_migrations ORDER BY id' },
    {
        table: 'databasechangelog',
        tool: 'Liquibase',
        query: 'SELECT id FROM databasechangelog ORDER BY orderexecuted',
    },
    { table: 'alembic_version', tool: 'Alembic', query: 'SELECT version_num FROM alembic_version' },
    {
        table: 'django_migrations',
        tool: 'Django',
        query: "SELECT app || '.' || name FROM django_migrations ORDER BY id",
    },
    {
        table: '_prisma_migrations',
        tool: 'Prisma',
        query: 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at',
    },
    {
        table: 'atlas_schema_revisions.atlas_schema_revisions',
        tool: 'Atlas',
        query: 'SELECT version FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total ORDER BY version',
    },
    {
        table: 'drizzle.__drizzle_migrations',
        tool: 'drizzle',
        query: 'SELECT created_at FROM drizzle.__drizzle_migrations ORDER BY created_at',
    },
    { table: 'pgmigrations', tool: 'node-pg-migrate', query: 'SELECT name FROM pgmigrations ORDER BY id' },
    {
        table: '"SequelizeMeta"',
        tool: 'Sequelize',
        query: 'SELECT name FROM "SequelizeMeta" ORDER BY name',
    },
    {
        table: 'flyway_schema_history',
        tool: 'Flyway',
        query: 'SELECT coalesce(version, script) FROM flyway_schema_history WHERE success ORDER BY installed_rank',
    },
    {
        table: 'schema_migrations',
        tool: 'Rails and tools like it',
        query: 'SELECT version::text FROM schema_migrations ORDER BY 1',
    },
    {
        table: 'goose_db_version',
        tool: 'goose',
        query: 'SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id',
    },
    { table: 'gorp_migrations', tool: 'sql-migrate', query: 'SELECT id FROM gorp_migrations ORDER BY id' },
    { table: 'migrations', tool: 'TypeORM', query: 'SELECT name FROM migrations ORDER BY id' },
];
/**
 * @returns null when no known version table is there, as before the very first migration.
 * @throws UserError when there are several: which of them is meant, nothing says.
 */
async function findVersionQuery(client) {
    const values = tool_versions_known.map(({ table }) => `(${quoteLiteral(table)})`).join(', ');
    const { rows } = await client.query(`SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`);
    const there = new Set(rows.map(({ name }) => name));
    const [found, second] = tool_versions_known.filter(({ table }) => there.has(table));
    if (found && second) {
        throw new src/* UserError */.yo(`the database has version tables of several tools: ${found.table} and ${second.table}`, {
            hint: 'Set database.migrations.versions to a query whose first column lists the applied versions, oldest first.',
        });
    }
    return found ? { of: found.tool, sql: found.query } : null;
}
/** The applied versions, oldest first. @throws UserError when the query cannot be run. */
async function listVersions(client, query) {
    try {
        const { rows } = await client.query({ text: query.sql, rowMode: 'array' });
        return rows.map((row) => String(row[0]));
    }
    catch (cause) {
        throw new src/* UserError */.yo(`the applied versions cannot be listed: ${cause.message}`, {
            cause,
            hint: 'Set database.migrations.versions to a query whose first column lists them, oldest first.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/database/src/run/contracts.ts







/**
 * Asks a database which contracts are applied, over one connection that reads only. For a lock it waits a second at most.
 * @throws UserError when it cannot be reached, may not be read, or has nothing that tells; Fault; Cancelled.
 */
async function readContracts(question) {
    const { url, timeout, format, named } = question;
    const deadline = AbortSignal.timeout(timeout);
    const signal = AbortSignal.any([question.signal, deadline]);
    const during = 'the look at the database';
    let client;
    const cut = () => client && cutConnection(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        client = await connect({ url, applicationName: 'slipway rollback', timeout, signal });
        // A query of the users' own is among them. What the server is told ends with the transaction, also behind a pooler.
        await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeout}; SET LOCAL lock_timeout = '1s'`);
        return named ? await appliedOf(client, named) : await markedContracts(client, format);
    }
    catch (error) {
        if (question.signal.aborted)
            throw new src/* Cancelled */.cJ(during);
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
async function markedContracts(client, format) {
    const noted = await readNoted(client, format ? journalOf(format) : anyJournal);
    if (noted === null)
        throw new src/* UserError */.yo(`the database has no table ${journalName}`);
    return noted.flatMap(({ contract, ...row }) => (contract === null ? [] : [row]));
}
/** Of the versions that users named, those that are applied. */
async function appliedOf(client, { contracts, versions }) {
    const sql = versions === undefined ? null : { of: 'database.migrations.versions', sql: versions };
    const query = sql ?? (await findVersionQuery(client));
    const listed = query === null ? [] : await listVersions(client, query);
    const noted = await readNoted(client, onPath);
    const rows = new Map(noted?.map(({ contract: _, ...row }) => [row.version, row]));
    const applied = contracts.flatMap((version) => {
        const row = rows.get(version);
        const { age, repeatable } = row ?? { age: null, repeatable: isRepeatable(version) };
        if (listed.includes(version))
            return [{ version, age, repeatable, place: 'version table' }];
        return row ? [row] : [];
    });
    if (listed.length <= 1 && applied.length < contracts.length) {
        throw new src/* UserError */.yo('no version table lists all applied migrations, and no query in database.migrations.versions does');
    }
    return applied;
}

;// CONCATENATED MODULE: ./packages/database/src/index.ts

























































/***/ })

};
