export const id = 299;
export const ids = [299];
export const modules = {

/***/ 4437:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ci: () => (/* binding */ compressionName),
/* harmony export */   ji: () => (/* binding */ decompressed)
/* harmony export */ });
/* unused harmony export compressed */
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6466);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_stream_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8522);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_zlib__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(668);



/** Named in the manifest. */
const compressionName = 'zstd';
/** Bytes of a chunk. The default of 16 KiB calls the library eight times as often. */
const chunkSize = 128 * 1024;
/**
 * The fastest level: event tables of jsonb become smaller than with pg_dump's default gzip, in a quarter of the time. With
 * a checksum of the content, so that decompression proves it.
 */
const compress = {
    chunkSize,
    params: { [node_zlib__WEBPACK_IMPORTED_MODULE_1__.constants.ZSTD_c_compressionLevel]: 1, [node_zlib__WEBPACK_IMPORTED_MODULE_1__.constants.ZSTD_c_checksumFlag]: 1 },
};
/** The content as one Zstandard frame, which `zstd -d` reads (RFC 8878). */
function compressed(content) {
    return through(content, createZstdCompress(compress));
}
/** The reverse. @throws whatever `content` throws; Fault when it is damaged. */
async function* decompressed(content) {
    try {
        yield* through(content, (0,node_zlib__WEBPACK_IMPORTED_MODULE_1__.createZstdDecompress)({ chunkSize }));
    }
    catch (cause) {
        if (!isDamage(cause))
            throw cause;
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_2__/* .Fault */ .vC(`cannot decompress the backup: ${cause.message}`, { cause });
    }
}
async function* through(content, transform) {
    const done = (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_0__.pipeline)(content, transform);
    // The reader of the transform gets the failure first.
    done.catch(() => undefined);
    yield* transform;
    // A decompressor stops at the end of its frame. The rest is read as well, and must be empty.
    await done;
}
function isDamage(error) {
    return /^(?:ZSTD_|Z_)/.test(error.code ?? '');
}


/***/ }),

/***/ 5334:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   MX: () => (/* binding */ assertMayCreate),
/* harmony export */   Zi: () => (/* binding */ dropDatabase),
/* harmony export */   cD: () => (/* binding */ createDatabase)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(668);
/* harmony import */ var pg__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3849);


async function dropDatabase(client, name) {
    await client.query(`DROP DATABASE IF EXISTS ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeIdentifier */ .F)(name)} WITH (FORCE)`);
}
/**
 * Creates an empty database with the locale of another.
 * @param instead What else a user without the right can do, as the end of a sentence.
 * @throws UserError when the user lacks the right to create databases; Fault for everything else.
 */
async function createDatabase(client, name, locale, instead) {
    const options = [
        'TEMPLATE template0',
        `ENCODING ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeLiteral */ .NO)(locale.encoding)}`,
        `LC_COLLATE ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeLiteral */ .NO)(locale.collate)}`,
        `LC_CTYPE ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeLiteral */ .NO)(locale.ctype)}`,
        ...(locale.provider && locale.providerLocale
            ? [
                `LOCALE_PROVIDER ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeIdentifier */ .F)(locale.provider)}`,
                `${locale.provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'} ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeLiteral */ .NO)(locale.providerLocale)}`,
            ]
            : []),
    ];
    try {
        await client.query(`CREATE DATABASE ${(0,pg__WEBPACK_IMPORTED_MODULE_0__/* .escapeIdentifier */ .F)(name)} ${options.join(' ')}`);
    }
    catch (cause) {
        const { code, message } = cause;
        if (code === '42501')
            throw notAllowed(instead, cause);
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Fault */ .vC(`cannot create the database to restore into: ${message}`, {
            cause,
            hint: 'The server must have the locale and encoding of the original, and free disk space.',
        });
    }
}
function notAllowed(instead = '', cause) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .UserError */ .yo('the database user may not create the database to restore into', {
        cause,
        hint: `Run ALTER ROLE <user> CREATEDB${instead}.`,
    });
}
/** @throws UserError unless the user may create databases; its hint ends with `instead`. */
async function assertMayCreate(client, instead) {
    const { rows } = await client.query('SELECT rolcreatedb OR rolsuper AS allowed FROM pg_roles WHERE rolname = current_user');
    if (!rows[0]?.allowed)
        throw notAllowed(instead);
}


/***/ }),

/***/ 3295:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J9: () => (/* binding */ decrypted),
/* harmony export */   VX: () => (/* binding */ encryptionName),
/* harmony export */   x4: () => (/* binding */ readKeys)
/* harmony export */ });
/* unused harmony exports withRunKey, encrypted */
/* harmony import */ var node_stream_web__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7830);
/* harmony import */ var node_stream_web__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_stream_web__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(668);


/** Named in the manifest: the format of age-encryption.org/v1, which `age -d` reads. */
const encryptionName = 'age';
// Takes 40 ms to load, and most runs encrypt nothing.
const loadAge = () => __webpack_require__.e(/* import() */ 855).then(__webpack_require__.bind(__webpack_require__, 855));
/**
 * Checks the keys of the configuration. An identity is one of the recipients as well: what is written with these keys
 * can be read with them.
 * @throws UserError that names the malformed key, without an identity.
 */
async function readKeys(from) {
    const { Encrypter } = await loadAge();
    const recipients = [...(from.recipients ?? [])];
    for (const recipient of recipients) {
        try {
            new Encrypter().addRecipient(recipient);
        }
        catch (cause) {
            throw malformed(`database.backup.encrypt.recipients: "${recipient}" is not an age public key`, cause);
        }
    }
    if (from.identity === undefined)
        return { recipients, identity: null };
    const own = await recipientOf(from.identity);
    return { recipients: [...new Set([...recipients, own])], identity: from.identity };
}
async function recipientOf(identity) {
    const { identityToRecipient } = await loadAge();
    try {
        return await identityToRecipient(identity);
    }
    catch {
        // The library's own error may repeat the key.
        throw malformed('database.backup.encrypt.identity is not an age secret key');
    }
}
function malformed(problem, cause) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .UserError */ .yo(problem, {
        cause,
        hint: 'Create a key pair with `age-keygen`, and store the secret key apart from the backups.',
    });
}
/**
 * Keys that prove a backup by decrypting what was stored. Without an identity, one more recipient is made whose identity
 * is in the memory of this run only: the proof needs no secret, and nobody can decrypt with it afterwards.
 */
async function withRunKey(keys) {
    if (keys.identity !== null)
        return { ...keys, identity: keys.identity };
    const { generateX25519Identity } = await loadAge();
    const identity = await generateX25519Identity();
    return { recipients: [...keys.recipients, await recipientOf(identity)], identity };
}
/** The content as one age file. @throws whatever `content` throws. */
async function* encrypted(content, recipients) {
    const { Encrypter } = await loadAge();
    const encrypter = new Encrypter();
    for (const recipient of recipients)
        encrypter.addRecipient(recipient);
    yield* through(content, (stream) => encrypter.encrypt(stream));
}
/**
 * The reverse. Every piece is authenticated before it is passed on, and a missing end is noticed.
 * @throws Fault when the identity is not a recipient, or the content was changed or cut off; whatever `content` throws.
 */
