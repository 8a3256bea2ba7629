import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunnerEvent, RunResult } from '@slipway/local-runner';
import { parse, stringify } from 'yaml';
import { bringUpFirstVersion } from '../../demo/opening.ts';
import { goodCommit, green, type Release, startGitHub, startRelease } from '../../demo/release.ts';
import { type Stage, setStage } from '../../demo/stage.ts';
import { tagDigest } from '../../demo/target-state.ts';
import { proxyRegistry, type RegistryProxy } from '../support/registry-proxy.ts';

/*
 * The whole of deploy.yml, by the shipped bundles, on real servers: a release that is proven survives what comes after,
 * and a version by hand is the commit of its tag. One story after the other.
 */

let stage: Stage;
let registry: RegistryProxy;
/** The tag v2.0.0, and the head of the branch main, which is ahead of it. */
let tagged: string;
let head: string;

const quick = {
  watch: { for: '4s', every: '1s' },
  services: {
    backend: { 'stable-for': '1s', 'drain-timeout': '5s' },
    frontend: { 'stable-for': '1s', 'drain-timeout': '5s' },
  },
};

beforeAll(async () => {
  stage = await setStage(
    () => {},
    'compose',
    undefined,
    async (real) => {
      registry = await proxyRegistry(real);
      return registry;
    },
  );
  const { repository } = stage;
  const config = parse(await repository.read('.github/slipway.yml'));
  const first = await repository.commit('1.0.0', {
    '.github/slipway.yml': stringify({ ...config, environments: { production: quick } }),
  });
  await stage.startProxy();
  await bringUpFirstVersion(stage, '1.0.0', first, 'production');
  tagged = await repository.commit('2.0.0', { 'notes.md': 'two\n' });
  head = await repository.commit('3.0.0-dev', { 'notes.md': 'three\n' });
}, 480_000);

afterAll(() => stage?.stop(), 300_000);

interface Played {
  result: RunResult;
  events: RunnerEvent[];
}

async function release(options: Partial<Release>, during: (event: RunnerEvent) => void): Promise<Played> {
  const runId = Date.now();
  // The checks and reviews are those of the commit that is released, not those of the branch.
  const released = options.version ? head : tagged;
  const github = await startGitHub(goodCommit(stage, released, green, runId, ['production']));
  const events: RunnerEvent[] = [];
  try {
    const handle = await startRelease(stage, github, {
      ...{ version: '2.0.0', sha: tagged, runId, sites: { production: stage } },
      workflow: '.github/workflows/release.yml',
      event: { name: 'workflow_dispatch', inputs: { version: '2.0.0', environment: 'production' } },
      approve: async () => 'approved',
      ...options,
      on: (event) => {
        events.push(event);
        during(event);
      },
    });
    return { result: await handle.done, events };
  } finally {
    await github.stop();
  }
}

const errors = ({ events }: Played): string[] =>
  events.flatMap((event) => (event.type === 'annotation' && event.level === 'error' ? [event.message] : []));

const outputs = ({ result }: Played, job: string, step: string): Record<string, string> =>
  result.jobs[`production.${job}`]?.steps.find(({ id }) => id === step)?.outputs ?? {};

/** Calls back once, when the watch has passed. */
function afterWatch(act: () => void): (event: RunnerEvent) => void {
  return (event) => {
    if (event.type === 'step-ended' && event.step === 'watch' && event.outcome === 'success') act();
  };
}

test('a version by hand on a branch that is ahead is the commit of its tag; 20 s without a registry and no room for the report cost nothing', async () => {
  const played = await release(
    { ref: 'refs/heads/main', sha: head, artifactStorage: 'full' },
    afterWatch(() => {
      const until = Date.now() + 20_000;
      registry.interfere = () => (Date.now() < until ? 503 : undefined);
    }),
  );
  // The step that uploads says so; it decides nothing.
  expect(errors(played).filter((message) => !message.includes('Artifact storage quota'))).toEqual([]);
  expect(played.result.conclusion).toBe('success');
  expect(outputs(played, 'release', 'promote')).toMatchObject({ outcome: 'passed', proven: 'true' });
  expect(played.result.jobs['production.rescue']?.result).toBe('skipped');
  const { serving, latest } = await stage.observe();
  expect(serving).toEqual({ '2.0.0': 8 });
  for (const service of ['backend', 'frontend'] as const) {
    expect(await tagDigest(stage, service, `sha-${tagged.slice(0, 12)}`)).toBe(latest[service]);
    expect(await tagDigest(stage, service, `sha-${head.slice(0, 12)}`)).toBeNull();
  }
}, 480_000);

test('a tag that the registry refuses leaves a proven release as it is, with a warning; the next release moves both', async () => {
  const before = (await stage.observe()).latest;
  const by = { version: '3.0.0-dev', sha: head };
  const event = { name: 'workflow_dispatch', inputs: { version: by.version, environment: 'production' } };
  const refused = await release({ ...by, event }, () => {
    registry.interfere = ({ method, url = '' }) =>
      method === 'PUT' && url.includes('frontend/manifests/latest') ? 405 : undefined;
  });
  expect(errors(refused)).toEqual([]);
  expect(refused.result.conclusion).toBe('success');
  expect(outputs(refused, 'release', 'promote').summary).toMatch(
    /^3\.0\.0-dev serves and is proven, but latest was not moved: cannot move latest of frontend: .*; latest of every service is as it was\.$/,
  );
  const after = await stage.observe();
  expect(after.serving).toEqual({ '3.0.0-dev': 8 });
  expect(after.latest).toEqual(before);
  registry.interfere = () => undefined;
  const again = await release({ ...by, event }, () => {});
  expect(errors(again)).toEqual([]);
  const { latest } = await stage.observe();
  for (const service of ['backend', 'frontend'] as const)
    expect(latest[service]).toBe(await tagDigest(stage, service, by.version));
}, 480_000);
