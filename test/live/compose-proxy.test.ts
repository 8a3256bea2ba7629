import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProber } from '../../demo/prober.ts';
import { answeredVersion, type SmallStack, startSmallStack } from '../support/small-stack.ts';
import { until } from '../support/until.ts';

let stack: SmallStack;
let nginx = '';

beforeAll(async () => {
  stack = await startSmallStack();
  nginx = `${stack.project}-nginx-1`;
  await stack.build('1.0.0');
  await stack.build('2.0.0');
  await stack.build('3.0.0', 'broken');
  await stack.compose('up', '--detach', 'nginx');
  expect(await stack.rollOut('1.0.0', '1')).toMatchObject({ code: 0, errors: [] });
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

const versions = (): Promise<string[]> => Promise.all([stack.api, stack.web].map(answeredVersion));
const serves = (version: string): Promise<boolean> =>
  until(async () => (await versions()).every((one) => one === version));

describe('a proxy that is not prepared is refused before anything starts', () => {
  const config = '.github/slipway.yml';
  test.each<[string, string, [string | RegExp, string][], string]>([
    ['a port of no service', config, [['api: 3000}}}', 'apii: 3000}}}']], '"apii" is not a service'],
    ['no port for what nginx includes', config, [[', api: 3000}}}', '}}}']], 'has no port of "api"'],
    ['no volume', config, [['{ports:', '{upstreams: /etc/nginx/conf.d, ports:']], 'is not on a volume'],
    [
      'no include',
      config,
      [['{ports:', '{upstreams: /etc/nginx/upstreams/no, ports:']],
      'no upstream of nginx',
    ],
    [
      'no network in common',
      'compose.yml',
      [
        ['  api:\n', '  api:\n    networks: [apart]\n'],
        [/^volumes:/m, 'networks: {apart: {}}\nvolumes:'],
      ],
      'have no network in common',
    ],
  ])(
    '%s',
    async (_, file, changes, words) => {
      const undo = await stack.edit(file, ...changes);
      const run = await stack.rollOut('2.0.0', '2');
      await undo();
      expect(run).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
      expect(run.errors[0]).toContain(words);
      expect(run.outputs.changed).toBeUndefined();
      expect(await stack.containers('api')).toHaveLength(1);
    },
    60_000,
  );
});

test('killed between the upload of the upstream file and the reload, the same rollout converges', async () => {
  const prober = startProber(stack.api, 20);
  const killed = await stack.rollOut('2.0.0', '3', { killBefore: 'nginx -s reload' });
  expect(killed.signal).toBe('SIGKILL');
  expect(await stack.rollOut('2.0.0', '3')).toMatchObject({ code: 0, errors: [] });
  expect((await prober.stop()).kinds).toEqual({});
  expect(await versions()).toEqual(['2.0.0', '2.0.0']);
}, 180_000);

test('a reload that fails after the upload leaves the traffic where it was, and a rollback converges', async () => {
  const prober = startProber(stack.api, 20);
  const failed = await stack.rollOut('1.0.0', '31', {
    failOn: 'nginx -s reload',
    provenBy: 'promote',
    inputs: { 'allow-downgrade': 'true' },
  });
  expect(failed).toMatchObject({ code: 1, outputs: { outcome: 'failed', changed: 'true' } });
  expect(failed.errors[0]).toContain('cannot reload nginx');
  // What nginx has loaded is not known then, and not claimed.
  expect(failed.errors[0]).toContain(
    'old version still serving: unknown, what the proxy has loaded is not known',
  );
  expect(await versions()).toEqual(['2.0.0', '2.0.0']);
  expect(await stack.rollBack('31')).toMatchObject({ code: 0, errors: [] });
  expect(await stack.containers('api', true)).toHaveLength(1);
  expect((await prober.stop()).kinds).toEqual({});
  expect(await versions()).toEqual(['2.0.0', '2.0.0']);
}, 180_000);

test('the project serves again on its own after down and up', async () => {
  await stack.compose('down');
  await stack.compose('up', '--detach');
  // Compose starts the tag in the file; nginx has to find its containers.
  await serves('1.0.0');
  expect(await stack.rollOut('2.0.0', '4', { provenBy: 'promote' })).toMatchObject({ code: 0, errors: [] });
  await serves('2.0.0');
}, 180_000);

test('a service that is gone while nginx starts is repaired by a rollback and by the next rollout', async () => {
  for (const repair of [() => stack.rollBack('4'), () => stack.rollOut('2.0.0', '6')]) {
    await stack.docker('rm', '--force', ...(await stack.containers('api', true)));
    await stack.docker('restart', nginx);
    expect(await repair()).toMatchObject({ code: 0, errors: [] });
    expect(new Set(await versions()).size).toBe(1);
  }
  expect(await versions()).toEqual(['2.0.0', '2.0.0']);
}, 300_000);

test('a rollback restores image and configuration, and keeps the end of the log of what it removes', async () => {
  const scaled = '  api:\n    scale: 2\n';
  const undo = await stack.edit('compose.yml', [/SETTING: old/g, 'SETTING: new'], ['  api:\n', scaled]);
  expect(await stack.rollOut('3.0.0', '7', { provenBy: 'promote' })).toMatchObject({ code: 0, errors: [] });
  expect(await stack.containers('api')).toHaveLength(2);
  const back = await stack.rollBack('7');
  await undo();
  expect(back).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
  expect(back.stdout).toContain('relation "tally" does not exist');
  const reply = await fetch(stack.api);
  expect(await reply.json()).toMatchObject({ version: '2.0.0', setting: 'old' });
  // No fewer than had the traffic, although that release had one.
  expect(await stack.containers('api', true)).toHaveLength(2);
  expect(await stack.containers('web', true)).toHaveLength(1);
}, 180_000);