async function* decrypted(content, identity) {
    const { Decrypter } = await loadAge();
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    let contentError;
    async function* watched() {
        try {
            yield* content;
        }
        catch (error) {
            contentError = error;
            throw error;
        }
    }
    try {
        yield* through(watched(), (stream) => decrypter.decrypt(stream));
    }
    catch (cause) {
        throw contentError ?? unreadable(cause);
    }
}
/** Passes the content through a web stream, and returns only when the content is closed. */
async function* through(content, transform) {
    const chunks = content[Symbol.asyncIterator]();
    const source = new node_stream_web__WEBPACK_IMPORTED_MODULE_0__.ReadableStream({
        async pull(controller) {
            const next = await chunks.next();
            if (next.done)
                controller.close();
            else
                controller.enqueue(next.value);
        },
    }, { highWaterMark: 0 });
    try {
        for await (const chunk of await transform(source)) {
            yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
        }
    }
    finally {
        await chunks.return?.();
    }
}
function unreadable(cause) {
    const stranger = cause instanceof Error && cause.message.startsWith('no identity matched');
    const why = stranger
        ? 'the identity is not one of its recipients'
        : 'it was changed or cut off after it was written';
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Fault */ .vC(`cannot decrypt the backup: ${why}`, {
        cause,
        hint: 'Compare its sha256 with the manifest. If they match, set database.backup.encrypt.identity to the identity of one of its recipients.',
    });
}


/***/ }),

/***/ 418:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  q: () => (/* binding */ createMeter),
  x: () => (/* binding */ inPieces)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:v8"
var external_node_v8_ = __webpack_require__(8877);
// EXTERNAL MODULE: external "node:vm"
var external_node_vm_ = __webpack_require__(714);
;// CONCATENATED MODULE: ./packages/backup/src/collect.ts


/** Bytes of a stream between two garbage collections. */
const every = 4 * 1024 * 1024;
let collect;
/**
 * Called with the length of each chunk, keeps the memory of the process flat. The buffers of a stream are outside of the
 * heap, so that tens of megabytes can pile up before V8 collects them.
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
/** Does what `node --expose-gc` does: an action cannot choose Node's command line. */
function exposeCollect() {
    (0,external_node_v8_.setFlagsFromString)('--expose-gc');
    return (0,external_node_vm_.runInNewContext)('gc');
}

;// CONCATENATED MODULE: ./packages/backup/src/pieces.ts


function createMeter() {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    const collected = createCollector();
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

/***/ 2652:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Yg: () => (/* binding */ assertKeysFit),
/* harmony export */   hm: () => (/* binding */ feed)
/* harmony export */ });
/* unused harmony exports verifyChecksum, verifyReadable, verifyDecoding, explainFailure */
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(668);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9184);
/* harmony import */ var _compression_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4437);
/* harmony import */ var _encryption_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3295);
/* harmony import */ var _pieces_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(418);




/** Reads the whole backup out of the store and compares it with what was written. @throws Fault, Cancelled */
async function verifyChecksum(backup, { store, signal }) {
    for await (const _chunk of checked(backup, store))
        if (signal.aborted)
            throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ('the proof of the backup');
}
/** The same, and decrypts and decompresses it, which verifies a second checksum. @throws Fault, Cancelled */
async function verifyReadable(backup, options) {
    const { signal } = options;
    await explained(backup, options, async () => {
        for await (const _chunk of decoded(backup, options))
            if (signal.aborted)
                throw new Cancelled('the proof of the backup');
    });
}
/** Lets pg_restore decode every byte, without a database. @throws Fault, Cancelled */
async function verifyDecoding(backup, pgRestore, options) {
    const { env, signal, redactor } = options;
    await feed({ argv: [pgRestore, '--file=/dev/null'], env, signal, redactor }, backup, options, 'decode');
}
/** The stored bytes, compared with the manifest at their end. */
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
        hint: 'It was changed or cut off after it was written. Check the storage, and create a new backup.',
    });
}
/** The dump as pg_dump wrote it. @throws UserError when its key does not fit; Fault when it is damaged. */
function decoded(backup, options) {
    const identity = assertKeysFit(backup, options);
    const stored = checked(backup, options.store);
    return (0,_compression_js__WEBPACK_IMPORTED_MODULE_2__/* .decompressed */ .ji)(identity === null ? stored : (0,_encryption_js__WEBPACK_IMPORTED_MODULE_3__/* .decrypted */ .J9)(stored, identity));
}
/**
 * Requires an identity for an encrypted backup. An unencrypted backup is refused where backups are encrypted: anyone who
 * can write to the store could have put other SQL in its place.
 * @returns the identity that decrypts it; null when it is not encrypted. @throws UserError
 */
function assertKeysFit({ file, cipher }, { store, keys }) {
    if (cipher === 'none') {
        if (keys === null)
            return null;
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the backup ${store.locate(file)} is not encrypted, and database.backup.encrypt is set`, {
            hint: 'If it was made before encryption was configured, and nobody else can write to the store, leave out database.backup.encrypt for this run.',
        });
    }
    if (keys?.identity)
        return keys.identity;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the backup ${store.locate(file)} is encrypted, and no identity is configured`, {
        hint: 'Set database.backup.encrypt.identity to the secret key (AGE-SECRET-KEY-1…) of one of its recipients.',
    });
}
/** Feeds the backup, as it was dumped, to a program. @throws Fault, UserError, Cancelled */
async function feed(command, backup, options, verb) {
    await explained(backup, options, () => (0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_4__/* .writeTo */ .jH)(command, decoded(backup, options)).catch((error) => {
        if (options.signal.aborted)
            throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ(`${verb === 'decode' ? 'decoding' : 'restoring'} the backup`);
        throw error instanceof _slipway_kernel__WEBPACK_IMPORTED_MODULE_4__/* .ProgramFailure */ .J9 ? explainFailure(verb, error) : error;
    }));
}
/** Reports changed bytes first: they explain what a program, age or zstd says of them. */
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
const failures = { decode: 'cannot decode the backup', restore: 'cannot restore the backup' };
/** The program's message with a hint. Pure. */
function explainFailure(verb, error) {
    return new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .Fault */ .vC(`${failures[verb]}: ${error.message}`, {
        cause: error,
        hint: hintFor(error.stderr.data),
    });
}
function hintFor(said) {
    if (/role ".*" does not exist/.test(said))
        return 'Create the role first: roles belong to the server and are not part of a dump.';
    if (/extension/.test(said))
        return 'Install the extension on the target server, or restore as a superuser.';
    // The server may write a part of a block before it reports a full disk.
    if (/No space left|disk full|could not extend file|wrote only \d+ of/i.test(said))
        return 'Free disk space on the target server.';
    if (/server closed the connection|terminating connection|in recovery mode|shutting down/.test(said)) {
        return 'The target server closed the connection: check its log. A full disk stops a whole server, so name another one in database.backup.scratch-url.';
    }
    if (/unsupported version|unrecognized configuration parameter/.test(said)) {
        return 'pg_restore and the target server must have the major version of the server that was backed up.';
    }
    return 'Fix the cause and re-run this job.';
}


/***/ }),

/***/ 5771:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  q: () => (/* binding */ planRestore)
});

// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/postgres/src/connection/server-version.ts
var server_version = __webpack_require__(3110);
// EXTERNAL MODULE: ./packages/backup/src/create-database.ts
var create_database = __webpack_require__(5334);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./packages/backup/src/identity.ts

/**
 * Distinguishes databases whose backups share a store, by the system identifier of the cluster and the name of the
 * database. Without the right to read the identifier, host and port replace it. Never contains user or password.
 * @returns 12 hexadecimal digits.
 */
