import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { type GitHubServer, releasable, startGitHub } from '../support/github.ts';
import { clearDeployPlays, type DeployPlay, jobsOf, playDeploy, workflowsAlone } from './fixtures/deploy.ts';
import { clearPlays, type Play } from './fixtures/play.ts';

/* The record between the jobs of deploy.yml: preflight and build are the shipped actions, scripts stand for the others. */

let registry: Server;
let github: GitHubServer;

beforeEach(async () => {
  registry = createServer((_, response) => response.end('{"schemaVersion":2}'));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await github.stop();
  await new Promise((resolve) => registry.close(resolve));
});
afterAll(clearPlays);
afterAll(clearDeployPlays);

/** Secrets that are names as well, of the application, its images, the environment and the version. */
const unlucky = { REGISTRY_USERNAME: 'shopco', APP: 'shop', ADMIN_USER: 'prod', APP_VERSION: '1.2.3' };

async function release(secrets: Record<string, string>, approve: DeployPlay['approve']): Promise<Play> {
  const { port } = registry.address() as AddressInfo;
  const config = `app: shop
compose: {files: [compose.yml]}
services: {web: {image: 127.0.0.1:${port}/shopco/web}}
smoke: {base: "https://shop.example.com", checks: [{path: /health}]}
watch: {scrape: {urls: ["https://shop.example.com/metrics"]}}
`;
  const { sha, ...state } = releasable({ repository: 'example/caller', sha: '0'.repeat(40), run: '77' });
  github = await startGitHub({ ...state, sha });
  return playDeploy({
    files: { '.github/slipway.yml': config, 'compose.yml': 'services: {web: {image: x}}\n' },
    repositories: { 'OWNER/slipway': workflowsAlone(['preflight-checklist', 'build-push']) },
    environments: { production: {}, 'production-approval': { reviewers: true } },
    secrets: { REGISTRY_PASSWORD: 'of the registry', ...secrets },
    apiUrl: github.url,
    runId: 77,
    ...(approve ? { approve } : {}),
  });
}

test('the records arrive although secrets are the names in them', async () => {
  const played = await release(unlucky, async () => 'rejected');
  expect(played.errors).toEqual([]);
  expect(played.reported('output-dropped').map(({ output }) => output)).not.toContain('release');
  for (const job of ['preflight', 'build']) {
    const record = decodeRecord(played.result.jobs[`deploy.${job}`]?.outputs.release ?? '');
    expect(record).toMatchObject({ app: 'shop', environment: 'production', version: '1.2.3' });
  }
  const built = decodeRecord(played.result.jobs['deploy.build']?.outputs.release ?? '');
  expect(built.services.web?.image).toMatch(/\/shopco\/web$/);
  expect(built.services.web?.digest).toMatch(/^sha256:/);
});

test('a record that GitHub drops all the same stops the release at its first step', async () => {
  // A secret of one capital letter is in every text of capital letters.
  const played = await release({ ...unlucky, UNUSED: 'B' }, async () => 'approved');
  expect(played.reported('output-dropped').map(({ output }) => output)).toContain('release');
  expect(jobsOf(played)).toMatchObject({ build: 'success', release: 'failure', rescue: 'skipped' });
  expect(played.errors).toEqual([
    expect.stringMatching(
      /^cannot continue the release: input "release" lacks what preflight-checklist and build-push recorded\n.*less than four characters/,
    ),
  ]);
  expect(played.lines.filter((line) => /^(?:db-migrate|rollout)/.test(line))).toEqual([]);
});
