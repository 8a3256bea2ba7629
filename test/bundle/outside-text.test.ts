import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from '../support/action.ts';

const image = `127.0.0.1:9/shop@sha256:${'a'.repeat(64)}`;
let workspace: string;
let app: Server | undefined;

beforeEach(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-outside-'));
  for (const folder of ['.github', 'bin']) mkdirSync(path.join(workspace, folder));
});
afterEach(() => {
  app?.close();
  app = undefined;
  rmSync(workspace, { recursive: true, force: true });
});

/** The volumes of an engine, with their labels, in a file. */
const volumes = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const all = existsSync('volumes') ? JSON.parse(readFileSync('volumes', 'utf8')) : {};
const [, verb, ...args] = process.argv.slice(2);
const given = (flag) => args.flatMap((arg, at) => (args[at - 1] === flag ? [arg] : []));
if (verb === 'create') {
  const pairs = given('--label').map((label) => [label.split('=')[0], label.slice(label.indexOf('=') + 1)]);
  all[args.at(-1)] ??= Object.fromEntries(pairs);
  writeFileSync('volumes', JSON.stringify(all));
}
const [key, value] = (given('--filter')[0] ?? '').replace('label=', '').split('=');
if (verb === 'ls')
  for (const [name, labels] of Object.entries(all))
    if (labels[key] === value)
      console.log(given('--format')[0].replaceAll('{{.Name}}', name).replace(/{{.Label "([^"]*)"}}/g, (_, one) => labels[one] ?? ''));
`;

/** A Docker CLI whose one container dies after it printed this. */
function dyingContainer(logs: string): void {
  writeFileSync(path.join(workspace, 'compose.yml'), 'services: {web: {image: x}}\n');
  writeFileSync(path.join(workspace, 'logs'), logs);
  const container = JSON.stringify([
    {
      Id: 'c1',
      Name: '/shop-web-1',
      Image: 'i',
      RestartCount: 0,
      State: { Status: 'exited', ExitCode: 1, Error: '', Health: null },
      Config: { Image: image, Labels: { 'dev.slipway.release': '1.0.0-7' } },
    },
  ]);
  const script = `#!/bin/sh
cd ${workspace}
case "$*" in
  --version*) echo "Docker version 20.10.24";;
  *"version --short"*) echo 2.20.0;;
  version*) echo 20.10.24;;
  info*) date -u +%Y-%m-%dT%H:%M:%SZ;;
  volume*) exec ${process.execPath} volumes.mjs "$@";;
  *"config --format json"*) echo '{"services":{"web":{}}}';;
  ps*) [ -f up ] && echo c1; true;;
  "inspect --type container"*) echo '${container}';;
  "image inspect"*) echo '[]';;
  logs*) cat logs;;
  *" up "*) : > up;;