async function databaseId(client, at) {
    const cluster = await client
        .query('SELECT system_identifier::text AS id FROM pg_control_system()')
        .then(({ rows }) => String(rows[0]?.id))
        .catch(() => `${at.host}:${at.port}`);
    return (0,external_node_crypto_.createHash)('sha256').update(`${cluster}/${at.database}`).digest('hex').slice(0, 12);
}
/** `<release>-<moment>.<database id>.dump.zst`; encrypted ones end in `.dump.zst.age`. Pure. */
function backupName(of) {
    const moment = of.at.toISOString().replace(/[-:.]/g, '');
    const release = of.release.replace(/[^\w.-]/g, '_');
    return `${release}-${moment}.${of.owner}.dump.zst${of.encrypted ? '.age' : ''}`;
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
/** Dumps of one database that a manifest names and that are missing. Pure. */
function lostDumps(names, owner) {
    const all = new Set(names);
    return names
        .filter((name) => name.endsWith(manifestSuffix))
        .map((name) => name.slice(0, -manifestSuffix.length))
        .filter((name) => isDumpOf(name, owner) && !all.has(name));
}
/** Dumps of one database without a manifest: a killed run left them unproven. Pure. */
function unfinishedDumps(names, owner) {
    const all = new Set(names);
    return names.filter((name) => isDumpOf(name, owner) && !all.has(manifestName(name)));
}
function isDumpOf(name, owner) {
    return new RegExp(`\\.${owner}\\.dump\\.zst(?:\\.age)?$`).test(name);
}

// EXTERNAL MODULE: ./packages/backup/src/read-back.ts
var read_back = __webpack_require__(2652);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 11 modules
var schemas = __webpack_require__(2857);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/iso.js
var iso = __webpack_require__(4377);
// EXTERNAL MODULE: ./packages/backup/src/compression.ts
var compression = __webpack_require__(4437);
// EXTERNAL MODULE: ./packages/backup/src/encryption.ts
var encryption = __webpack_require__(3295);
;// CONCATENATED MODULE: ./packages/backup/src/store.ts
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

;// CONCATENATED MODULE: ./packages/backup/src/manifest.ts





const proofSchema = schemas/* object */.Ikc({
    kind: schemas/* enum */.k5n(['restore', 'decode', 'checksum']),
    at: schemas/* string */.YjP(),
    /** Milliseconds that the proof took. */
    ms: schemas/* number */.aig(),
    /** pg_amcheck on the restored copy: `passed`, or why it was not run. Only for `restore`. */
    amcheck: schemas/* string */.YjP().optional(),
    /** What decrypted the stored copy: the configured identity, or a key that only that run had. */
    decryptedWith: schemas/* enum */.k5n(['identity', 'run-key']).optional(),
});
const localeSchema = schemas/* object */.Ikc({
    encoding: schemas/* string */.YjP(),
    collate: schemas/* string */.YjP(),
    ctype: schemas/* string */.YjP(),
    provider: schemas/* string */.YjP().nullable(),
    providerLocale: schemas/* string */.YjP().nullable(),
});
const manifestSchema = schemas/* object */.Ikc({
    schema: schemas/* literal */.euz(3),
    /** Name of the dump in the store. */
    file: schemas/* string */.YjP().regex(/^[\w.-]+$/),
    /** Of the bytes as they are stored. */
    sha256: schemas/* string */.YjP().regex(/^[0-9a-f]{64}$/),
    bytes: schemas/* int */.Whr(),
    cipher: schemas/* enum */.k5n(['none', encryption/* encryptionName */.VX]),
    compression: schemas/* literal */.euz(compression/* compressionName */.ci),
    database: schemas/* string */.YjP(),
    databaseId: schemas/* string */.YjP(),
    /** Bytes of the database itself. */
    databaseBytes: schemas/* number */.aig(),
    createdAt: iso/* datetime */.w$(),
    server: schemas/* string */.YjP(),
    client: schemas/* string */.YjP(),
    schemaVersion: schemas/* string */.YjP().nullable(),
    release: schemas/* string */.YjP(),
    commit: schemas/* string */.YjP(),
    run: schemas/* string */.YjP(),
    lsn: schemas/* string */.YjP(),
    /** Exact rows by table in the snapshot of the dump, and whether all tables were counted. */
    counts: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* int */.Whr()),
    counted: schemas/* enum */.k5n(['all', 'largest']),
    /** Counters of changed rows by table at that time, for the report of what a restore would lose. */
    changes: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* number */.aig().nullable()),
    statisticsSince: schemas/* string */.YjP().nullable(),
    events: schemas/* object */.Ikc({ table: schemas/* string */.YjP(), column: schemas/* string */.YjP(), head: schemas/* string */.YjP().nullable() }).nullable(),
    locale: localeSchema,
    /** A manifest is written only after the proof. */
    proof: proofSchema,
});
function encodeManifest(manifest) {
    return `${JSON.stringify(manifest, null, 2)}\n`;
}
/** Null when the text is not a manifest of this version. Pure. */
function decodeManifest(text) {
    try {
        return manifestSchema.safeParse(JSON.parse(text)).data ?? null;
    }
    catch {
        return null;
    }
}
/** @throws Fault when it does not exist, or is not a manifest. */
async function readManifest(store, name) {
    const manifest = decodeManifest(await readText(store, name));
    if (manifest)
        return manifest;
    throw new errors/* Fault */.vC(`${store.locate(name)} is not a backup manifest (schema 3)`, {
        hint: 'Backups of older versions of Slipway are restored by hand with pg_restore.',
    });
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/choose.ts




/**
 * The backup to restore: `latest`, or the name or address of a dump.
 * @throws UserError when there is none, the store cannot list them, or it belongs to another database; Fault.
 */
async function chooseBackup(store, from, of) {
    const all = await store.list();
    const manifest = typeof from === 'string' && from !== 'latest'
        ? await named(store, all, from, of)
        : await among(store, all, { from, of });
    if (all === null || all.includes(manifest.file))
        return manifest;
    throw new errors/* UserError */.yo(`the backup ${manifest.file} is gone from ${store.address}, although its manifest exists`, {
        hint: 'Somebody deleted the dump, but not its manifest. Name another dump.',
    });
}
async function named(store, all, from, of) {
    const name = from
        .split('/')
        .at(-1)
        ?.replace(/\.manifest\.json$/, '') ?? '';
    if (all !== null && !all.includes(manifestName(name))) {
        throw new errors/* UserError */.yo(`there is no backup ${name} at ${store.address}`, {
            hint: 'Name a dump with a manifest next to it, or name none, for the default.',
        });
    }
    const manifest = await readManifest(store, manifestName(name)).catch((error) => {
        if (all !== null || !(error instanceof errors/* Fault */.vC))
            throw error;
        throw new errors/* UserError */.yo(`cannot read the backup ${name}: ${(0,errors/* describeError */.Uc)(error)}`, {
            cause: error,
            hint: whatToName(of),
        });
    });
    if (manifest.database === of.database)
        return manifest;
    throw new errors/* UserError */.yo(`the backup ${name} belongs to the database "${manifest.database}", not to "${of.database}"`, {
        hint: 'To restore it there all the same, run pg_restore by hand.',
    });
}
/** One of the backups of the database that the store lists. */
async function among(store, all, { from, of }) {
    const maker = typeof from === 'string' ? null : from.madeBy;
    if (all === null) {
        const message = maker === null
            ? `cannot find the latest backup: ${store.address} cannot list its objects`
            : `cannot find the backup that ${maker} made: ${store.address} cannot list its objects`;
        throw new errors/* UserError */.yo(message, { hint: whatToName(of) });
    }
    for (const name of lostDumps(all, of.databaseId)) {
        of.log.warn(`the backup ${name} is gone from ${store.address}, although its manifest exists: it is skipped`);
    }
    const names = manifestsOf(all, of.databaseId);
    const read = await Promise.all(names.map(async (name) => decodeManifest(await readText(store, name)) ?? []));
    const newestFirst = read.flat().sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    const found = maker === null ? newestFirst[0] : newestFirst.findLast(({ release }) => release === maker);
    if (found)
        return found;
    if (maker !== null)
        throw new errors/* UserError */.yo(`there is no backup that ${maker} made at ${store.address}`, {
            hint: whatToName(of),
        });
    throw new errors/* UserError */.yo(`there is no backup of this database at ${store.address}`, {
        hint: 'Check database.backup.to. To restore a backup of a server that this one replaced, name its dump.',
    });
}
/** Where people find the name when the store cannot be listed. */
function whatToName({ databaseId }) {
    return `Name the dump. Its name is in the log of the run that created it and in the output "backup" of its db-migrate step; dumps of this database have .${databaseId}.dump in their names.`;
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/begin.ts






/**
 * Chooses the backup, and checks everything that would make its restore fail, before anything is created.
 * @param live Connected to the database that is replaced. @throws UserError, Fault
 */
async function planRestore(options, { client, at }, database) {
    const wanted = { databaseId: await databaseId(client, at), database, log: options.log };
    const backup = await chooseBackup(options.store, options.from, wanted);
    (0,read_back/* assertKeysFit */.Yg)(backup, options);
    const pgRestore = await options.findPgRestore((await (0,server_version/* serverVersion */.q)(client)).major);
    await (0,create_database/* assertMayCreate */.MX)(client);
    await assertMayRename(client, database);
    return { backup, pgRestore };
}
async function assertMayRename(client, database) {
    const { rows } = await client.query(`SELECT pg_has_role(datdba, 'USAGE') AS allowed, quote_ident(current_user) AS who, quote_ident(datname) AS database
     FROM pg_database WHERE datname = current_database()`);
    if (rows[0]?.allowed)
        return;
    throw new errors/* UserError */.yo(`the database user does not own the database "${database}", and cannot replace it`, {
        hint: `Run ALTER DATABASE ${rows[0]?.database} OWNER TO ${rows[0]?.who}, or GRANT the owning role to the user.`,
    });
}


/***/ }),

