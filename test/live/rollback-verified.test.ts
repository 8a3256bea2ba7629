import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { BundleResult } from '../support/action.ts';
import { type PageServer, servePages } from '../support/pages.ts';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';

/* What serves again after a rollback proves what it proved when it was released. */

let stack: SmallStack;
/** A page that the smoke test reads and no service of the stack serves. */
let mail: PageServer;
let isMailSent: boolean;
let restoreConfig: () => Promise<void>;

const oldChecks = '{name: home, path: /health}';
const newCheck = '{name: search, path: /search, json: {$.version: 2.0.0}}';

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0', '3.0.0');
  mail = await servePages((_, response) => void response.writeHead(isMailSent ? 200 : 503).end('{}'));
}, 120_000);
beforeEach(async () => {
  isMailSent = true;
  restoreConfig = await stack.edit(
    '.github/slipway.yml',
    [/\/web}/g, '/web, stable-for: 0s, drain-timeout: 1s}'],
    [
      /$/,
      `smoke:
  base: ${stack.web}
  within: 1s
  version: {samples: 3}
  checks: [${oldChecks}, {name: mail, url: "${mail.url}/"}]
`,
    ],
  );
});
afterEach(() => restoreConfig?.());
afterAll(async () => {
  mail?.close();
  await stack?.stop();
}, 60_000);

/** A release that was smoke-tested and promoted, as in deploy.yml. */
async function prove(version: string, runId: string): Promise<void> {
  const env = { GITHUB_RUN_ID: runId };
  let last = await begin(version, runId);
  expect(last).toMatchObject({ code: 0, errors: [] });
  for (const [name, inputs] of [
    ['smoke-test', {}],
    ['build-push', { promote: 'true' }],
  ] as const)
    last = await stack.run(name, { env, inputs: { ...inputs, release: last.outputs.release ?? '' } });
  expect(last).toMatchObject({ code: 0, errors: [] });
}

const begin = (version: string, runId: string): Promise<BundleResult> =>
  stack.rollOut(version, runId, { provenBy: 'promote' });
const rollBackOwn = (version: string, runId: string): Promise<BundleResult> =>
  stack.rollBack(runId, { inputs: { to: 'own', version } });

test('a check that came with the failed release is not made; one that it passed must pass', async () => {
  await prove('1.0.0', '1');
  const withoutCheck = await stack.edit('.github/slipway.yml', [oldChecks, `${oldChecks}, ${newCheck}`]);
  expect(await begin('2.0.0', '2')).toMatchObject({ code: 0 });
  const back = await rollBackOwn('2.0.0', '2');
  expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(back.stdout).toContain('not checked, because 1.0.0 was proven without it: search');
  expect(back.stdout).toContain('version: passed: 3 × 1.0.0');
  await withoutCheck();

  expect(await begin('2.0.0', '3')).toMatchObject({ code: 0 });
  isMailSent = false;
  const halfWay = await rollBackOwn('2.0.0', '3');
  expect(halfWay).toMatchObject({ code: 1, outputs: { outcome: 'failed', reason: 'half-way' } });
  expect(halfWay.errors[0]).toMatch(
    /^The rollback of 2\.0\.0 to 1\.0\.0 is not proven: it fails its smoke test: 1 of 2 checks failed: mail \(.*\): expected status 200, found 503.*Now .*1\.0\.0 \(1\/1 ready\)/,
  );
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
  const status = await stack.rollBack('3', { inputs: { mode: 'status' } });
  expect(JSON.parse(status.outputs.status ?? '')).toMatchObject({ unfinished: { phase: 'restoring' } });
  isMailSent = true;
  const again = await rollBackOwn('2.0.0', '3');
  expect(again).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', changed: 'false' } });
}, 240_000);

test('a smoke section that cannot be read keeps nothing from serving again, and is said', async () => {
  await prove('1.0.0', '11');
  expect(await begin('2.0.0', '12')).toMatchObject({ code: 0 });
  const repair = await stack.edit('.github/slipway.yml', ['within: 1s', 'within: ${NOT_THERE}']);
  const halfWay = await rollBackOwn('2.0.0', '12');
  expect(halfWay).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });
  expect(halfWay.errors[0]).toMatch(/is not proven: its smoke checks cannot be made: .*NOT_THERE/s);
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
  await repair();
  expect(await rollBackOwn('2.0.0', '12')).toMatchObject({ code: 0, outputs: { reason: 'rolled-back' } });
}, 240_000);

