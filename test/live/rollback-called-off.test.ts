import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answeredVersion, type SmallStack, startStackWith } from '../support/small-stack.ts';

/* A rollback that somebody asked for and that could replace nothing: what serves is proven as before. */

let stack: SmallStack;
/** How the step of a rollback calls docker for the image of 1.0.0, which is gone from the target. */
let pull: string;
/** The record of 2.0.0. */
let record: string;

beforeAll(async () => {
  stack = await startStackWith('1.0.0', '2.0.0', '3.0.0');
  for (const [run, version] of [
    ['1', '1.0.0'],
    ['2', '2.0.0'],
  ] as const) {
    const passed = await stack.rollOut(version, run);
    expect(passed).toMatchObject({ code: 0, errors: [] });
    record = passed.outputs.release ?? '';
  }
  pull = `pull --quiet ${await imageOf('1.0.0')}`;
  await stack.docker('rmi', `${stack.registry.address}/web:1.0.0`);
}, 300_000);

afterAll(() => stack?.stop(), 60_000);

/** The image of a version, by digest. */
async function imageOf(version: string): Promise<string> {
  const image = `${stack.registry.address}/web`;
  const format = '{{range .RepoDigests}}{{.}}\n{{end}}';
  const names = await stack.docker('image', 'inspect', '--format', format, `${image}:${version}`);
  return names.split('\n').find((name) => name.startsWith(image)) ?? '';
}

const rollback = (
  runId: string,
  { to = 'previous', ...options }: { to?: string; failOn?: string; killBefore?: string } = {},
) => stack.rollBack(runId, { ...options, inputs: { to, 'take-over': 'true' } });
const answers = async () => [await answeredVersion(stack.web), await answeredVersion(stack.api)];

test('the release that serves stays the proven one', async () => {
  const failed = await rollback('9', { failOn: pull });
  expect(failed).toMatchObject({ code: 1, outputs: { reason: 'refused', changed: 'false' } });
  expect(failed.errors[0]).toMatch(
    /^1\.0\.0 cannot be restored: .*cannot pull.* Nothing was changed: 2\.0\.0 still serves and is proven\./,
  );
  const again = await rollback('9');
  expect(again).toMatchObject({ code: 0, outputs: { reason: 'nothing-to-do' } });
  expect(again.outputs.summary).toContain('2.0.0 serves, although this run was to take it back');
  expect(await answeredVersion(stack.web)).toBe('2.0.0');
}, 120_000);

test('the next release does not go back beyond it, also when the rollback was killed', async () => {
  const killed = await rollback('10', { killBefore: pull });
  expect(killed.code).not.toBe(0);
  const next = await stack.rollOut('3.0.0', '3', {
    provenBy: 'promote',
    failOn: pull,
    inputs: { 'take-over': 'true' },
  });
  expect(next).toMatchObject({ code: 0, errors: [] });
  expect(next.outputs.summary).toMatch(
    /A rollback to 1\.0\.0 was left unfinished and cannot be completed: .*2\.0\.0 still serves and is proven\./,
  );
  const back = await stack.rollBack('3');
  expect(back).toMatchObject({ code: 0, outputs: { reason: 'rolled-back', restored: '2.0.0' } });
  expect(await answers()).toEqual(['2.0.0', '2.0.0']);
}, 300_000);

test('a half-way rollback is taken back by name, and an older release is not promoted', async () => {
  expect(await stack.rollOut('3.0.0', '4')).toMatchObject({ code: 0, errors: [] });
  const late = { env: { GITHUB_RUN_ID: '2' }, inputs: { release: record, promote: 'true' } };
  const promoted = await stack.run('build-push', late);
  expect(promoted).toMatchObject({ code: 1, outputs: { outcome: 'refused' } });
  const newer =
    'release 3.0.0 (3.0.0-4) is proven on the target and newer than this one: "latest" was not moved';
  expect(promoted.errors[0]).toContain(newer);

  const halfWay = await rollback('11', { failOn: '--scale web=' });
  expect(halfWay).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });
  expect(await answers()).toEqual(['3.0.0', '2.0.0']);
  const back = await rollback('12', { to: '3.0.0' });
  expect(back).toMatchObject({ code: 0, errors: [], outputs: { reason: 'rolled-back' } });
  expect(await answers()).toEqual(['3.0.0', '3.0.0']);
  const again = await rollback('12', { to: '3.0.0' });
  expect(again).toMatchObject({ code: 0, outputs: { reason: 'nothing-to-do', verified: 'true' } });
}, 300_000);

test('a rollback that has changed a service is not called off, also when its image is the same', async () => {
  const undo = await stack.edit('compose.yml', [/SETTING: old/, 'SETTING: new']);
  const images = `web=${await imageOf('3.0.0')}\napi=${await imageOf('2.0.0')}`;
  expect(await stack.rollOut('5.0.0', '5', { inputs: { images } })).toMatchObject({ code: 0, errors: [] });
  await undo();
  for (const run of ['13', '13']) {
    const halfWay = await rollback(run, { to: '3.0.0', failOn: '--scale api=' });
    expect(halfWay).toMatchObject({ code: 1, outputs: { reason: 'half-way' } });
  }
}, 300_000);