/***/ 9537:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Gx: () => (/* binding */ inspectTables),
/* harmony export */   Oi: () => (/* binding */ notCounted),
/* harmony export */   RT: () => (/* binding */ countLiveRows)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(668);
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6094);
/* harmony import */ var _slipway_postgres__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4731);
/* harmony import */ var _slipway_postgres__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(546);
/* harmony import */ var _slipway_postgres__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1505);
/* harmony import */ var _snapshot_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(178);
/* harmony import */ var _tables_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(2339);




/** How long to wait for a lock on a table: a session that holds one lock often holds more. */
const firstLockTimeoutMs = 3000;
const nextLockTimeoutMs = 100;
/**
 * Reads tables in one read-only snapshot, without the role's timeouts.
 * @param step Its signal cuts the connection. @throws Cancelled, and whatever the server says of a connection that is gone.
 */
async function inspectTables(client, { signal, redactor }, use) {
    const cut = () => (0,_slipway_postgres__WEBPACK_IMPORTED_MODULE_0__/* .cutConnection */ .tP)(client);
    signal.addEventListener('abort', cut, { once: true });
    try {
        if (signal.aborted)
            throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Cancelled */ .cJ('inspecting the database');
        await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL lock_timeout = ${firstLockTimeoutMs}`);
        await (0,_snapshot_js__WEBPACK_IMPORTED_MODULE_2__/* .withoutTimeouts */ .v)(client, 'transaction');
        return await use({ ask: (table, question) => ask({ client, redactor }, table, question) });
    }
    catch (error) {
        throw signal.aborted ? new _slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .Cancelled */ .cJ('inspecting the database') : error;
    }
    finally {
        signal.removeEventListener('abort', cut);
        await client.query('ROLLBACK').catch(() => undefined);
    }
}
async function ask({ client, redactor }, table, question) {
    await client.query('SAVEPOINT inspection');
    try {
        return { ok: true, value: await question() };
    }
    catch (error) {
        if ((0,_slipway_postgres__WEBPACK_IMPORTED_MODULE_3__/* .isConnectionLost */ .pb)(error))
            throw error;
        await client.query('ROLLBACK TO SAVEPOINT inspection');
        const why = (0,_slipway_kernel__WEBPACK_IMPORTED_MODULE_1__/* .describeError */ .Uc)(error);
        // lock_not_available
        if (error.code !== '55P03')
            return { ok: false, reason: why };
        await client.query(`SET LOCAL lock_timeout = ${nextLockTimeoutMs}`);
        const holders = await holdersOf({ client, redactor }, table);
        return { ok: false, reason: holders === '' ? why : `it is locked by ${holders}` };
    }
}
/** The sessions whose lock on a table blocks every reader, or will once it is granted. */
async function holdersOf({ client, redactor }, table) {
    const { rows } = await client.query(`SELECT DISTINCT a.pid, a.usename AS who, a.application_name AS name
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = to_regclass(${(0,_slipway_postgres__WEBPACK_IMPORTED_MODULE_4__/* .quoteLiteral */ .ce)(table)})
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
    const safe = (name) => _slipway_kernel__WEBPACK_IMPORTED_MODULE_5__/* .OutsideText */ .x.of(name, redactor);
    return rows
        .map(({ pid, who, name }) => `session ${pid} of ${safe(who)} (${safe(name || 'unnamed')})`)
        .join(', ');
}
/** For a table without a count, which is never taken for an empty one. */
const notCounted = { ok: false, reason: 'it was not counted' };
const atOnce = 50;
/** Exact numbers of rows, by table; many at once, and one by one where one of them cannot be counted. */
async function countLiveRows(client, inspection, names) {
    const found = new Map();
    for (let at = 0; at < names.length; at += atOnce) {
        const some = names.slice(at, at + atOnce);
        const all = await inspection.ask(some[0] ?? '', () => (0,_tables_js__WEBPACK_IMPORTED_MODULE_6__/* .countRows */ .BO)(client, some));
        for (const name of some) {
            const counts = all.ok ? all : await inspection.ask(name, () => (0,_tables_js__WEBPACK_IMPORTED_MODULE_6__/* .countRows */ .BO)(client, [name]));
            found.set(name, counts.ok ? rowsOf(counts.value[name]) : counts);
        }
    }
    return found;
}
function rowsOf(counted) {
    return counted === undefined ? notCounted : { ok: true, value: counted };
}


/***/ }),

/***/ 3314:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $4: () => (/* binding */ describeLoss),
/* harmony export */   uk: () => (/* binding */ measureLoss)
/* harmony export */ });
/* unused harmony export compare */
/* harmony import */ var _tables_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2339);
/* harmony import */ var _inspect_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9537);


/**
 * Reads what the live database has and the backup does not have. Changes nothing. A table that cannot be counted is not an
 * error: a damaged table may be the reason for the restore.
 * @throws Cancelled
 */
