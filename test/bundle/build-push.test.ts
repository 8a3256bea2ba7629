import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from '../support/action.ts';
import { type MemoryRegistry, startMemoryRegistry } from '../support/memory-registry.ts';

const labels = { built: 'by the program below' };
let workspace: string;
let registry: MemoryRegistry;
let host: string;
/** What the build pushes. */
let digest = '';

beforeEach(async () => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-build-push-'));
  for (const folder of ['.github', 'bin', 'one']) mkdirSync(path.join(workspace, folder));
  writeFileSync(path.join(workspace, 'one/Dockerfile'), 'FROM scratch\n');
  registry = await startMemoryRegistry();
  host = registry.address;
  digest = registry.push('built', 'any', labels);
  registry.push('two', '1.0.0');
  // The program pushes when it says so.
  registry.refuse = () => {
    if (existsSync(path.join(workspace, 'pushed')) && !registry.digest('one', '1.0.0'))
      registry.push('one', '1.0.0', labels);
    return undefined;
  };
});

afterEach(async () => {
  await registry.stop();
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

interface Run {
  env?: Record<string, string>;
  /** More keys of the build of `one`. */
  build?: string;
}

function run(inputs: Record<string, string> = {}, { env = {}, build = '' }: Run = {}): Promise<BundleResult> {
  const text = `app: shop\nservices:\n  one: {image: ${host}/one, build: {context: one${build}}}\n  two: {image: ${host}/two}\n`;
  writeFileSync(path.join(workspace, '.github/slipway.yml'), text);
  const PATH = `${path.join(workspace, 'bin')}:${process.env.PATH}`;
  return runBundle('build-push', {
    inputs: { version: 'v1.0.0', ...inputs },
    env: { PATH, HOME: workspace, ...env },
    workspace,
  });
}

function calls(): string[] {
  return readFileSync(path.join(workspace, 'calls'), 'utf8').trim().split('\n');
}

const push = (): string =>
  `: > ${workspace}/pushed; echo '{"containerimage.digest":"${digest}"}' > "$metadata"`;

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
  docker(`${push()}; echo '{"containerimage.digest":"${other}"}' > "$metadata"`);
  const { code, errors } = await run();
  expect(code).toBe(1);
  expect(errors[0]).toContain(
    `one was pushed as ${other}, but ${host}/one:1.0.0 is ${digest} in the registry`,
  );
});

test('warnings on stderr do not fail a build; a registry in trouble is tried again; the other image is looked up', async () => {
  const trouble = 'ERROR: failed to push: unexpected status from PUT request: 503 Service Unavailable';
  docker(`if [ -e ${workspace}/again ]; then echo "WARN: deprecated" >&2; ${push()}
    else : > ${workspace}/again; echo "${trouble}" >&2; exit 1; fi`);
  const { code, outputs, stdout } = await run();
  expect(stdout).toMatch(/503 Service Unavailable; trying again in (?:1|1\.\d|2) s/);
  expect(code).toBe(0);
  expect(JSON.parse(outputs.digests ?? '')).toEqual({ one: digest, two: registry.digest('two', '1.0.0') });
  expect(decodeRecord(outputs.release ?? '').phases).toMatchObject([
    { name: 'build-push', outcome: 'passed' },
  ]);
  expect(calls()).toHaveLength(2);
});

test('a dry run prints the command, touches nothing and is skipped', async () => {
  const { code, outputs, stdout } = await run({ 'dry-run': 'true' });
  expect([code, outputs.outcome]).toEqual([0, 'skipped']);
  expect(stdout).toContain(`docker buildx build --push --progress=plain --metadata-file metadata.json`);
  expect(outputs.summary).toBe(
    'Dry run: 1 of 2 images would be built and pushed as 1.0.0 unless they exist, and 1 looked up; nothing was built.',
  );
});

