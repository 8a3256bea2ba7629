import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { rollbackCaller } from '../../../demo/rollback-caller.ts';
import { scenarios } from '../../../demo/scenarios.ts';
import { root } from '../../support/action.ts';

test('the README names every story of the demo, in their order', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, named = ''] = /# the stories: (.*)/.exec(readme) ?? [];
  expect(named.split(', ')).toEqual(Object.keys(scenarios));
});

describe('the workflow by which a person rolls back', () => {
  test.each(['demo.yml', 'demo.kubernetes.yml'])('for the environment and configuration of %s', (file) => {
    const folder = path.join(root, 'workflows-examples/docsense/.github/workflows');
    const caller = readFileSync(path.join(folder, file), 'utf8');
    const { deploy } = parse(caller).jobs;
    const { rollback } = parse(rollbackCaller(caller)).jobs;
    expect(rollback).toMatchObject({
      uses: 'OWNER/slipway/.github/workflows/rollback.yml@v1',
      with: { ...deploy.with, to: '${{ inputs.to }}' },
      permissions: { contents: 'read' },
      secrets: 'inherit',
    });
  });
});