async function measureLoss(client, backup, step) {
    return (0,_inspect_js__WEBPACK_IMPORTED_MODULE_0__/* .inspectTables */ .Gx)(client, step, async (inspection) => {
        const { tables } = await (0,_tables_js__WEBPACK_IMPORTED_MODULE_1__/* .listTables */ .WS)(client);
        const counts = await (0,_inspect_js__WEBPACK_IMPORTED_MODULE_0__/* .countLiveRows */ .RT)(client, inspection, tables.map(({ name }) => name));
        const { rows } = await client.query('SELECT stats_reset::text AS since FROM pg_stat_database WHERE datname = current_database()');
        const now = Object.fromEntries(tables.map(({ name, changes }) => [name, { rows: counts.get(name) ?? _inspect_js__WEBPACK_IMPORTED_MODULE_0__/* .notCounted */ .Oi, changes }]));
        const sameCounters = (rows[0]?.since ?? null) === backup.statisticsSince;
        return {
            since: backup.createdAt,
            events: await lostEvents(client, inspection, backup),
            ...compare(backup, now, sameCounters),
        };
    });
}
async function lostEvents(client, inspection, { events }) {
    if (events === null)
        return null;
    const { table, column, head } = events;
    const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
    if (!rows[0]?.there)
        return null;
    const beyond = await inspection.ask(table, () => client.query(`SELECT count(*)::int8 AS lost, min(${column})::text AS from, max(${column})::text AS to
       FROM ${table} WHERE ${column} > $1::int8`, [head ?? '-9223372036854775808']));
    if (!beyond.ok)
        return { table, lost: null, from: null, to: null, unknown: beyond.reason };
    const { lost, from, to } = beyond.value.rows[0] ?? {};
    return { table, lost: Number(lost), from, to };
}
/** Pure. */
function compare(backup, now, sameCounters) {
    const deltas = Object.entries(now).map(([name, { changes }]) => [name, delta(backup.changes[name], changes)]);
    // A counter that decreased was reset, and then none of them is usable.
    const counted = sameCounters && deltas.every(([, changes]) => changes === null || changes >= 0);
    const changed = new Map(deltas);
    const names = [...new Set([...Object.keys(backup.counts), ...Object.keys(now)])].sort();
    const tables = names.map((name) => {
        const rows = now[name]?.rows;
        return {
            name,
            before: backup.counts[name] ?? null,
            now: rows?.ok ? rows.value : null,
            ...(rows?.ok === false ? { unknown: rows.reason } : {}),
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
        lines.push(`${events.table}: the number of events written after ${since} is unknown (${events.unknown})`);
    }
    else if (events?.lost) {
        lines.push(`${events.lost} events of ${events.table} were written after ${since} (positions ${events.from} to ${events.to})`);
    }
    for (const table of tables) {
        const { name, changes } = table;
        lines.push(`${name} ${describeRows(table)}${changes === null ? '' : `, about ${changes} changes`}`);
    }
    if (!counted) {
        lines.push("updated rows are not counted: the server's counters were reset after the backup");
    }
    return lines.length > 0 ? lines : [`nothing was written after ${since}`];
}
function describeRows({ before, now, unknown }) {
    if (unknown !== undefined) {
        return `${before === null ? 'is new' : `had ${before} rows`}; its current count is unknown (${unknown})`;
    }
    if (before === null)
        return `is new, with ${now} rows`;
    return now === null ? 'was dropped' : `had ${before} rows, has ${now}`;
}


/***/ }),

/***/ 2091:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   u: () => (/* binding */ confirmDatabase)
/* harmony export */ });
/* harmony import */ var _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(668);

/** The name of the database. @throws UserError when the URL has none, or when another one was confirmed. */
function confirmDatabase({ url, confirm }) {
    const { database } = url;
    if (database === undefined) {
        throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo('the database URL names no database', {
            hint: 'Set it to postgresql://user:password@host:port/database.',
        });
    }
    if (confirm === '' || confirm === database)
        return database;
    throw new _slipway_kernel__WEBPACK_IMPORTED_MODULE_0__/* .UserError */ .yo(`the restore is confirmed for "${confirm}", but the database is "${database}"`, {
        hint: 'Confirm it with the exact name of the database that will be replaced.',
    });
}


/***/ }),

/***/ 299:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  A: () => (/* binding */ hasDatabase),
  C: () => (/* binding */ restoreDatabase)
});

// EXTERNAL MODULE: ./packages/postgres/src/connection/run-lock.ts
var run_lock = __webpack_require__(6827);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(4731);
// EXTERNAL MODULE: ./packages/backup/src/create-database.ts
var create_database = __webpack_require__(5334);
// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
// EXTERNAL MODULE: ./packages/postgres/src/connection/libpq.ts
var libpq = __webpack_require__(9830);
// EXTERNAL MODULE: ./packages/backup/src/read-back.ts
var read_back = __webpack_require__(2652);
// EXTERNAL MODULE: ./packages/backup/src/scratch.ts
var scratch = __webpack_require__(5086);
// EXTERNAL MODULE: ./packages/backup/src/snapshot.ts
var snapshot = __webpack_require__(178);
// EXTERNAL MODULE: ./packages/backup/src/tables.ts
var src_tables = __webpack_require__(2339);
;// CONCATENATED MODULE: ./packages/backup/src/restore-into.ts






/**
 * Restores into an empty database; `verifyRestored` then checks it.
 * @throws Fault that says what is wrong with the backup; Cancelled.
 */
async function restoreInto(target, backup, options) {
    await (0,read_back/* feed */.hm)(restoreProgram(target, options), backup, options, 'restore');
}
/**
 * Restores a dump into an empty database while pg_dump writes it.
 * @throws Fault when it cannot be restored; whatever `content` throws; Cancelled.
 */
async function restoreWhileDumped(target, content, step) {
    await writeTo(restoreProgram(target, step), content).catch((error) => {
        throw error instanceof ProgramFailure ? explainFailure('restore', error) : error;
    });
}
function restoreProgram(target, { env, signal, redactor }) {
    const durability = target.scratch ? ' -c synchronous_commit=off' : '';
    return {
        argv: restoreCommand(target),
        env: {
            ...env,
            ...(0,libpq/* connectionEnvironment */.M)(target.at, target.url),
            PGAPPNAME: 'slipway restore',
            PGOPTIONS: `-c statement_timeout=0 -c maintenance_work_mem=256MB${durability}`,
        },
        signal,
        redactor,
    };
}
/** @throws Fault that names the tables whose rows are not those of the snapshot; Cancelled. */
async function verifyRestored(url, backup, step) {
    const { client } = await (0,scratch/* openConnection */.JY)(url, 'slipway restore', step);
    try {
        await (0,snapshot/* withoutTimeouts */.v)(client, 'session');
        await verifyCounts(client, backup);
    }
    catch (error) {
        if (error instanceof errors/* Fault */.vC)
            throw error;
        throw new errors/* Fault */.vC(`cannot count the rows of the restored copy: ${(0,errors/* describeError */.Uc)(error)}`, {
            cause: error,
            hint: 'Check the log of the target server, then re-run this job.',
        });
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(client);
    }
}
/** Collects the planner's statistics, which a dump does not contain. Without them a database is slow, not wrong. */
async function makeStatistics(url, { log, ...step }) {
    const { client } = await (0,scratch/* openConnection */.JY)(url, 'slipway restore', step);
    try {
        await (0,snapshot/* withoutTimeouts */.v)(client, 'session');
        await client.query('ANALYZE');
    }
    catch (error) {
        log.warn(`the restored copy has no statistics: ANALYZE failed: ${(0,errors/* describeError */.Uc)(error)}`);
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(client);
    }
}
/** The environment names the database: as an argument, a name could be read as connection settings. Pure. */
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
    const { tables } = await (0,src_tables/* listTables */.WS)(client);
    const wanted = tables.map(({ name }) => name).filter((name) => name in backup.counts);
    const differences = (0,src_tables/* compareCounts */.G8)(backup.counts, await (0,src_tables/* countRows */.BO)(client, wanted));
    if (differences.length === 0)
        return;
    throw new errors/* Fault */.vC(`the restored copy differs from the backup: ${differences.slice(0, 5).join('; ')}`, {
        hint: 'Do not rely on this backup. Create a new one, and report this message.',
    });
}

// EXTERNAL MODULE: ./packages/backup/src/restore/begin.ts + 4 modules
var begin = __webpack_require__(5771);
// EXTERNAL MODULE: ./packages/backup/src/restore/loss.ts
var restore_loss = __webpack_require__(3314);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./packages/backup/src/restore/names.ts