/** Gives `web` a health check. */
const checkedBy = (json: string): [RegExp, string] => [
  /( web: \{image: [^,}]+)/,
  `$1, health: {url: "${stack.web}/version", timeout: 1s, json: {${json}}}`,
];

test('a health check that came with the failed release is a warning; one that was passed decides, and holds up no newer release', async () => {
  const withHealth = await stack.edit('.github/slipway.yml', checkedBy('$.setting: old'));
  await prove('1.0.0', '21');
  await withHealth();
  const withOther = await stack.edit('.github/slipway.yml', checkedBy('$.version: 2.0.0'));
  expect(await begin('2.0.0', '22')).toMatchObject({ code: 0 });
  const back = await rollBackOwn('2.0.0', '22');
  expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(back.outputs.summary).toMatch(/^2\.0\.0 was rolled back in .*: 1\.0\.0 serves again \(/);
  expect(back.stdout).toMatch(/::warning.*web is restored, but .*not known to have ever passed this check/);
  await withOther();

  await stack.edit('.github/slipway.yml', checkedBy('$.setting: old'));
  expect(await begin('2.0.0', '23')).toMatchObject({ code: 0 });
  const repair = await stack.edit('nginx.conf', [
    'listen 8080;',
    'listen 8080; location /version { return 503; }',
  ]);
  const next = await stack.rollOut('2.0.0', '24', {
    provenBy: 'promote',
    inputs: { 'take-over': 'true' },
    started: (child) => {
      child.stdout?.on('data', (text) => void (`${text}`.includes('Roll out api') && repair()));
    },
  });
  expect(next).toMatchObject({ code: 0, errors: [] });
  expect(next.outputs.summary).toMatch(
    /2\.0\.0 was left unfinished, and 1\.0\.0 could not be restored: web: .* failed its health check: .*This release replaces it\./,
  );
  expect(await rollBackOwn('2.0.0', '24')).toMatchObject({ code: 0, outputs: { restored: '1.0.0' } });
}, 300_000);

test('two people who go back to the previous release at the same moment go back once', async () => {
  for (const [version, runId] of [
    ['1.0.0', '41'],
    ['2.0.0', '42'],
    ['3.0.0', '43'],
  ] as const)
    await prove(version, runId);
  const both = await Promise.all(
    ['44', '45'].map((runId) => stack.rollBack(runId, { inputs: { to: 'previous' } })),
  );
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ outputs }) => outputs.reason).sort()).toEqual(['nothing-to-do', 'rolled-back']);
  expect(both.map(({ outputs }) => outputs.summary).join()).toContain(
    '3.0.0 was replaced by 2.0.0 while this rollback waited',
  );
  expect(await answeredVersion(stack.web)).toBe('2.0.0');
}, 300_000);

test('what somebody replaced before the promotion is not marked as proven; a release whose state is lost is not forgotten', async () => {
  await prove('2.0.0', '31');
  const { outputs } = await begin('3.0.0', '32');
  await stack.compose('up', '--detach', '--force-recreate', '--no-deps', 'api');
  const env = { GITHUB_RUN_ID: '32' };
  const inputs = { release: outputs.release ?? '', promote: 'true' };
  const promoted = await stack.run('build-push', { env, inputs });
  expect(promoted).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
  // With the address that nginx routes to, when the container has got another one.
  expect(promoted.errors[0]).toMatch(
    /^api( \(.*\))? no longer serves release 3\.0\.0-32: it is not marked as proven/,
  );

  const own = ['label=dev.slipway.register', `name=${stack.project}`].flatMap((one) => ['--filter', one]);
  const volumes = await stack.docker('volume', 'ls', '--quiet', ...own);
  const states = volumes.split('\n').filter((name) => name.includes('-state-'));
  await stack.docker('volume', 'rm', ...states);
  const lost = await rollBackOwn('3.0.0', '32');
  expect(lost).toMatchObject({ code: 1, outputs: { reason: 'refused' } });
  expect(lost.errors[0]).toMatch(/^3\.0\.0-32 runs \(web\), but the state of the target has no entry of it/);
}, 240_000);
