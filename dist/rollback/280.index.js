export const id = 280;
export const ids = [280];
export const modules = {

/***/ 2280:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  planRestore: () => (/* binding */ planRestore),
  planUnconfirmed: () => (/* binding */ planUnconfirmed)
});

// EXTERNAL MODULE: ./packages/backup/src/restore/restore.ts + 9 modules
var restore = __webpack_require__(299);
// EXTERNAL MODULE: ./packages/postgres/src/connection/connect.ts + 1 modules
var connect = __webpack_require__(4731);
// EXTERNAL MODULE: ./packages/backup/src/scratch.ts
var scratch = __webpack_require__(5086);
// EXTERNAL MODULE: ./packages/backup/src/restore/begin.ts + 4 modules
var begin = __webpack_require__(5771);
// EXTERNAL MODULE: ./packages/backup/src/restore/loss.ts
var restore_loss = __webpack_require__(3314);
// EXTERNAL MODULE: ./packages/backup/src/restore/options.ts
var restore_options = __webpack_require__(2091);
;// CONCATENATED MODULE: ./packages/backup/src/restore/preview.ts





/**
 * What a restore would do and lose, from the backup's manifest and the current database. Creates nothing on the server,
 * takes no lock, and does not prove that the backup restores.
 * @throws UserError for whatever would refuse the restore; Fault, Cancelled.
 */
function previewRestore(options) {
    const database = (0,restore_options/* confirmDatabase */.u)(options);
    return withConnection(options, async (live) => {
        const { backup } = await (0,begin/* planRestore */.q)(options, live, database);
        return { backup, database, loss: await (0,restore_loss/* measureLoss */.uk)(live.client, backup, options) };
    });
}
/** The backup that a restore would take, without counting what it would lose. @throws as `previewRestore` does. */
function checkRestore(options) {
    const database = (0,restore_options/* confirmDatabase */.u)(options);
    return withConnection(options, async (live) => (await (0,begin/* planRestore */.q)(options, live, database)).backup);
}
async function withConnection(options, use) {
    const live = await (0,scratch/* openConnection */.JY)(options.url, 'slipway restore', options);
    try {
        return await use(live);
    }
    finally {
        await (0,connect/* closeConnection */.Bn)(live.client);
    }
}

// EXTERNAL MODULE: ./packages/kernel/src/database-url.ts
var database_url = __webpack_require__(6398);
// EXTERNAL MODULE: ./packages/backup/src/encryption.ts
var encryption = __webpack_require__(3295);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./packages/kernel/src/errors.ts
var errors = __webpack_require__(668);
;// CONCATENATED MODULE: ./packages/backup/src/stores/cloud-commands.ts
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
        hint: 'Log in with google-github-actions/auth in an earlier step; the account needs roles/storage.objectUser on the bucket.',
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
                // Objects in deeper folders belong to another store.
                .filter((name) => !name.includes('/')),
            // An empty store is an empty list, not an error.
            empty: /(?!)/,
        },
        delete: (name) => ['az', 'storage', 'blob', 'delete', ...where, '--name', `${prefix}${name}`],
        // AzCopy reports no reason when a pipe fails (github.com/Azure/azure-storage-azcopy/issues/1441).
        hint: 'Log in with azure/login in an earlier step; the identity needs the role Storage Blob Data Contributor on the container. AzCopy does not report why a stream fails: copy a file there by hand to see the reason.',
        env: { AZCOPY_AUTO_LOGIN_TYPE: 'AZCLI' },
    };
}
/** The name of an object in a line that holds its path; none for a folder. */
function lastPart(line) {
    return line.trim().split('/').at(-1) || [];
}
/** The user's own programs; `{name}` in an argument is replaced by the name of the object. Pure. */
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
        hint: 'Check database.backup.command, read-command and list-command: each object is one call, the manifest comes last, and the list has the names of all objects.',
    };
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
;// CONCATENATED MODULE: ./packages/backup/src/stores/file-store.ts