/** Of the 63 bytes of a name, `_restore_` and 17 digits take 26. Milliseconds distinguish two restores of one second. */
const maxBytes = 37;
function restoreNames(database, at) {
    const stamp = at.toISOString().replace(/\D/g, '').slice(0, 17);
    const base = baseOf(database);
    return { restored: `${base}_restore_${stamp}`, old: `${base}_old_${stamp}` };
}
/** Which of these databases a restore of this one created, newest last. Pure. */
function foundNames(database, all) {
    const base = baseOf(database);
    const of = (kind) => all
        .filter((name) => name.startsWith(`${base}_${kind}_`) && /^\d{17}$/.test(name.slice(base.length + kind.length + 2)))
        .sort();
    return { restored: of('restore'), old: of('old') };
}
function baseOf(database) {
    if (Buffer.byteLength(database) <= maxBytes)
        return database;
    const hash = (0,external_node_crypto_.createHash)('sha256').update(database).digest('hex').slice(0, 12);
    let start = '';
    for (const character of database) {
        if (Buffer.byteLength(start + character) > maxBytes - hash.length - 1)
            break;
        start += character;
    }
    return `${start}_${hash}`;
}

// EXTERNAL MODULE: ./packages/backup/src/restore/options.ts
var restore_options = __webpack_require__(2091);
// EXTERNAL MODULE: ./node_modules/pg/esm/index.mjs
var esm = __webpack_require__(3849);
// EXTERNAL MODULE: ./packages/kernel/src/poll.ts
var poll = __webpack_require__(1170);
;// CONCATENATED MODULE: ./packages/backup/src/restore/closing.ts


/** Comment on the new database which says that Slipway closed the old one: the run after a kill opens it again. */
const closedMark = 'slipway closed the connections of the database that this one is going to replace';
/** How long terminated sessions may take to disappear. */
const sessionTimeoutMs = 15_000;
/**
 * Refuses new connections to a database, and terminates all sessions but Slipway's own.
 * @param admin Connected to another database of the server. @throws Fault that names who cannot be ended; Cancelled.
 */
