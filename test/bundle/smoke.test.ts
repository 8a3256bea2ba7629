import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { runBundle } from '../support/action.ts';
import { type PageServer, servePages } from '../support/pages.ts';

let workspace: string;
let server: PageServer | undefined;

beforeAll(() => {
  workspace = mkdtempSync(path.join(tmpdir(), 'slipway-smoke-'));
  mkdirSync(path.join(workspace, '.github'));
});
afterEach(() => server?.close());
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const services = 'app: docsense\nservices: {backend: {image: registry.example.com/backend}}\n';
const smoke = `smoke:
  base: \${API_URL}/
  within: 1s
  version: {samples: 4}
  checks:
    - {name: health, path: /health, json: {$.status: healthy}}
    - {name: projections, path: /projections, json: {'$[*].status': running}}
`;

async function smokeTest(config: string, inputs: Record<string, string>, env: Record<string, string> = {}) {
  writeFileSync(path.join(workspace, '.github/slipway.yml'), services + config);
  const url = server?.url ?? 'http://127.0.0.1:9';
  return runBundle('smoke-test', { workspace, inputs, env: { API_URL: url, ...env } });
}

type Pages = Record<string, unknown>;

async function serve(pages: (nth: number) => Pages): Promise<void> {
  server = await servePages((request, response, nth) => {
    const page = pages(nth)[request.url ?? ''];
    if (page === undefined) return response.writeHead(404).end('{}');
    response.end(JSON.stringify(page));
  });
}

const good: Pages = {
  '/version': { version: '2.0.0' },
  '/health': { status: 'healthy' },
  '/projections': [{ status: 'running' }],
};

test('passes, and reports with numbers what was proven', async () => {
  await serve(() => good);
  const { code, outputs, errors, stdout } = await smokeTest(smoke, { version: 'v2.0.0' });
  expect({ code, errors, outcome: outputs.outcome }).toEqual({ code: 0, errors: [], outcome: 'passed' });
  expect(outputs).toMatchObject({ checks: '3', failed: '0' });
  expect(outputs.summary).toMatch(
    /^Smoke test passed: 4 connections in a row answered 2\.0\.0, 2 of 2 checks passed in /,
  );
  expect(stdout).toContain('health: passed: status 200, $.status is "healthy"');
  const evidence = decodeRecord(outputs.release ?? '').phases[0]?.evidence;
  expect(evidence).toMatchObject({
    kind: 'smoke',
    consensus: { expected: '2.0.0', answers: { '2.0.0': 4 } },
  });
});

describe('fails with one annotation', () => {
  test('when a list that should be the proof is empty', async () => {
    await serve(() => ({ ...good, '/projections': [] }));
    const { code, outputs, errors } = await smokeTest(smoke, { version: '2.0.0' });
    expect(code).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^Smoke test failed: 1 of 2 checks failed: projections \(http.*\/projections\): \$\[\*\]\.status: expected "running", but the path matches nothing \(\d attempts in .*\)$/,
    );
    expect(outputs).toMatchObject({ outcome: 'failed', checks: '3', failed: '1' });
  });

  test('when two versions answer, and asks nothing further of the wrong one', async () => {
    await serve((nth) => ({ ...good, '/version': { version: nth % 2 === 0 ? '2.0.0' : '1.9.0' } }));
    const { code, outputs, errors } = await smokeTest(smoke, { version: '2.0.0' });
    expect(code).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /at most 1 of 4 connections in a row answered 2\.0\.0 within 1 s at .*; answers: \d × (2\.0\.0|1\.9\.0), \d × /,
    );
    expect(outputs).toMatchObject({ outcome: 'failed', checks: '1', failed: '1' });
  });

  test('when nobody answers, without showing the secret in the URL', async () => {
    const url = 'http://slip:Kw7pLm2Qx@127.0.0.1:9';
    const result = await smokeTest(smoke.replace(/ {2}version.*\n/, ''), {}, { API_URL: url });
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(1);
    expect(result.errors[0]).toContain(
      'health (http://127.0.0.1:9/health): expected status 200, but no response: connection refused',
    );
    expect(JSON.stringify(result).replace(/::add-mask::[^"\\]*/g, '')).not.toContain('Kw7pLm2Qx');
  });
});

describe('is refused, never green', () => {
  test.each([
    [
      'without the section',
      '',
      { version: '2.0.0' },
      'cannot run the smoke test: the configuration has no section "smoke"',
    ],
    ['without a version to expect', smoke, {}, 'cannot check smoke.version: this release has no version'],
    [
      'without a base',
      smoke.replace(/ {2}base.*\n/, ''),
      { version: '2.0.0' },
      'smoke.version has the path /version, but smoke.base is not set',
    ],
    [
      'with a malformed JSONPath',
      smoke.replace('$.status', '$.a b'),
      { version: '2.0.0' },
      'smoke.checks[0].json: "$.a b" is not a JSONPath (RFC 9535)',
    ],
  ])('%s', async (_name, config, inputs, why) => {
    const { code, outputs, errors } = await smokeTest(config, inputs as Record<string, string>);
    expect(code).toBe(1);
    expect(outputs.outcome).toBe('refused');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(why);
  });
});

test('a dry run lists the requests and sends none', async () => {
  await serve(() => good);
  const { code, outputs, stdout } = await smokeTest(smoke, { version: '2.0.0', 'dry-run': 'true' });
  expect({ code, outcome: outputs.outcome }).toEqual({ code: 0, outcome: 'skipped' });
  expect(stdout).toContain('/version, until 4 connections in a row answer 2.0.0 at $.version');
  expect(stdout).toMatch(/GET .*\/projections \(projections\)/);
  expect(server?.connections()).toBe(0);
});