/** A folder on this machine or a mounted volume, readable by this user alone. */
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
                throw new errors/* Fault */.vC(`cannot read the backup ${locate(name)}: ${(0,errors/* describeError */.Uc)(cause)}`, {
                    cause,
                    hint: 'Check that the file exists and that this user can read it.',
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
        throw new errors/* UserError */.yo(`cannot use the backup folder ${folder}: ${(0,errors/* describeError */.Uc)(cause)}`, {
            cause,
            hint: 'Set database.backup.to to a folder that this user can write to. Nothing was changed.',
        });
    }
}
async function putFile(folder, name, content) {
    const file = external_node_path_.join(folder, name);
    const partial = `${file}.partial`;
    try {
        // Readable by nobody else at any time.
        const handle = await (0,promises_.open)(partial, 'wx', 0o600);
        try {
            for await (const chunk of content)
                await handle.writeFile(chunk);
            await handle.sync();
        }
        finally {
            await handle.close();
        }
        // Unlike a rename, a link never replaces an existing backup.
        await (0,promises_.link)(partial, file);
        await (0,promises_.rm)(partial);
        // The names must survive a crash of the machine, as the bytes do.
        const names = await (0,promises_.open)(folder, 'r');
        await names.sync().finally(() => names.close());
    }
    catch (error) {
        await (0,promises_.rm)(partial, { force: true });
        throw explain(error, folder);
    }
}
/** Explains errors of the file system. Whatever the content threw stays as it is. */
function explain(error, folder) {
    const { code, syscall } = (error ?? {});
    if (code === undefined || syscall === undefined)
        return error;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
        const what = code === 'ENOSPC' ? 'No space left on device' : 'Disk quota exceeded';
        return new errors/* Fault */.vC(`${what} in the backup folder ${folder}`, {
            cause: error,
            hint: 'Free space in the backup folder, or set database.backup.to to another folder.',
        });
    }
    return new errors/* Fault */.vC(`cannot write the backup to ${folder}: ${(0,errors/* describeError */.Uc)(error)}`, {
        cause: error,
        hint: 'Check the backup folder, or set database.backup.to to another folder.',
    });
}

// EXTERNAL MODULE: ./packages/kernel/src/process/result.ts
var result = __webpack_require__(8560);
// EXTERNAL MODULE: ./packages/kernel/src/process/streams.ts
var streams = __webpack_require__(9184);
;// CONCATENATED MODULE: ./packages/backup/src/stores/program-store.ts