async function closeDatabase(admin, of, { clock, signal }) {
    await admin.query(`COMMENT ON DATABASE ${(0,esm/* escapeIdentifier */.F)(of.restored)} IS ${(0,esm/* escapeLiteral */.NO)(closedMark)}`);
    await allowConnections(admin, of.database, false);
    const wait = {
        clock,
        signal,
        intervalMs: 100,
        timeoutMs: sessionTimeoutMs,
        during: 'waiting for sessions to end',
    };
    const gone = await (0,poll/* poll */.w)(wait, async () => {
        // Everybody can read these columns of other roles' sessions. Workers of the server have no user.
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
    return new errors/* Fault */.vC(`the old database is still in use, and its sessions cannot be terminated: ${seen}`, {
        cause,
        hint: 'Close them, or GRANT pg_signal_backend TO the user of the database URL; only a superuser can terminate sessions of superusers. Then re-run this job.',
    });
}
async function allowConnections(admin, database, allow) {
    await admin.query(`ALTER DATABASE ${(0,esm/* escapeIdentifier */.F)(database)} ALLOW_CONNECTIONS ${allow}`);
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/recover.ts




/** Pure. */
function findInterruptedRestore(database, all) {
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
 * Undoes a killed restore: the old database has its name and accepts connections again, and the new one is dropped.
 * @param admin Connected to another database of the server.
 */
async function recover(admin, database, log) {
    const { rows } = await admin.query(`SELECT datname, datallowconn, shobj_description(oid, 'pg_database') AS comment FROM pg_database`);
    const left = findInterruptedRestore(database, rows);
    if (left.putBack !== null) {
        log.warn(`a restore was interrupted: renaming ${left.putBack} back to ${database}`);
        await admin.query(`ALTER DATABASE ${(0,esm/* escapeIdentifier */.F)(left.putBack)} RENAME TO ${(0,esm/* escapeIdentifier */.F)(database)}`);
        await allowConnections(admin, database, true);
    }
    else if (left.closed) {
        log.warn(`a restore was interrupted: ${database} accepts connections again`);
        await allowConnections(admin, database, true);
    }
    for (const name of left.restored) {
        log.info(`dropping ${name}, which an interrupted restore created`);
        await (0,create_database/* dropDatabase */.Zi)(admin, name);
    }
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/restore-lock.ts


/** How long a restore that was just cancelled may take to release the lock. */
const lockTimeoutMs = 10_000;
/**
 * Prevents two restores of one database at the same time: the second would drop the new database of the first. Held by the
 * maintenance session, since the database itself is renamed; released when the process dies.
 * @throws Fault when another one is running; Cancelled.
 */
async function takeRestoreLock(admin, database, { clock, signal }) {
    const key = (0,external_node_crypto_.createHash)('sha256').update(`slipway restore ${database}`).digest().readBigInt64BE(0);
    const wait = {
        clock,
        signal,
        timeoutMs: lockTimeoutMs,
        intervalMs: 500,
        during: 'waiting for another restore',
    };
    const taken = await (0,poll/* poll */.w)(wait, async () => {
        const { rows } = await admin.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [String(key)]);
        return rows[0]?.taken ? { done: true, value: true } : { done: false, seen: 'it is held' };
    });
    if (taken.ok)
        return;
    throw new errors/* Fault */.vC(`another restore of the database ${database} is running`, {
        hint: 'Wait until it has finished. Its sessions in pg_stat_activity are named "slipway restore".',
    });
}

;// CONCATENATED MODULE: ./packages/backup/src/event-tables.ts
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
/** Null when no table of the database has the name and column of an event store. */
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
/** Highest position; null for a store without events. As text, since a bigint may exceed a JavaScript number. */
async function headOf(client, { table, column }) {
    const { rows } = await client.query(`SELECT max(${column})::text AS head FROM ${table}`);
    return rows[0]?.head ?? null;
}

// EXTERNAL MODULE: ./packages/backup/src/restore/inspect.ts
var inspect = __webpack_require__(9537);
;// CONCATENATED MODULE: ./packages/backup/src/restore/carry-over.ts


/**
 * Reads the head of the database that will be replaced, after all writers are gone. An event table that cannot be read is
 * not an error: the sequence has the last position as well. @throws Cancelled
 */
function readOldHead(client, step) {
    return (0,inspect/* inspectTables */.Gx)(client, step, (inspection) => headIn(client, inspection));
}
async function headIn(client, inspection) {
    const events = await findEventTable(client);
    if (events === null)
        return { position: null };
    const read = await inspection.ask(events.table, () => headOf(client, events));
    const heads = read.ok ? [read.value] : [];
    for (const sequence of await sequencesOf(client, events)) {
        const { rows } = await client.query(`SELECT last_value::text AS last FROM ${sequence} WHERE is_called`);
        heads.push(rows[0]?.last ?? null);
    }
    const known = heads.flatMap((head) => (head === null ? [] : [BigInt(head)]));
    const highest = known.sort((a, b) => (a < b ? 1 : -1))[0];
    return { position: highest === undefined ? null : String(highest) };
}
/**
 * Prepares the restored database for consumers of the old one: no position is assigned twice, and a checkpoint beyond the
 * restored head, which would make its consumer skip new events silently, is set back to it.
 */
async function carryOver(client, old) {
    const events = await findEventTable(client);
    if (events === null)
        return { sequences: [], checkpoints: 0 };
    const carried = { sequences: [], checkpoints: 0 };
    const head = (await headOf(client, events)) ?? '0';
    for (const sequence of old.position === null ? [] : await sequencesOf(client, events)) {
        const { rowCount } = await client.query(`SELECT setval($1::regclass, $2::int8) FROM ${sequence} WHERE last_value < $2::int8 OR NOT is_called`, [sequence, old.position]);
        if (rowCount)
            carried.sequences.push(sequence);
    }
    for (const { table, column } of await findCheckpoints(client)) {
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

;// CONCATENATED MODULE: ./packages/backup/src/restore/properties.ts

/**
 * Copies what a dump of the contents leaves out: owner, privileges, connection limit, settings and comment. Runs in the
 * caller's transaction, so that they apply from the first moment.
 */
async function copyProperties(client, from, to) {
    const target = (0,esm/* escapeIdentifier */.F)(to);
    const { rows } = await client.query(`SELECT pg_get_userbyid(d.datdba) AS owner, d.datconnlimit AS limit, d.datacl IS NOT NULL AS granted,
       shobj_description(d.oid, 'pg_database') AS comment, d.oid
     FROM pg_database d WHERE d.datname = $1`, [from]);
    const found = rows[0];
    await client.query(`ALTER DATABASE ${target} OWNER TO ${(0,esm/* escapeIdentifier */.F)(found.owner)}`);
    await client.query(`ALTER DATABASE ${target} CONNECTION LIMIT ${Number(found.limit)}`);
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
/** With `FROM CURRENT` the server quotes values that are lists of names. */
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

;// CONCATENATED MODULE: ./packages/backup/src/restore/swap.ts









/**
 * Puts the restored database in place of the old one. Both renames are one transaction, so that one of the two has the name
 * at every moment. When anything fails before that, the old database is opened again; a killed run leaves that to the
 * next.
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
        const loss = await (0,restore_loss/* measureLoss */.uk)(live, options.backup, options);
        const old = await readOldHead(live, options);
        await Promise.all([live, guard].map(connect/* closeConnection */.Bn));
        const carried = await prepareRestored(options, old);
        await rename(admin, options);
        return { loss, carried };
    }
    catch (error) {
        await allowConnections(admin, database, true).catch((failed) => log.warn(`cannot open ${database} again (${failed.message}): run ALTER DATABASE … ALLOW_CONNECTIONS true`));
        throw error;
    }
}
async function sessionOf(client) {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid;
}
async function prepareRestored(options, old) {
    const { url, names } = options;
    const { client } = await (0,scratch/* openConnection */.JY)(url.withDatabase(names.restored), 'slipway restore', options);
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
        throw new errors/* Fault */.vC(`cannot put the restored database in place of ${database}: ${cause.message}`, {
            cause,
            hint: 'The old database is in place again. The user of the database URL must own it and have CREATEDB, and no prepared transaction may exist.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/restore.ts












/** How long a running migration may take. */
const restore_lockTimeoutMs = 5 * 60_000;
/**
 * Restores a backup into a new database, checks it, reports what would be lost, and with `confirm` puts it in place of the
 * old database, which is renamed. Can be killed at any point and run again: at every moment the old or the new database
 * has the name.
 * @throws UserError before anything was changed; Fault when the old database is still in place; Cancelled.
 */
async function restoreDatabase(options) {
    const { url, log, clock } = options;
    const database = (0,restore_options/* confirmDatabase */.u)(options);
    const admin = await connectToMaintenanceDatabase(options, database);
    try {
        await (0,snapshot/* withoutTimeouts */.v)(admin, 'session');
        await takeRestoreLock(admin, database, options);
        await recover(admin, database, log);
        const live = await (0,scratch/* openConnection */.JY)(url, 'slipway restore', options);
        const guard = await (0,scratch/* openConnection */.JY)(url, 'slipway restore', options);
        try {
            await (0,run_lock/* createRunLock */.T3)(guard.client, options).take(restore_lockTimeoutMs);
            const begun = await (0,begin/* planRestore */.q)(options, live, database);
            const names = restoreNames(database, clock.now());
            return await restoreIntoCopy(options, { ...begun, admin, live, guard, database, names });
        }
        finally {
            await Promise.all([live, guard].map(({ client }) => (0,connect/* closeConnection */.Bn)(client)));
        }
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(admin);
    }
}
async function restoreIntoCopy(options, work) {
    const { admin, live, guard, database, backup, pgRestore, names } = work;
    const { log } = options;
    let taken = false;
    try {
        log.info(`restoring ${backup.file} of ${backup.createdAt} into ${names.restored}`);
        await (0,create_database/* createDatabase */.cD)(admin, names.restored, backup.locale);
        const url = options.url.withDatabase(names.restored);
        await restoreInto({ pgRestore, url, at: { ...live.at, database: names.restored }, scratch: false }, backup, options);
        await verifyRestored(url, backup, options);
        await makeStatistics(url, options);
        const loss = await (0,restore_loss/* measureLoss */.uk)(live.client, backup, options);
        for (const line of (0,restore_loss/* describeLoss */.$4)(loss))
            log.warn(line);
        if (options.confirm === '')
            return { backup, database, loss, swapped: false };
        await options.assertMaySwap(names.old);
        const { clock, signal, redactor } = options;
        const swapped = await swap({ url: options.url, database, names, backup, clock, signal, redactor, log }, admin, live.client, guard.client);
        taken = true;
        return { backup, database, ...swapped, swapped: true, old: names.old };
    }
    finally {
        if (!taken)
            await (0,create_database/* dropDatabase */.Zi)(admin, names.restored).catch((error) => log.warn(`cannot drop ${names.restored}: ${error.message}`));
    }
}
/** Whether the server has a database of this name, whatever became of the one that is restored. @throws Fault, UserError */
async function hasDatabase(options, name) {
    const admin = await connectToMaintenanceDatabase(options, (0,restore_options/* confirmDatabase */.u)(options));
    try {
        const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
        return rowCount === 1;
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(admin);
    }
}
/** After a killed restore, the database itself may refuse connections or lack its name. */
async function connectToMaintenanceDatabase({ url, signal, redactor, clock, log }, database) {
    const others = ['postgres', 'template1'].filter((name) => name !== database);
    let first;
    for (const other of others) {
        try {
            return await (0,connect/* connect */.Ng)({
                url: url.withDatabase(other),
                applicationName: 'slipway restore',
                signal,
                redactor,
                startup: { clock, log },
            });
        }
        catch (error) {
            first ??= error;
        }
    }
    throw first;
}


/***/ }),

/***/ 5086:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   JY: () => (/* binding */ openConnection)
/* harmony export */ });
/* unused harmony exports assertScratchPossible, withScratch */
/* harmony import */ var _slipway_postgres__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4731);



/** @throws UserError that says why there is no connection; Cancelled. */
async function openConnection(url, applicationName, { signal, redactor }) {
    const client = await (0,_slipway_postgres__WEBPACK_IMPORTED_MODULE_0__/* .connect */ .Ng)({ url, applicationName, signal, redactor });
    return { client, at: (0,_slipway_postgres__WEBPACK_IMPORTED_MODULE_0__/* .addressOf */ .ci)(client) };
}
/** Prefix of the scratch copies of one database. An existing one was left by a killed run. Pure. */
function scratchPrefix(owner) {
    return `slipway_scratch_${owner}_`;
}
/** Drops the scratch copies of killed runs. Only one run at a time works on a database, so nothing else uses them. */
async function dropScratches(client, owner, log) {
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
        scratchPrefix(owner),
    ]);
    for (const { datname } of rows) {
        log.info(`dropping ${datname}, which an interrupted run created`);
        await dropDatabase(client, datname);
    }
}
/** The alternatives where only the proof needs the copy. */
const insteadOfCopy = ', name another server in database.backup.scratch-url, or set database.backup.prove to decode';
/** Checks, before hours are spent on a dump, that it can be restored for the proof. @throws UserError, Cancelled */
async function assertScratchPossible({ url, scratchUrl, ...step }, major) {
    const { client } = await openConnection(scratchUrl ?? url, 'slipway scratch', step).catch((cause) => {
        if (!scratchUrl || !(cause instanceof UserError))
            throw cause;
        const hint = cause.hint ?? 'Check the address.';
        throw new UserError(`database.backup.scratch-url: ${cause.message}`, { cause, hint });
    });
    try {
        await assertSameMajor(client, major);
        await assertMayCreate(client, insteadOfCopy);
    }
    finally {
        await closeConnection(client);
    }
}
/** @throws UserError unless both servers have the same major version: an older server refuses a newer dump's settings. */
async function assertSameMajor(client, major) {
    const there = await serverVersion(client);
    if (there.major === major)
        return;
    throw new UserError(`the scratch server runs PostgreSQL ${there.major}, but the database runs PostgreSQL ${major}`, {
        hint: `Name a PostgreSQL ${major} server in database.backup.scratch-url.`,
    });
}
/**
 * Creates an empty database, and drops it after use. A killed run leaves that to the next run.
 * @throws UserError, Fault, Cancelled, and whatever `use` throws.
 */