test('without buildx it is refused with the way to get it', async () => {
  writeFileSync(path.join(workspace, 'bin/docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const { outputs, errors } = await run();
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(/^Docker Buildx was not found: at least 0\.10\.0 is needed\./);
});

test('a push that seemed to fail but reached the registry is not repeated', async () => {
  // An immutable tag, or a reply that was lost: with the labels of the command the image is known again.
  const label = `$(echo "$@" | sed 's/.*dev.slipway.build=\\([0-9a-f]*\\).*/\\1/')`;
  docker(`echo "ERROR: failed to push: 409 Conflict: tag is immutable" >&2; exit 1`);
  const file = path.join(workspace, 'bin/docker');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('echo "$@" >>', `echo ${label} > ${workspace}/key; echo "$@" >>`),
  );
  registry.refuse = () => {
    const key = path.join(workspace, 'key');
    if (existsSync(key) && !registry.digest('one', '1.0.0'))
      registry.push('one', '1.0.0', { 'dev.slipway.build': readFileSync(key, 'utf8').trim() });
    return undefined;
  };
  const { outputs, errors } = await run();
  expect(errors).toEqual([]);
  expect(JSON.parse(outputs.digests ?? '')).toMatchObject({ one: registry.digest('one', '1.0.0') });
  expect(calls()).toHaveLength(1);
});

test('an upload without progress is ended and tried again; a silent step of the Dockerfile is not', async () => {
  docker(`if [ -e ${workspace}/again ]; then sleep 3; echo "#9 pushing layers done" >&2; ${push()}
    else : > ${workspace}/again; echo "#9 pushing layer 1f2e3d 1.05MB / 50MB" >&2; sleep 300; fi`);
  const { code, stdout } = await run({}, { build: ', stall-timeout: 1s' });
  expect(stdout).toMatch(/the upload made no progress for 1 s; trying again in/);
  expect(code).toBe(0);
  expect(calls()).toHaveLength(2);
});

test('a secret among the build arguments is refused before anything, without its value', async () => {
  docker('exit 9');
  const env = { NPM_TOKEN: 'npm_Q7Zx81LmPq' };
  const { outputs, errors, stdout } = await run({}, { env, build: ', args: {NPM_TOKEN: "${NPM_TOKEN}"}' });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(
    /^services\.one\.build\.args\.NPM_TOKEN contains a secret\n.*services\.\*\.build\.secrets/,
  );
  expect(stdout.replace(/^::add-mask::.*$/gm, '')).not.toContain(env.NPM_TOKEN);
  expect(existsSync(path.join(workspace, 'calls'))).toBe(false);
});

test('a secret of the build is named on the command line, and must be set', async () => {
  docker(`[ "$NPM_TOKEN" = npm_Q7Zx81LmPq ] || exit 9; ${push()}`);
  const build = ', secrets: {npm: NPM_TOKEN}';
  const unset = await run({}, { build });
  expect(unset.outputs.outcome).toBe('refused');
  expect(unset.errors[0]).toContain(
    'services.one.build.secrets.npm: the environment variable NPM_TOKEN is not set in this step',
  );
  const { code } = await run({}, { build, env: { NPM_TOKEN: 'npm_Q7Zx81LmPq' } });
  expect(code).toBe(0);
  expect(calls()).toEqual([expect.stringContaining('--secret id=npm,env=NPM_TOKEN ')]);
});

test('a version that another commit has in the registry is refused, and nothing is built', async () => {
  docker('exit 9');
  const before = registry.push('one', '1.0.0', {
    'org.opencontainers.image.revision': 'a'.repeat(40),
    'dev.slipway.build': 'x',
  });
  const { outputs, errors } = await run({}, { env: { GITHUB_SHA: 'b'.repeat(40) } });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toContain(
    `${host}/one:1.0.0 is an image of commit aaaaaaaaaaaa, this release is of commit bbbbbbbbbbbb: a version is never overwritten`,
  );
  expect(registry.digest('one', '1.0.0')).toBe(before);
  expect(existsSync(path.join(workspace, 'calls'))).toBe(false);
});

test('a version that was not built by Slipway is refused', async () => {
  docker('exit 9');
  registry.push('one', '1.0.0');
  const { outputs, errors } = await run();
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toContain(`${host}/one:1.0.0 exists, and was not built by Slipway`);
});

/** A record of images that are in the registry, and the release before it as `latest`. */
function promotable(): { release: string; older: Record<string, string>; newer: Record<string, string> } {
  const each = (tag: string): Record<string, string> =>
    Object.fromEntries(['one', 'two'].map((name) => [name, registry.push(name, tag, { tag, name })]));
  const [older, newer] = [each('latest'), each('2.0.0')];
  const of = { id: '2.0.0-1', app: 'shop', environment: 'production', version: '2.0.0', commit: '' };
  const service = (name: string) => ({ image: `${host}/${name}`, digest: newer[name] ?? '', previous: null });
  const record = { ...beginRelease(of), services: { one: service('one'), two: service('two') } };
  return { release: encodeRecord(record), older, newer };
}

const latest = (): Record<string, string | undefined> =>
  Object.fromEntries(['one', 'two'].map((name) => [name, registry.digest(name, 'latest')]));

test('the tags of a promotion that stops half way are moved back', async () => {
  const { release, older, newer } = promotable();
  registry.refuse = ({ method, url }) =>
    method === 'PUT' && url?.startsWith('/v2/two/') ? { status: 405 } : undefined;
  const { code, outputs, errors } = await run({ version: '', promote: 'true', release });
  expect(code).toBe(1);
  expect(registry.requests.filter((one) => one.startsWith('PUT'))).toContain('PUT /v2/one/manifests/latest');
  expect(latest()).toEqual(older);
  expect(older.one).not.toBe(newer.one);
  expect(errors[0]).toContain(
    `cannot move latest of two: cannot write ${host}/two:latest: the registry answered 405; latest of every service is as it was`,
  );
  expect(decodeRecord(outputs.release ?? '')).toMatchObject({
    verdict: 'failed',
    phases: [{ name: 'promote', outcome: 'failed' }],
  });
});

test('a promotion waits for a registry in trouble', async () => {
  const { release, newer } = promotable();
  let left = 5;
  registry.refuse = ({ url }) => (url?.startsWith('/v2/two/') && left-- > 0 ? { status: 503 } : undefined);
  const { errors, stdout } = await run({ version: '', promote: 'true', release });
  expect(errors).toEqual([]);
  expect(stdout).toMatch(/registry 127\.0\.0\.1:\d+ answered 503; trying again in/);
  expect(latest()).toEqual(newer);
}, 120_000);

test('a promotion without a record is refused', async () => {
  const { outputs, errors } = await run({ promote: 'true' });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(/^the release record has no digest for one, two\n/);
});