/** A store that is reached through a cloud's programs or the user's own. Exit codes decide. */
function programStore(commands, step) {
    const { address, hint } = commands;
    const { signal, redactor } = step;
    const env = { ...step.env, ...commands.env };
    const run = (argv) => step.exec({ argv, env: commands.env ?? {} });
    const list = async (failure) => {
        if (commands.list === null)
            return null;
        const { argv, empty } = commands.list;
        const done = await run(argv);
        if (done.ok)
            return commands.list.names(done.stdout.data);
        if (empty.test((0,result/* lastLines */.w$)(done).join('\n')))
            return [];
        throw failure(ending(argv, done));
    };
    const names = () => list((why) => new errors/* Fault */.vC(`cannot list the backups at ${address}: ${why}`, { hint }));
    return {
        address,
        locate: (name) => `${address.replace(/\/$/, '')}/${name}`,
        async prepare() {
            await list((why) => new errors/* UserError */.yo(`cannot use the backup store ${address}: ${why}`, { hint }));
        },
        async put(name, content) {
            const argv = commands.put(name);
            await (0,streams/* writeTo */.jH)({ argv, env, signal, redactor }, content).catch(failed(argv, `store the backup at ${address}`, hint));
        },
        async *get(name) {
            if (commands.get === null)
                throw new errors/* Fault */.vC(`cannot read a backup at ${address}: no read-command is configured`, { hint });
            const argv = commands.get(name);
            try {
                yield* (0,streams/* readFrom */.zP)({ argv, env, signal, redactor });
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
            if (done.ok || !(await names())?.includes(name))
                return;
            throw new errors/* Fault */.vC(`cannot delete ${name} at ${address}: ${ending(argv, done)}`, { hint });
        },
    };
}
/** How a program failed. Cloud programs write other lines before the reason, and advice after it. */
function ending([program], done) {
    const how = `${external_node_path_.basename(program)} ${(0,result/* describeExit */.KE)(done)}`;
    const error = [...done.stderr.data.matchAll(/^ERROR: (?:\([\w.]+\) )?(.+)$/gm)].at(-1)?.[1];
    const said = error === undefined ? (0,result/* lastLines */.w$)(done).join('\n') : done.stderr.part(error);
    return `${how}: ${said || '(no output)'}`;
}
/** Explains the program's own failure. Whatever the content threw stays as it is. */
function failed(argv, doing, hint) {
    return (error) => {
        if (error instanceof streams/* ProgramFailure */.J9 && error.argv === argv)
            throw new errors/* Fault */.vC(`cannot ${doing}: ${error.message}`, { cause: error, hint });
        throw error;
    };
}

// EXTERNAL MODULE: ./packages/kernel/src/http-errors.ts
var http_errors = __webpack_require__(5183);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./packages/kernel/src/retry.ts
var retry = __webpack_require__(8209);
// EXTERNAL MODULE: ./packages/kernel/src/retry-http.ts
var retry_http = __webpack_require__(5150);
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



;// CONCATENATED MODULE: ./packages/backup/src/stores/s3-xml.ts
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

;// CONCATENATED MODULE: ./packages/backup/src/stores/s3-credentials.ts



/** An exchange of tokens takes less than a second. */
const timeoutMs = 20_000;
const policy = { maxAttempts: 3, firstDelayMs: 250, factor: 4 };
const renewBeforeMs = 5 * 60_000;
/**
 * Credentials of the step's environment, as AWS' own tools find them: the keys themselves (which
 * aws-actions/configure-aws-credentials sets as well), or a role and a file with the token of a web identity. Those of
 * a role are renewed before they expire, since a backup may take longer. When that fails, they are used while they last.
 * @throws UserError when there are none or the role is not given; Fault when the token service cannot be asked; Cancelled.
 */
function s3Credentials(login) {
    let held;
    const left = () => held?.expires ? held.expires.getTime() - login.clock.now().getTime() : Number.POSITIVE_INFINITY;
    return async () => {
        if (held === undefined)
            held = await find(login);
        else if (left() < renewBeforeMs) {
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
    throw new errors/* UserError */.yo('no credentials for the S3 backup store', {
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for this step, or run aws-actions/configure-aws-credentials in an earlier step.',
    });
}
/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the token is all that signs it. */
async function assumeRole(role, file, login) {
    const token = await (0,promises_.readFile)(file, 'utf8').catch((cause) => {
        throw new errors/* UserError */.yo(`cannot read the file that AWS_WEB_IDENTITY_TOKEN_FILE names: ${file}`, {
            cause,
            hint: 'Run the step that gives this machine its identity before this one.',
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
        throw new errors/* Fault */.vC(`AWS did not grant the role ${role} to this run: its answer has no credentials`);
    return {
        accessKeyId: id,
        secretAccessKey: secret,
        sessionToken: session,
        ...(until ? { expires: new Date(until) } : {}),
    };
}
/** The answer of the token service. Passing failures are retried. */
async function ask(body, role, { env, region, http, clock, signal }) {
    const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
    const about = `AWS did not grant the role ${role} to this run`;
    const during = 'the login to the S3 store';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = { url: endpoint, method: 'POST', headers: form, body: body.toString(), timeoutMs, signal };
    const result = await (0,retry/* retry */.L)({ ...policy, clock, signal, during }, async () => {
        const reply = await http.send(request);
        if (reply.ok && reply.status >= 200 && reply.status < 300)
            return { state: 'done', value: reply.body.data };
        const failure = reply.ok ? refusalOf(reply.status, reply.body) : undefined;
        const retryAfterMs = reply.ok ? (0,retry_http/* parseRetryAfter */.mu)(reply.headers['retry-after'], clock.now()) : undefined;
        return {
            state: 'failed',
            class: failure?.passing ? 'server' : (0,retry_http/* failureClass */.fI)(reply),
            error: { why: failure?.why ?? (reply.ok ? '' : reply.error), answered: reply.ok },
            retryAfterMs,
        };
    });
    if (result.ok)
        return result.value;
    const { why, answered } = result.error;
    if (answered && result.class === 'permanent')
        throw new errors/* UserError */.yo(`${about}: ${why}`, {
            hint: 'Check the trust policy of the role: issuer, audience and subject of the token.',
        });
    throw new errors/* Fault */.vC(`${about}: cannot reach ${endpoint}: ${why}`, {
        hint: 'Check database.backup.region, and the network between the runner and the AWS token service.',
    });
}
/** Why the service refuses, and whether that is a 400 which may pass all the same. Pure. */
function refusalOf(status, body) {
    const code = textOf(body.data, 'Code') ?? `status ${status}`;
    const message = textOf(body.data, 'Message');
    return {
        why: message ? `${body.part(message)} (${code})` : code,
        passing: code === 'IDPCommunicationError' || code === 'Throttling',
    };
}

;// CONCATENATED MODULE: ./packages/backup/src/stores/s3-client.ts





/** One request of at most a part's size. Lists come in pages. */
const limits = { timeoutMs: 5 * 60_000, maxBodyBytes: 16 * 1024 * 1024, connection: 'shared' };
/** Each request may be repeated. */
const s3_client_policy = { maxAttempts: 4, firstDelayMs: 250, factor: 4 };
function s3Client(target) {
    const credentials = s3Credentials(target);
    const { http, clock } = target;
    const during = 'the transfer of the backup';
    return {
        async send(request) {
            const known = await credentials();
            const signal = request.signal ?? target.signal;
            const sent = await (0,retry/* retry */.L)({ ...s3_client_policy, clock, signal, during }, async () => (0,retry_http/* replyAttempt */.K8)(await http.send(await signed(target, request, known, signal)), clock.now()));
            const reply = sent.ok ? sent.value : sent.error;
            if (reply.ok && isSuccess(reply.status))
                return reply;
            throw s3_client_explain(reply, target);
        },
        async download(key) {
            const known = await credentials();
            const { signal } = target;
            const opened = await (0,retry/* retry */.L)({ ...s3_client_policy, clock, signal, during }, async () => {
                const reply = await http.open(await signed(target, { method: 'GET', key }, known, signal));
                if (!reply.ok)
                    return { state: 'failed', class: (0,retry_http/* failureClass */.fI)(reply), error: reply };
                if (isSuccess(reply.status))
                    return { state: 'done', value: reply };
                const attempt = (0,retry_http/* replyAttempt */.K8)(await reply.read(), clock.now());
                return attempt.state === 'failed'
                    ? attempt
                    : { state: 'failed', class: 'permanent', error: attempt.value };
            });
            if (opened.ok)
                return opened.value.body;
            throw s3_client_explain(opened.error, target);
        },
    };
}
function isSuccess(status) {
    return status >= 200 && status < 300;
}
async function signed(target, request, known, signal) {
    const { method, body } = request;
    const { url, headers } = await new AwsV4Signer({
        ...known,
        service: 's3',
        region: target.region,
        method,
        url: urlOf(target, request),
        // The service compares it with what arrives.
        headers: {
            'x-amz-content-sha256': (0,external_node_crypto_.createHash)('sha256')
                .update(body ?? '')
                .digest('hex'),
        },
    }).sign();
    return {
        url: url.href,
        method,
        headers: Object.fromEntries(headers),
        ...(body === undefined ? {} : { body }),
        ...limits,
        signal,
    };
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
    InvalidAccessKeyId: ['the access key is unknown to the service', 'Check AWS_ACCESS_KEY_ID of this step.'],
    SignatureDoesNotMatch: [
        'the secret key is wrong',
        'Check AWS_SECRET_ACCESS_KEY and database.backup.region.',
    ],
    AccessDenied: [
        'the credentials lack a permission',
        'Allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads.',
    ],
    ExpiredToken: [
        'the credentials have expired',
        'Request them in the step directly before this one, or with a longer lifetime.',
    ],
    RequestTimeTooSkewed: ["the runner's clock is wrong", 'Synchronise it with NTP.'],
    AuthorizationHeaderMalformed: elsewhere,
    PermanentRedirect: elsewhere,
    NoSuchKey: [
        'the object does not exist',
        'Check the prefix in database.backup.to; somebody may have deleted the object.',
    ],
};
function s3_client_explain(answer, { bucket }) {
    const at = `cannot use the S3 bucket ${bucket}`;
    if (!answer.ok)
        return new errors/* Fault */.vC(`${at}: ${answer.error}`, {
            hint: 'Check database.backup.endpoint, and the network between the runner and the service.',
        });
    const { status, body, headers } = answer;
    const code = textOf(body.data, 'Code') ?? (status === 301 ? 'PermanentRedirect' : `status ${status}`);
    const region = textOf(body.data, 'Region') ?? headers['x-amz-bucket-region'];
    const message = textOf(body.data, 'Message');
    const [reason, advice] = known[code] ?? [
        message === undefined ? `it answered without a reason (${code})` : `${body.part(message)} (${code})`,
        'Check the log of the service.',
    ];
    const hint = known[code] === elsewhere && region ? `Set database.backup.region to ${region}.` : advice;
    return status < 500 ? new errors/* UserError */.yo(`${at}: ${reason}`, { hint }) : new errors/* Fault */.vC(`${at}: ${reason}`, { hint });
}

// EXTERNAL MODULE: ./packages/backup/src/pieces.ts + 1 modules
var pieces = __webpack_require__(418);
;// CONCATENATED MODULE: ./packages/backup/src/stores/s3-parts.ts

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

;// CONCATENATED MODULE: ./packages/backup/src/stores/s3-store.ts




const megabyte = 1024 * 1024;
/** For the cleanup after a failure or a cancellation. */
const cleanupTimeoutMs = 3000;
/** A bucket of AWS S3 or of a compatible service. A backup that exceeds one part is uploaded in several. */
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
            await client.send({ method: 'DELETE', key: `${folder}${name}` });
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
                await client.send({ method: 'PUT', key, body: bytes });
                return;
            }
            upload ??= await s3_store_begin(client, key);
            await underway;
            underway = sendPart(client, { key, upload, number: etags.length + 1, bytes, etags });
            // The next part waits for it; until then a failure must not count as unhandled.
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
async function s3_store_begin(client, key) {
    const { body } = await client.send({ method: 'POST', key, query: { uploads: '' } });
    const upload = textOf(body.data, 'UploadId');
    if (!upload)
        throw new errors/* Fault */.vC('the S3 service did not start the upload: its response has no UploadId');
    return upload;
}
async function sendPart(client, part) {
    const query = { partNumber: String(part.number), uploadId: part.upload };
    // Reserves the number at once; the tag follows when the part is stored.
    part.etags.push('');
    const { headers } = await client.send({ method: 'PUT', key: part.key, query, body: part.bytes });
    part.etags[part.number - 1] = headers.etag ?? '';
}
/** The service may answer 200 and report a failure in the body. */
async function finish(client, key, upload, etags) {
    const query = { uploadId: upload };
    const { body: answer } = await client.send({ method: 'POST', key, query, body: completion(etags) });
    const text = answer.data;
    if (/<Error>/.test(text) || !/<CompleteMultipartUploadResult/.test(text)) {
        throw new errors/* Fault */.vC(`the S3 service did not complete the upload: ${answer.part(textOf(text, 'Message') ?? 'no reason given')}`);
    }
}
/** Parts of an upload that is neither completed nor aborted are stored and billed without being listed. */
async function abort(client, key, upload) {
    const signal = AbortSignal.timeout(cleanupTimeoutMs);
    await client.send({ method: 'DELETE', key, query: { uploadId: upload }, signal }).catch(() => undefined);
}
/** Aborts uploads of killed runs of this database. A service or a policy that does not list them is not an error. */
async function abortUploads(client, folder, owner) {
    try {
        const query = { uploads: '', prefix: folder, 'encoding-type': 'url' };
        const text = (await client.send({ method: 'GET', query })).body.data;
        for (const upload of elementsOf(text, 'Upload')) {
            const key = decodeURIComponent(textOf(upload, 'Key') ?? '');
            if (key.includes(`.${owner}.`))
                await abort(client, key, textOf(upload, 'UploadId') ?? '');
        }
    }
    catch (error) {
        if (error instanceof errors/* Cancelled */.cJ)
            throw error;
        if (!(error instanceof errors/* UserError */.yo))
            throw error;
    }
}
async function listKeys(client, folder) {
    const keys = [];
    const query = { 'list-type': '2', prefix: folder, 'encoding-type': 'url' };
    for (;;) {
        const text = (await client.send({ method: 'GET', query })).body.data;
        for (const one of elementsOf(text, 'Contents'))
            keys.push(decodeURIComponent(textOf(one, 'Key') ?? ''));
        const next = textOf(text, 'NextContinuationToken');
        if (textOf(text, 'IsTruncated') !== 'true' || !next)
            return keys.filter((key) => !key.slice(folder.length).includes('/'));
        query['continuation-token'] = next;
    }
}
async function* get(client, key, signal) {
    const body = await client.download(key);
    try {
        for await (const chunk of body)
            yield chunk;
    }
    catch (cause) {
        if (signal.aborted)
            throw new errors/* Cancelled */.cJ('the transfer of the backup');
        throw new errors/* Fault */.vC(`the download of the backup ${key} stopped early: ${(0,http_errors/* describeTransport */.Fm)(cause).error}`, {
            cause,
            hint: 'The connection to the S3 service was lost. Re-run this job.',
        });
    }
}

;// CONCATENATED MODULE: ./packages/backup/src/stores/open-store.ts






/** Opens the store without sending anything. @throws UserError for an unsupported address. */
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
    throw new errors/* UserError */.yo(`unsupported backup destination: ${target.to}`, {
        hint: 'Set database.backup.to to a folder, s3://bucket/prefix, gs://bucket/prefix or azblob://account/container/prefix.',
    });
}

;// CONCATENATED MODULE: ./packages/backup/src/restore/configured.ts



/** The options of a restore as the configuration has them; its secrets are masked. @throws UserError */
async function configuredRestore(database, step) {
    const { backup } = database;
    for (const secret of [
        database.url,
        database['direct-url'],
        backup.encrypt?.identity,
        backup['scratch-url'],
    ])
        if (secret)
            step.redactor.add(secret);
    return {
        ...step,
        url: database_url/* DatabaseUrl */.z.parse(database['direct-url'] ?? database.url),
        store: openStore(backup, step),
        keys: backup.encrypt ? await (0,encryption/* readKeys */.x4)(backup.encrypt) : null,
    };
}

// EXTERNAL MODULE: ./packages/release/src/state/release-entry.ts
var release_entry = __webpack_require__(5759);
// EXTERNAL MODULE: ./packages/runner/src/programs/find.ts + 3 modules
var programs_find = __webpack_require__(2608);
// EXTERNAL MODULE: ./actions/rollback/src/reversal.ts
var reversal = __webpack_require__(9350);
// EXTERNAL MODULE: ./actions/rollback/src/schema-gate.ts
var schema_gate = __webpack_require__(8140);
;// CONCATENATED MODULE: ./actions/rollback/src/too-new.ts

/**
 * Why a backup has migrations of the releases that are rolled back, or may have them; null when it has none. Migrations of a
 * program have no versions that could be compared: there, who made the backup decides, and when. Pure.
 * @param migrated The releases that are rolled back and have migrated, newest first. @param to What comes back.
 * @param versions What is applied of them, as far as the database knows.
 */
function tooNew({ file, schemaVersion, release, createdAt, }, { migrated, to }, versions) {
    if (schemaVersion !== null && versions.includes(schemaVersion)) {
        const proven = to ? (0,release_entry/* releaseName */["do"])(to) : 'what ran before';
        return `the backup ${file} has the migration ${schemaVersion}, which came after ${proven}`;
    }
    const oldest = migrated.at(-1);
    if (!oldest || release === oldest.id)
        return null;
    const maker = migrated.find(({ id }) => id === release);
    if (maker)
        return `the backup ${file} was made by ${(0,release_entry/* releaseName */["do"])(maker)}, after ${(0,release_entry/* releaseName */["do"])(oldest)} had migrated`;
    if (versions.length > 0 || Date.parse(createdAt) <= Date.parse(oldest.begunAt))
        return null;
    return `the backup ${file} of ${createdAt} was made after ${(0,release_entry/* releaseName */["do"])(oldest)} had begun, and may have its migrations`;
}

;// CONCATENATED MODULE: ./actions/rollback/src/plan-restore.ts







const howToConfirm = 'To restore the database too, start rollback.yml with "confirm-restore" set to the exact name of the database; with dry-run it says what would be lost.';
/** Without a person, the database stays. @throws UserError when what comes back may not run on the schema. */
async function planUnconfirmed(context, choice, state) {
    const doubt = await (0,schema_gate/* refuseSchema */.c)(context, choice, state).catch((error) => {
        if (!(error instanceof errors/* UserError */.yo))
            throw error;
        throw new errors/* UserError */.yo(error.message, { hint: `${howToConfirm} ${error.hint ?? ''}`.trim(), cause: error });
    });
    const left = `The database was left as it is: a restore has to be confirmed by a person. ${howToConfirm}`;
    context.log.annotate({ level: 'warning', title: 'The database was not restored', message: left });
    return { kind: 'keep', note: doubt === null ? left : `${doubt} ${left}` };
}
/**
 * Plans to put the backup from before the migrations in the place of the database, and checks what would keep it from that.
 * @throws UserError, Fault, Cancelled; nothing was changed.
 */
async function planRestore(context, choice, state) {
    const options = await restoreOptions(context, choice, state);
    const when = choice.contracted ? 'before' : 'after';
    const { oldDatabase } = choice.from;
    // An earlier attempt got as far as this.
    if (oldDatabase !== undefined && (await (0,restore/* hasDatabase */.A)(options, oldDatabase)))
        return { kind: 'restore', when, options, what: 'the database was restored by an earlier attempt' };
    // Counting what would be lost takes its time in a large database, and what is broken must not wait for that.
    const isRead = context.dryRun || context.inputs.mode === 'rehearse';
    const { backup, loss } = isRead
        ? await previewRestore(options)
        : { backup: await checkRestore(options), loss: null };
    const { versions } = await (0,reversal/* readReversalOf */.w)(context, choice);
    const problem = tooNew(backup, choice, versions);
    if (problem !== null)
        throw new errors/* UserError */.yo(problem, { hint: 'Name an older backup in "restore-from".' });
    const lost = loss ? `, which would lose: ${(0,restore_loss/* describeLoss */.$4)(loss).join('; ')}` : '';
    const what = `the backup ${backup.file} of ${backup.createdAt} would be restored ${when} the services${lost}`;
    return { kind: 'restore', when, options, what };
}
async function restoreOptions(context, choice, state) {
    const { database } = context.readConfig(['database.url', 'database.direct-url', 'database.backup']);
    if (!database)
        throw new errors/* UserError */.yo('no database is configured');
    const { 'confirm-restore': confirm, 'restore-from': from } = context.inputs;
    return configuredRestore(database, {
        ...context,
        confirm,
        from: from || { madeBy: oldestMigrated(choice, state) },
        assertMaySwap: async () => undefined,
        findPgRestore: async (major) => {
            const found = await (0,programs_find/* findPostgresProgram */.$s)('pg_restore', major, {
                ...context,
                programs: context.config.programs,
            });
            return found.command[0];
        },
    });
}
/**
 * The id of the oldest release whose migrations are in the database: only its backup is certainly from before all of them.
 * @throws UserError when another release had that id, so that one of its backups may be from an earlier time.
 */
function oldestMigrated({ migrated }, { releases }) {
    const oldest = migrated.at(-1);
    if (!oldest)
        throw new errors/* UserError */.yo('no release since then has migrated the database');
    const isAmbiguous = releases.some((one) => one.id === oldest.id && !migrated.includes(one));
    if (!isAmbiguous)
        return oldest.id;
    throw new errors/* UserError */.yo(`${(0,release_entry/* releaseName */["do"])(oldest)} was released more than once: which of its backups is the one from before its migrations is not known`, { hint: 'Name the dump in "restore-from".' });
}


/***/ })

};
