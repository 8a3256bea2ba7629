import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../support/action.ts';

type Permissions = Record<string, 'read' | 'write' | 'none'>;

interface Workflow {
  permissions?: Permissions;
  jobs: Record<string, Job>;
}

interface Job {
  permissions?: Permissions;
  environment?: { name: string };
  env?: object;
  steps: { uses?: string }[];
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** What a caller must grant: GitHub checks it for all jobs before the first begins, for those that are skipped too. */
function unionOf(workflow: { jobs: Record<string, Pick<Job, 'permissions'>> }): Permissions {
  const union: Permissions = {};
  for (const { permissions } of Object.values(workflow.jobs)) {
    for (const [scope, access] of Object.entries(permissions ?? {})) {
      if (access !== 'none' && union[scope] !== 'write') union[scope] = access;
    }
  }
  return union;
}

/** The fenced YAML after `<!-- permissions -->`. */
function documented(readme: string): Permissions {
  const fenced = /<!-- permissions -->\s*```ya?ml\n([\s\S]*?)```/.exec(readme)?.[1];
  if (fenced === undefined) throw new Error('README.md has no YAML after <!-- permissions -->');
  const value = parse(fenced);
  const [job] = Object.values((value as Workflow).jobs);
  if (!job?.permissions) throw new Error('the caller in README.md grants no permissions');
  return job.permissions;
}

test('README.md asks callers for what the jobs of deploy.yml need, no more and no less', () => {
  expect(documented(read('README.md'))).toEqual(unionOf(parse(read('.github/workflows/deploy.yml'))));
});

test.each([
  ['deploy.yml', ['build', 'release']],
  ['rollback.yml', ['rollback']],
])('of %s, only what may need further scopes has the permissions of the caller', (file, inheriting) => {
  const { permissions, jobs } = parse(read(`.github/workflows/${file}`)) as Workflow;
  expect(permissions).toBeUndefined();
  const without = Object.entries(jobs).filter(([, job]) => job.permissions === undefined);
  expect(without.map(([name]) => name)).toEqual(inheriting);
});

describe('secrets', () => {
  const text = read('.github/workflows/deploy.yml');
  const { jobs } = parse(text) as Workflow;
  const secretsIn = (part: object): string[] =>
    [...JSON.stringify(part).matchAll(/secrets\.(\w+)/g)].map(([, name = '']) => name);

  test('of the environment are in no job before the approval', () => {
    const { preflight, build, approve, ...after } = jobs;
    expect([preflight?.environment, build?.environment]).toEqual([undefined, undefined]);
    expect(approve?.environment?.name).toMatch(/-approval$/);
    expect([preflight, approve].flatMap((job) => secretsIn(job ?? {}))).toEqual([]);
    expect(new Set(secretsIn(build ?? {}))).toEqual(
      new Set(['REGISTRY_USERNAME', 'REGISTRY_PASSWORD', 'BUILD_SECRETS']),
    );
    expect(Object.keys(after)).toEqual(['release', 'rescue']);
  });

  test.each(['deploy.yml', 'rollback.yml'])('are given by %s to the actions of Slipway alone', (file) => {
    const workflow = parse(read(`.github/workflows/${file}`)) as Workflow;
    const steps = Object.values(workflow.jobs).flatMap(({ steps }) => steps);
    expect(Object.values(workflow.jobs).flatMap(({ env }) => env ?? [])).toEqual([]);
    expect(steps.filter(({ uses }) => !uses?.startsWith('$/')).flatMap(secretsIn)).toEqual([]);
    expect(steps.flatMap(secretsIn)).toContain('DATABASE_URL');
  });
});

test('the union takes the stronger of two', () => {
  const jobs = {
    a: { permissions: { contents: 'read' } },
    b: { permissions: { contents: 'write', checks: 'none' } },
  } as const;
  expect(unionOf({ jobs })).toEqual({ contents: 'write' });
});
