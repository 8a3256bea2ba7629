import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { beginRelease, decodeRecord, encodeRecord } from '@slipway/release';
import { type BundleResult, runBundle } from '../support/action.ts';
import { type GitRepository, gitRepository } from '../support/git-repository.ts';

/*
 * A version is the commit of its tag: what builds or changes something from the sources of another commit is refused.
 * The dry run of build-push shows it; it needs no registry and no engine.
 */

const config =
  'app: shop\nservices: {web: {image: shop/web, build: {context: .}}}\npreflight: {gate: optional}\n';
const files = { '.github/slipway.yml': config, Dockerfile: 'FROM scratch\n' };
let repository: GitRepository;
let tagged: string;
let annotated: string;
let head: string;

beforeAll(() => {
  repository = gitRepository();
  tagged = repository.commit(files, 'v1.4.0', '1.5.0', 'api/v3.0.0');
  annotated = repository.annotate('v1.6.0');
  head = repository.commit({ 'later.txt': 'later' }, 'v3.0.0');
});

afterAll(() => repository.remove());

const short = (commit: string): string => commit.slice(0, 7);

interface Run {
  at?: string;
  /** The run's own ref and commit. Default: the branch main at its head. */
  tag?: string;
  sha?: string;
  inputs?: Record<string, string>;
  action?: string;
}

function run({ at = 'HEAD', tag, sha, inputs = {}, action = 'build-push' }: Run): Promise<BundleResult> {
  return runBundle(action, {
    inputs: { 'dry-run': 'true', ...inputs },
    workspace: repository.checkout(at),
    env: {
      GITHUB_SHA: sha ?? (tag ? tagged : head),
      GITHUB_RUN_ID: '7',
      GITHUB_REF_TYPE: tag ? 'tag' : 'branch',
      GITHUB_REF_NAME: tag ?? 'main',
    },
  });
}

function commitOf(result: BundleResult): string {
  return decodeRecord(result.outputs.release ?? '').commit;
}

test.each(['1.4.0', 'v1.4.0', '1.5.0', 'v1.5.0', '1.6.0'])(
  'version %s of another commit than the one that is checked out is refused, with both named',
  async (version) => {
    const result = await run({ inputs: { version } });
    expect(result.outputs.outcome).toBe('refused');
    expect(result.errors).toEqual([
      expect.stringMatching(
        new RegExp(
          `^version 1\\.\\d\\.0 is the tag v?1\\.\\d\\.0 at commit ${short(tagged)}, but the workspace is at commit ${short(head)}\\n.*ref: refs/tags/`,
        ),
      ),
    ]);
  },
);

test('the commit of the tag that is checked out is released, not the one that the run is for', async () => {
  const result = await run({ at: 'v1.4.0', inputs: { version: '1.4.0' } });
  expect(result.errors).toEqual([]);
  expect(commitOf(result)).toBe(tagged);
});

test('a version without a tag is the commit that is checked out', async () => {
  const result = await run({ inputs: { version: '9.0.0-rc.1' } });
  expect(result.errors).toEqual([]);
  expect(commitOf(result)).toBe(head);
});

test('a run of an annotated tag releases its commit', async () => {
  const result = await run({ at: 'v1.6.0', tag: 'v1.6.0', sha: annotated });
  expect(result.errors).toEqual([]);
  const { version, commit } = decodeRecord(result.outputs.release ?? '');
  expect([version, commit]).toEqual(['1.6.0', tagged]);
});

test('the tag of the run at another commit than the one that is checked out is refused', async () => {
  const result = await run({ at: 'HEAD', tag: 'v1.4.0' });
  expect(result.errors[0]).toContain(
    `version 1.4.0 is the tag v1.4.0 at commit ${short(tagged)}, but the workspace is at commit ${short(head)}`,
  );
});

test('a tag with a prefix names its version, and is not mistaken for the tag of another part', async () => {
  const byTag = await run({ at: 'api/v3.0.0', tag: 'api/v3.0.0' });
  expect(byTag.errors).toEqual([]);
  expect(decodeRecord(byTag.outputs.release ?? '').version).toBe('3.0.0');
  const withVersion = await run({ at: 'api/v3.0.0', tag: 'api/v3.0.0', inputs: { version: '3.0.0' } });
  expect(withVersion.errors).toEqual([]);
  const dispatched = await run({ at: 'api/v3.0.0', inputs: { version: 'api/v3.0.0' } });
  expect(dispatched.errors).toEqual([]);
  const other = await run({ at: 'HEAD', inputs: { version: 'api/v3.0.0' } });
  expect(other.errors[0]).toContain('version 3.0.0 is the tag api/v3.0.0');
});

test('a tag with a prefix must exist', async () => {
  const { outputs, errors } = await run({ inputs: { version: 'api/v9.0.0' } });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(/^the repository has no tag api\/v9\.0\.0\n/);
});

test.each(['db-migrate', 'rollout'])('%s refuses a release of another commit', async (action) => {
  const of = { id: '1.4.0-6', app: 'shop', environment: 'production', version: '1.4.0', commit: tagged };
  const release = encodeRecord(beginRelease(of));
  const { outputs, errors } = await run({ action, inputs: { release } });
  expect(outputs.outcome).toBe('refused');
  expect(errors[0]).toMatch(
    `release 1.4.0-6 is of commit ${short(tagged)}, but the workspace is at commit ${short(head)}\n`,
  );
});

test('preflight lists the checkout of another commit among its items', async () => {
  const wrong = await run({ action: 'preflight-checklist', inputs: { version: '1.4.0' } });
  expect(wrong.errors[0]).toContain(`version 1.4.0 is the tag v1.4.0 at commit ${short(tagged)}, but`);
  const right = await run({ action: 'preflight-checklist', at: 'v1.4.0', inputs: { version: '1.4.0' } });
  expect(right.outputs.checklist).toContain(
    `the workspace is at ${short(tagged)}, the commit of the tag v1.4.0`,
  );
});
