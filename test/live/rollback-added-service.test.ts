import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execOrThrow } from '@slipway/test-services';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

let stack: SmallStack;

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0');
  // No rollback changes what nginx includes.
  const api = 'include /etc/nginx/upstreams/api*.conf;';
  await stack.edit('nginx.conf', [api, `${api} ${api.replace('api', 'jobs')}`]);
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

test('a service that a release added is removed once the others are back, and not before', async () => {
  const withApi = await stack.edit('.github/slipway.yml', [/ {2}api: .*\n/, ''], [', api: 3000', '']);
  const before = await stack.rollOut('1.0.0', '1', { services: ['web'] });
  expect(before).toMatchObject({ code: 0, errors: [] });
  await withApi();
  const added = await stack.rollOut('2.0.0', '2', { provenBy: 'promote' });
  expect(added).toMatchObject({ code: 0, errors: [] });

  const halfWay = await stack.rollBack('2', { failOn: '--scale web=' });
  expect(halfWay).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });
  expect(halfWay.stdout).toContain('api: untouched: not removed: what still serves may need it');
  expect([await answeredVersion(stack.web), await answeredVersion(stack.api)]).toEqual(['2.0.0', '2.0.0']);

  const back = await stack.rollBack('2');
  expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '1.0.0' } });
  expect(await answeredVersion(stack.web)).toBe('1.0.0');
  expect(await stack.containers('api', true)).toEqual([]);
}, 240_000);

/** The services are `jobs` and `web` from here on. @returns what takes that back. */
async function renameApi(): Promise<() => Promise<void>> {
  const undo = [
    await stack.edit('compose.yml', [/^ {2}api:/m, '  jobs:']),
    await stack.edit('.github/slipway.yml', [/ {2}api: /, '  jobs: '], ['api: 3000', 'jobs: 3000']),
  ];
  return async () => {
    for (const one of undo) await one();
  };
}

const answers = async () => [await answeredVersion(stack.web), await answeredVersion(stack.api)];

/** As after a restart of the machine: nginx reads its configuration and resolves every name in it. */
async function restartNginx(): Promise<void> {
  await stack.docker('restart', `${stack.project}-nginx-1`);
  await until(async () => !(await answeredVersion(stack.web)).includes('fetch failed'));
}

test.each([
  ['the checkout of the release', '11', async () => undefined],
  ['the checkout of what comes back', '12', async (before: () => Promise<void>) => before()],
])(
  'a renamed service comes back under its old name, and nginx starts again: on %s',
  async (_, runId, checkOut) => {
    expect(await stack.rollOut('1.0.0', `${runId}0`)).toMatchObject({ code: 0, errors: [] });
    const before = await renameApi();
    const services = ['jobs', 'web'];
    const renamed = await stack.rollOut('2.0.0', runId, { services, provenBy: 'promote' });
    expect(renamed).toMatchObject({ code: 0, errors: [] });
    const [, command = ''] = / is proven: (.*docker rm [\w -]+)/.exec(renamed.stdout) ?? [];
    expect(command).toContain('nginx -s reload');
    await execOrThrow('remove what is left', ['sh', '-c', command], { env: stack.engine.env });
    await restartNginx();
    expect(await answers()).toEqual(['2.0.0', '2.0.0']);

    await checkOut(before);
    const back = await stack.rollBack(runId);
    expect(back).toMatchObject({ code: 0, errors: [], outputs: { restored: '1.0.0' } });
    expect(await stack.containers('jobs', true)).toEqual([]);
    expect(await answers()).toEqual(['1.0.0', '1.0.0']);
    await restartNginx();
    expect(await answers()).toEqual(['1.0.0', '1.0.0']);
    await before();
  },
  300_000,
);

test('a service that is not behind the proxy any more needs no upstream', async () => {
  expect(await stack.rollOut('1.0.0', '19')).toMatchObject({ code: 0, errors: [] });
  const undo = [
    await stack.edit('nginx.conf', [/include \/etc\/nginx\/upstreams\/api\*\.conf;/, '']),
    await stack.edit('.github/slipway.yml', [', api: 3000', '']),
  ];
  const before = await stack.upstream('api');
  expect(await stack.rollOut('2.0.0', '20')).toMatchObject({ code: 0, errors: [] });
  expect(await stack.upstream('api')).toBe(before);
  for (const one of undo) await one();
}, 120_000);
