import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from '../support/action.ts';

type Permissions = Record<string, 'read' | 'write' | 'none'>;

interface Workflow {
  permissions?: Permissions;
  jobs: Record<string, { permissions?: Permissions }>;
}

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** What a caller must grant: GitHub checks it for all jobs before the first begins, for those that are skipped too. */
function unionOf(workflow: Workflow): Permissions {
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

test.each(['deploy.yml', 'rollback.yml'])('every job of %s names its permissions', (file) => {
  const { permissions, jobs } = parse(read(`.github/workflows/${file}`)) as Workflow;
  expect(permissions).toEqual({});
  expect(Object.values(jobs).map((job) => typeof job.permissions)).toEqual(
    Object.keys(jobs).map(() => 'object'),
  );
});

test('the union takes the stronger of two', () => {
  const jobs = {
    a: { permissions: { contents: 'read' } },
    b: { permissions: { contents: 'write', checks: 'none' } },
  } as const;
  expect(unionOf({ jobs })).toEqual({ contents: 'write' });
});