async function withScratch(options, use) {
    const { client, at } = await openConnection(options.url, 'slipway scratch', options);
    const name = `${scratchPrefix(options.owner)}${options.clock.now().getTime().toString(36)}`;
    try {
        await assertSameMajor(client, options.major);
        await dropScratches(client, options.owner, options.log);
        await createDatabase(client, name, options.locale, insteadOfCopy);
        try {
            return await use(options.url.withDatabase(name), { ...at, database: name });
        }
        finally {
            await dropDatabase(client, name).catch((error) => options.log.warn(`cannot drop the scratch database ${name} (${error.message}); the next run drops it`));
        }
    }
    finally {
        await closeConnection(client);
    }
}


/***/ }),

/***/ 178:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   v: () => (/* binding */ withoutTimeouts)
/* harmony export */ });
/* unused harmony export openSnapshot */


/**
 * Opens a transaction and exports its snapshot. The role's timeouts are off, since the dump may take hours. Row security is
 * off, so that rows that the user cannot read are an error, as they are for pg_dump.
 */
async function openSnapshot(client) {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await withoutTimeouts(client, 'transaction');
    await client.query('SET LOCAL row_security = off');
    await client.query("SET LOCAL lock_timeout = '10s'");
    const { rows } = await client.query(`SELECT pg_export_snapshot() AS id, pg_database_size(current_database()) AS bytes,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
       (SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()) AS since`);
    const { tables, total } = await listTables(client);
    const found = await findEventTable(client);
    return {
        id: rows[0]?.id,
        lsn: rows[0]?.lsn,
        bytes: Number(rows[0]?.bytes),
        tables,
        total,
        statisticsSince: rows[0]?.since ?? null,
        events: found && { ...found, head: await headOf(client, found) },
        locale: await localeOf(client),
    };
}
/** Switches off the timeouts that a role or a database may have: large tables take long to read. */
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

/***/ 2339:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BO: () => (/* binding */ countRows),
/* harmony export */   G8: () => (/* binding */ compareCounts),
/* harmony export */   WS: () => (/* binding */ listTables)
/* harmony export */ });
/**
 * Up to this number, all tables are counted; of more, the largest. Counting a small table takes a fraction of a
 * millisecond.
 */
const maxCounted = 2000;
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
    return { tables: tables.slice(0, maxCounted), total: tables.length };
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
/** Tables with unexpected numbers of rows, as sentences. Pure. */
function compareCounts(expected, found) {
    return Object.entries(expected).flatMap(([table, rows]) => {
        const there = found[table];
        if (there === rows)
            return [];
        return [there === undefined ? `${table} is missing` : `${table} has ${there} rows instead of ${rows}`];
    });
}


/***/ }),

/***/ 9184:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J9: () => (/* binding */ ProgramFailure),
/* harmony export */   jH: () => (/* binding */ writeTo),
/* harmony export */   zP: () => (/* binding */ readFrom)
/* harmony export */ });
/* harmony import */ var node_events__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8474);
/* harmony import */ var node_events__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_events__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _outside_text_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6094);
/* harmony import */ var _child_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(250);
/* harmony import */ var _result_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8560);




/** The program ran and did not succeed. */
class ProgramFailure extends Error {
    name = 'ProgramFailure';
    argv;
    /** The end of what it wrote to stderr. */
    stderr;
    /** The last lines of it. */
    details;
    constructor(argv, how, stderr) {
        const lines = stderr.tail(maxLines);
        super(`${argv[0].split('/').at(-1)} ${how}: ${lines.join('\n') || '(no output)'}`);
        this.argv = argv;
        this.stderr = stderr;
        this.details = lines;
    }
}
const killGraceMs = 3000;
const maxStderrBytes = 64 * 1024;
const maxLines = 3;
/**
 * What a program writes to stdout, as it comes. Completes only when the program succeeded; whoever stops reading ends it.
 * @throws ProgramFailure; UserError when the program is not found; Cancelled.
 */
async function* readFrom(command) {
    const child = startStreamed(command, { stdin: 'ignore', stdout: 'pipe' });
    try {
        for await (const chunk of child.process.stdout ?? [])
            yield chunk;
        await child.succeed();
    }
    finally {
        await child.stop();
    }
}
/**
 * Gives a program its stdin and waits for it. A program that succeeds before it has read everything (an archive may have
 * a tail that it does not need) has read enough; the rest of `content` is still taken in, so that it can be checked.
 * @throws what `content` throws, before anything that the program says about its input being cut; ProgramFailure …
 */
async function writeTo(command, content) {
    const child = startStreamed(command, { stdin: 'pipe', stdout: 'ignore' });
    const { stdin } = child.process;
    // A closed pipe is explained by how the program finished.
    stdin?.on('error', () => undefined);
    const over = child.exit.catch(() => undefined);
    try {
        for await (const chunk of content) {
            if (!child.isRunning()) {
                await child.succeed();
                continue;
            }
            if (stdin && !stdin.write(chunk))
                await Promise.race([(0,node_events__WEBPACK_IMPORTED_MODULE_0__.once)(stdin, 'drain').catch(() => undefined), over]);
        }
        stdin?.end();
        await child.succeed();
    }
    finally {
        await child.stop();
    }
}
function startStreamed({ argv, env, signal, redactor }, stdio) {
    const child = (0,_child_js__WEBPACK_IMPORTED_MODULE_1__/* .startChild */ .v)({ argv, env, signal, ...stdio, drains: stdio.stdout === 'ignore', killGraceMs });
    let stderr = Buffer.alloc(0);
    child.process.stderr?.on('data', (chunk) => {
        stderr = Buffer.concat([stderr, chunk]).subarray(-maxStderrBytes);
    });
    return {
        ...child,
        async succeed() {
            const exit = await child.exit;
            if (exit.state === 'exited' && exit.code === 0)
                return;
            throw new ProgramFailure(argv, (0,_result_js__WEBPACK_IMPORTED_MODULE_2__/* .describeExit */ .KE)(exit), _outside_text_js__WEBPACK_IMPORTED_MODULE_3__/* .OutsideText */ .x.of(wholeLines(stderr), redactor));
        },
    };
}
/** Without the part of a line, perhaps of a secret, at which the beginning was cut off. */
function wholeLines(stderr) {
    if (stderr.length < maxStderrBytes)
        return stderr;
    const end = stderr.indexOf('\n');
    return end < 0 ? Buffer.alloc(0) : stderr.subarray(end + 1);
}


/***/ })

};
