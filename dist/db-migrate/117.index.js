export const id = 117;
export const ids = [117];
export const modules = {

/***/ 6117:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  migrateByCommand: () => (/* binding */ migrateByCommand)
});

// EXTERNAL MODULE: ./packages/database/src/verify/assertion-files.ts
var assertion_files = __webpack_require__(5831);
// EXTERNAL MODULE: ./packages/database/src/verify/projections.ts
var verify_projections = __webpack_require__(7631);
// EXTERNAL MODULE: ./packages/database/src/verify/assertions.ts
var verify_assertions = __webpack_require__(9296);
// EXTERNAL MODULE: ./packages/kernel/src/index.ts + 9 modules
var src = __webpack_require__(7314);
// EXTERNAL MODULE: ./packages/database/src/sql/text.ts
var sql_text = __webpack_require__(2533);
;// CONCATENATED MODULE: ./packages/database/src/run/tool-versions.ts


/** Version tables of tools that run their own migrations, and the query that lists what they applied, oldest first. */
const known = [
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
    const values = known.map(({ table }) => `(${(0,sql_text/* quoteLiteral */.ce)(table)})`).join(', ');
    const { rows } = await client.query(`SELECT name FROM (VALUES ${values}) known(name) WHERE to_regclass(name) IS NOT NULL`);
    const there = new Set(rows.map(({ name }) => name));
    const [found, second] = known.filter(({ table }) => there.has(table));
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

// EXTERNAL MODULE: ./actions/db-migrate/src/backup.ts + 11 modules
var src_backup = __webpack_require__(4995);
// EXTERNAL MODULE: ./packages/database/src/run/journal.ts
var journal = __webpack_require__(9818);
// EXTERNAL MODULE: ./packages/database/src/run/journal-writing.ts
var journal_writing = __webpack_require__(5639);
;// CONCATENATED MODULE: ./packages/database/src/run/noted-versions.ts


/** @throws UserError when the user may not read them; Fault. */
async function readNotedVersions(client) {
    const { table, rows, found } = await (0,journal/* readJournal */.a0)(client, 'schema_migrations');
    return { table, versions: rows && [...rows.map(({ version }) => version), ...found] };
}
/** Writes down further ones. @throws what the server says. */
async function noteVersions(client, { table, versions }, more) {
    const fresh = [...new Set(more)].filter((version) => !versions?.includes(version));
    const sql = [
        versions === null ? (0,journal_writing/* createJournal */.s9)(table) : '',
        fresh.length > 0 ? (0,journal_writing/* noteFound */.B3)(table, fresh) : '',
    ];
    await client.query(sql.filter(Boolean).join(';\n'));
    return { table, versions: [...(versions ?? []), ...fresh] };
}

;// CONCATENATED MODULE: ./actions/db-migrate/src/command-class.ts

/**
 * By the versions that the users named as contracts. What an earlier release applied that never passed is this one's: the
 * version that runs is no younger for it. So the versions are written down when a release passes, and only where any are
 * named.
 * @param before Versions that are applied before the program runs. @throws UserError when they may not be read; Fault.
 */
async function openCommandClass({ log, record }, session, contracts, before) {
    const client = session.observer;
    const earlier = record.database?.class ?? 'none';
    let noted = contracts.length > 0 ? await readNotedVersions(client) : null;
    const found = (now) => classOfVersions({ contracts, known: noted?.versions ?? before, now, earlier });
    return {
        async begin() {
            if (noted?.versions === null)
                noted = await noteVersions(client, noted, before);
        },
        of: (now) => found(now).class,
        contracts: (now) => found(now).applied,
        async settle(now) {
            if (noted === null)
                return;
            const { class: kind, unseen, jumped } = found(now);
            if (kind === 'contract' && unseen.length > 0) {
                const until = jumped.length > 0 ? '' : ', and so is each that applies anything until it is listed';
                log.warn(`database.migrations.contract names ${unseen.join(', ')}, which the version table does not list: this release is taken for a contract${until}`);
            }
            noted = await noteVersions(client, noted, [...now, ...jumped]);
        },
    };
}
/**
 * A version that is named and not listed may be written in another way, or may have run unseen where the table holds the
 * newest only: it is taken for the worst. Such a table may have jumped over it; from one that lists every version it may
 * still come. Pure.
 */
function classOfVersions(of) {
    const { contracts, known, now, earlier } = of;
    const fresh = now.filter((version) => !known.includes(version));
    const unseen = contracts.filter((version) => !known.includes(version) && !now.includes(version));
    const newestOnly = now.length === 1 && known.some((version) => !now.includes(version));
    const jumped = fresh.length > 0 && newestOnly ? unseen : [];
    const applied = contracts.filter((version) => !unseen.includes(version) || jumped.includes(version));
    if (fresh.length === 0)
        return { class: earlier, unseen, jumped, applied };
    const contract = unseen.length > 0 || contracts.some((version) => fresh.includes(version));
    return {
        class: contract || earlier === 'contract' ? 'contract' : 'expand',
        unseen,
        jumped,
        applied,
    };
}

;// CONCATENATED MODULE: ./actions/db-migrate/src/run-command.ts

/** How long the command is tried again whose locks were not free, and how often it is. */
const again = { within: 10 * 60_000, every: () => 500 + Math.random() * 4000 };
/** What the server says of a lock that was not free (55P03) and of a deadlock (40P01), and the codes themselves. */
const contention = /\b(55P03|40P01)\b|canceling statement due to lock timeout|deadlock detected/;
/**
 * Runs the users' program with our time limits, again while a lock is not free. Its exit code is the caller's to judge.
 * @throws Fault when it cannot be run; Cancelled.
 */
async function runCommand({ exec, clock, signal, log, workspace }, database, session, [program = '', ...args]) {
    const limits = `-c lock_timeout=${database['lock-timeout']} -c statement_timeout=${database['statement-timeout']}`;
    const env = { DATABASE_URL: session.url, PGOPTIONS: limits };
    let last;
    const wait = { clock, signal, ...again, during: program };
    const tried = await (0,src/* poll */.wt)(wait, async () => {
        const done = await exec({ argv: [program, ...args], cwd: workspace, env }, { onLine: log.info });
        last = done;
        if (done.code === 0 || !contention.test(`${done.stderr}\n${done.stdout}`))
            return { done: true, value: done };
        log.info(`${program} met a lock that was not free; it is run again`);
        return { done: false, seen: 'a lock that was not free' };
    });
    if (tried.ok)
        return tried.value;
    if (last)
        return last;
    throw new src/* Fault */.vC(`${program} was never run`);
}
/** How it failed, with its last words. Pure. */
function failureOf(command, done) {
    const how = done.code === null ? 'was ended by a signal' : `exited ${done.code}`;
    return `${command.join(' ')} ${how}: ${(0,src/* lastLines */.w$)(done, 3) || 'without a word'}`;
}

// EXTERNAL MODULE: ./actions/db-migrate/src/session.ts + 3 modules
var session = __webpack_require__(6230);
// EXTERNAL MODULE: ./actions/db-migrate/src/wording.ts
var wording = __webpack_require__(9488);
;// CONCATENATED MODULE: ./actions/db-migrate/src/command.ts







/**
 * Migrates by the users' own program, with Slipway's lock, backup, time limits and verification around it. What the
 * program applied is the difference of its version table before and after.
 */
function migrateByCommand(context, database, command) {
    return (0,session/* withSession */.f)(context, database, {
        meanwhile: async () => (0,assertion_files/* readAssertionFiles */.Q)(context.workspace, database.verify.assertions),
        async use(session, assertions) {
            const before = (await versionsOf(session, database)) ?? [];
            if (context.dryRun) {
                const summary = `Dry run: ${command.join(' ')} would be run, ${context.inputs.backup === 'never' ? 'without' : 'after'} a backup; the schema is at ${before.at(-1) ?? 'no version'}; nothing was changed.`;
                return {
                    outcome: 'skipped',
                    summary,
                    outputs: { 'schema-version': before.at(-1) ?? '', applied: '0', backup: '' },
                };
            }
            const projections = await (0,verify_projections/* readProjections */.r)(session.observer, database.verify);
            const current = before.at(-1) ?? null;
            const policy = context.inputs.backup;
            const backup = policy === 'never'
                ? null
                : await context.log.group('Back up', () => (0,src_backup.makeBackup)({ context, database, session, plan: { current } }));
            const kind = await openCommandClass(context, session, database.migrations.contract, before);
            await kind.begin();
            const told = { context, before, backup, kind };
            context.keep(recordOf(told, before));
            await session.lock.assertHeld();
            const begun = context.clock.monotonic();
            const done = await runCommand(context, database, session, command);
            const listed = await versionsOf(session, database);
            const after = listed ?? [];
            const record = recordOf(told, after);
            const problems = [
                ...(listed === null && done.code === 0
                    ? [
                        'the command ended well, but no known version table says what it applied: set database.migrations.versions',
                    ]
                    : []),
                ...(done.code === 0 ? [] : [failureOf(command, done)]),
                ...lost(before, after).map((one) => `version ${one} is gone from the version table`),
                ...(done.code === 0
                    ? await (0,verify_assertions/* runAssertions */.T)(session.observer, assertions, database['statement-timeout'])
                    : []),
                ...(0,verify_projections/* judgeProjections */.O)(projections, await (0,verify_projections/* readProjections */.r)(session.observer, database.verify)),
            ];
            const version = after.at(-1) ?? null;
            const applied = record.database?.applied ?? [];
            const outputs = {
                'schema-version': version ?? '',
                applied: String(applied.length),
                backup: backup?.file ?? '',
            };
            if (problems.length > 0) {
                const summary = `${problems.join('; ')}.\nThe schema is at ${version ?? 'no version'}; nothing was rolled out.`;
                return { outcome: 'failed', summary, hint: 'Mend the cause and release again.', record, outputs };
            }
            await kind.settle(after);
            const took = (0,src/* formatDuration */.a3)(context.clock.monotonic() - begun);
            const summary = applied.length === 0
                ? `The schema is at ${version ?? 'no version'}; ${command[0]} had nothing to do.`
                : `The schema went from ${current ?? 'nothing'} to ${version} by ${(0,wording/* count */.U)(applied.length, 'migration')} of ${command[0]} in ${took}.`;
            return { outcome: 'passed', summary, record, outputs };
        },
    });
}
/** A table that holds the newest version only, such as that of Alembic, loses none by moving on. */
function lost(before, after) {
    if (before.length === 1 && after.length === 1)
        return [];
    return before.filter((version) => !after.includes(version));
}
/** null when nothing says which versions are applied. */
async function versionsOf(session, { migrations }) {
    const query = migrations.versions
        ? { of: 'database.migrations.versions', sql: migrations.versions }
        : await findVersionQuery(session.observer);
    return query === null ? null : listVersions(session.observer, query);
}
function recordOf({ context, before, backup, kind, }, now) {
    const earlier = context.record.database;
    const applied = now.filter((one) => !before.includes(one));
    const database = {
        before: earlier ? earlier.before : (before.at(-1) ?? null),
        after: now.at(-1) ?? null,
        applied: [...(earlier?.applied ?? []), ...applied],
        class: kind.of(now),
        contracts: kind.contracts(now),
        backup: earlier?.backup ?? backup,
    };
    return { ...context.record, database };
}


/***/ })

};
