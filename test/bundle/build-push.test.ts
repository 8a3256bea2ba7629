import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from '../support/action.ts';

const manifest = '{"schemaVersion":2}';
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
let workspace: string;
let registry: Server;
let host: string;
/** `app:tag` to digest: what the registry received by PUT. */
let tags: Map<string, string>;
/** Repositories that do not take a tag. */
let readOnly: string[];

beforeEach(async () => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-build-push-'));
  for (const folder of ['.github', 'bin', 'one']) mkdirSync(path.join(workspace, folder));
  writeFileSync(path.join(workspace, 'one/Dockerfile'), 'FROM scratch\n');
  [tags, readOnly] = [new Map(), []];
  registry = createServer((request, response) => {
    const [, name = '', tag = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(request.url ?? '') ?? [];
    if (request.method === 'PUT' && readOnly.includes(name)) return response.writeHead(405).end();
    if (request.method === 'PUT') tags.set(`${name}:${tag}`, digest);
    const found = request.method === 'PUT' || tag === digest || tag === '1.0.0' || tags.has(`${name}:${tag}`);
    response.writeHead(found ? (request.method === 'PUT' ? 201 : 200) : 404).end(found ? manifest : '');
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
});

afterEach(() => {
  registry.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** A `docker` that answers `build` as the script says; `$metadata` is the file that buildx writes. */
function docker(build: string): void {
  const file = path.join(workspace, 'bin/docker');
  const find = 'while [ $# -gt 0 ]; do [ "$1" = --metadata-file ] && metadata=$2; shift; done';
  const text = `#!/bin/sh
case "$1 $2" in
  "buildx version") echo github.com/docker/buildx v0.13.1;;
  "buildx build") echo "$@" >> ${workspace}/calls; ${find}; ${build};;
  *) echo "unexpected: $*" >&2; exit 64;;
esac
`;
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function run(inputs: Record<string, string> = {}): Promise<BundleResult> {
  const text = `app: shop\nservices:\n  one: {image: ${host}/one, build: {context: one}}\n  two: {image: ${host}/two}\n`;
  writeFileSync(path.join(workspace, '.github/slipway.yml'), text);
  const env = { PATH: `${path.join(workspace, 'bin')}:${process.env.PATH}`, HOME: workspace };
  return runBundle('build-push', { inputs: { version: 'v1.0.0', ...inputs }, env, workspace });
}

const writeMetadata = `echo '{"containerimage.digest":"${digest}"}' > "$metadata"`;

test('a build that is killed without output has failed', async () => {
  docker('exit 137');
  const { code, outputs, errors } = await run();
  expect(code).toBe(1);
  expect(outputs.outcome).toBe('failed');
  expect(outputs.digests).toBeUndefined();
  expect(errors).toEqual([
    'the build of one failed: docker buildx build was killed (exit code 137: often out of memory): (no output)\n' +
      'Check the log of this step for the whole output of the build.',
  ]);
});

test.each([
  ['no metadata at all', 'exit 0'],
  ['metadata without a digest', `echo '{"containerimage.config.digest":"${digest}"}' > "$metadata"`],
  ['half a file', `printf '{"containerimage.digest":"sha2' > "$metadata"`],
])('exit code 0 with %s has failed', async (_, build) => {
  docker(build);
  const { code, outputs, errors } = await run();
  expect(code).toBe(1);
  expect(outputs.outcome).toBe('failed');
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('docker buildx build of one exited 0 but reported no image digest');
});

test('a digest that the registry does not have under the tag has failed', async () => {
  const other = `sha256:${'a'.repeat(64)}`;
  docker(`echo '{"containerimage.digest":"${other}"}' > "$metadata"`);
  const { code, errors } = await run();
  expect(code).toBe(1);
  expect(errors[0]).toContain(
    `one was pushed as ${other}, but ${host}/one:1.0.0 is ${digest} in the registry`,
  );
});

test('warnings on stderr do not fail a build; a registry in trouble is tried again; the other image is looked up', async () => {
  const trouble = 'ERROR: failed to push: unexpected status from PUT request: 503 Service Unavailable';
  docker(`if [ -e ${workspace}/again ]; then echo "WARN: deprecated" >&2; ${writeMetadata}
    else : > ${workspace}/again; echo "${trouble}" >&2; exit 1; fi`);
  const { code, outputs, stdout } = await run();
  expect(stdout).toMatch(/503 Service Unavailable; trying again in (?:1|1\.\d|2) s/);
  expect(code).toBe(0);
  expect(JSON.parse(outputs.digests ?? '')).toEqual({ one: digest, two: digest });
  expect(decodeRecord(outputs.release ?? '').phases).toMatchObject([
    { name: 'build-push', outcome: 'passed' },
  ]);
  expect(readFileSync(path.join(workspace, 'calls'), 'utf8').trim().split('\n')).toHaveLength(2);
});

test('a dry run prints the command, touches nothing and is skipped', async () => {
  const { code, outputs, stdout } = await run({ 'dry-run': 'true' });
  expect([code, outputs.outcome]).toEqual([0, 'skipped']);
  expect(stdout).toContain(`docker buildx build --push --progress=plain --metadata-file metadata.json`);
  expect(outputs.summary).toBe(
    'Dry run: 1 of 2 images would be built and pushed as 1.0.0, and 1 looked up; nothing was built.',
  );
});

test('without buildx it is refused with the way to get it', async () => {
  writeFileSync(path.join(workspace, 'bin/docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const { outputs, errors } = await run();
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(/^Docker Buildx was not found: at least 0\.10\.0 is needed\./);
});

test('a promotion that stops half way says which tags moved', async () => {
  readOnly = ['two'];
  const of = { id: '1.0.0-1', app: 'shop', environment: 'production', version: '1.0.0', commit: '' };
  const service = (name: string) => ({ image: `${host}/${name}`, digest, previous: null });
  const record = { ...beginRelease(of), services: { one: service('one'), two: service('two') } };
  const { code, outputs, errors } = await run({ promote: 'true', release: encodeRecord(record) });
  expect(code).toBe(1);
  expect([...tags]).toEqual([['one:latest', digest]]);
  expect(errors[0]).toContain(
    `cannot move latest of two: cannot write ${host}/two:latest: the registry answered 405; already moved: one (nothing → ${digest})`,
  );
  expect(decodeRecord(outputs.release ?? '')).toMatchObject({
    verdict: 'failed',
    phases: [{ name: 'promote', outcome: 'failed' }],
  });
});

test('a promotion without a record is refused', async () => {
  const { outputs, errors } = await run({ promote: 'true' });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(/^the release record has no digest for one, two\n/);
});