esac
`;
  writeFileSync(path.join(workspace, 'volumes.mjs'), volumes);
  writeFileSync(path.join(workspace, 'bin/docker'), script);
  chmodSync(path.join(workspace, 'bin/docker'), 0o755);
}

function rollOut(secrets = ''): Promise<BundleResult> {
  const config = `app: shop\ncompose: {files: [compose.yml]}\nservices: {web: {image: 127.0.0.1:9/shop}}\n`;
  writeFileSync(path.join(workspace, '.github/slipway.yml'), config);
  const PATH = `${path.join(workspace, 'bin')}:${process.env.PATH}`;
  const env = { PATH, HOME: workspace, GITHUB_RUN_ID: '7', SLIPWAY_SECRETS: secrets };
  return runBundle('rollout', { inputs: { version: '1.0.0', images: `web=${image}` }, env, workspace });
}

/** Everything that leaves a step, but for the commands that mask. */
function printed(result: BundleResult): string {
  const { report = '', release = '', ...outputs } = result.outputs;
  const log = result.stdout.replace(/^::add-mask::.*$/gm, '');
  const page = report === '' ? '' : readFileSync(report, 'utf8');
  const record = release === '' ? '' : JSON.stringify(decodeRecord(release));
  const json = report === '' ? '' : readFileSync(path.join(path.dirname(report), 'release.json'), 'utf8');
  return [log, result.stderr, result.summary, page, json, record, ...Object.values(outputs)].join('\n');
}

describe('what a dying container printed', () => {
  test('is shown without what looks like a secret, in every place', async () => {
    dyingContainer('Authorization: Bearer abcdefghijklmnop1234\npassword=hunter2hunter2\nno such table\n');
    const result = await rollOut();
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toContain('\nAuthorization: Bearer ***\npassword=***\nno such table\n');
    expect(printed(result)).not.toMatch(/hunter2|abcdefghijkl/);
  });

  test('is shown without a secret of the step in any encoding, and every line is plain text', async () => {
    const secret = 'Kw82"mX&pQ<zz1';
    const encoded = [
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      'Kw82&quot;mX&amp;pQ&lt;zz1',
    ];
    dyingContainer(
      `${encoded.map((form) => `value ${form}`).join('\n')}\n\u001b[31mGröße\u001b[0m #\r#[add-mask]x\n`,
    );
    const result = await rollOut(`A_SECRET='${secret}'`);
    const text = printed(result);
    for (const form of [secret, ...encoded, 'Kw82', 'zz1']) expect(text).not.toContain(form);
    expect(text).toContain('Größe #');
    for (const part of ['##[', '\u001b', '\r']) expect(result.stdout).not.toContain(part);
  });

  test('travels in details: the summary is one sentence, in output and record', async () => {
    dyingContainer(Array.from({ length: 12 }, (_, at) => `line ${at}`).join('\n'));
    const { outputs, errors, summary } = await rollOut();
    expect(outputs.summary).toMatch(/^web 1\.0\.0 was not rolled out: [^\n]*\.$/);
    const phase = decodeRecord(outputs.release ?? '').phases.at(-1);
    expect(phase?.summary).toBe(outputs.summary);
    expect(phase?.details).toEqual(Array.from({ length: 12 }, (_, at) => `line ${at}`));
    for (const text of [errors[0], summary]) expect(text).toContain('line 0\nline 1\n');
  });
});

test('no part of a secret is left where an excerpt of a response is cut', async () => {
  const secret = 'S3cr3tValueOfTheKey';
  for (const before of [181, 185, 190, 199]) {
    app?.close();
    app = createServer((_, response) =>
      response.writeHead(500).end(`${'e'.repeat(before)}${secret} and so on`),
    );
    await new Promise<void>((resolve) => app?.listen(0, '127.0.0.1', resolve));
    const { port } = app.address() as AddressInfo;
    const smoke = `smoke: {base: 'http://127.0.0.1:${port}', within: 1s, checks: [{name: health, path: /, status: 200}]}\n`;
    const config = `app: shop\nservices: {web: {image: a/b}}\n${smoke}`;
    writeFileSync(path.join(workspace, '.github/slipway.yml'), config);
    const env = { SLIPWAY_SECRETS: `API_KEY=${secret}` };
    const result = await runBundle('smoke-test', { workspace, inputs: { version: '1.0.0' }, env });
    expect(result.outputs.outcome).toBe('failed');
    expect(printed(result)).toContain('eeee');
    expect(printed(result)).not.toMatch(/S3c|ValueOf/);
  }
});

test.each([
  ['v2.0.0', 'input "version" is 2.0.0, but input "release" belongs to version 1.0.0'],
  ['2.0 / x', 'version "2.0 / x" cannot be an image tag'],
  ['v1.0.0', undefined],
])('a record of 1.0.0 with the version %s', async (version, sentence) => {
  const of = { id: '1.0.0-7', app: 'shop', environment: 'production', version: '1.0.0', commit: '' };
  const release = encodeRecord(beginRelease(of));
  const config =
    'app: shop\nservices: {web: {image: a/b}}\nsmoke: {base: "http://127.0.0.1:9", checks: [{path: /}]}\n';
  writeFileSync(path.join(workspace, '.github/slipway.yml'), config);
  const { outputs } = await runBundle('smoke-test', {
    workspace,
    inputs: { version, release, 'dry-run': 'true' },
  });
  expect(outputs.outcome).toBe(sentence === undefined ? 'skipped' : 'refused');
  if (sentence) expect(outputs.summary).toContain(sentence);
});
