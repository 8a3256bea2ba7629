import { afterAll, describe, expect, test } from '@jest/globals';
import { clearPlays, type PlayOptions, play, refusalOf } from './fixtures/play.ts';

afterAll(clearPlays);

const called = 'OWNER/suite/.github/workflows/release.yml@v1';

function caller(more: string, permissions = '{ contents: read, checks: read }'): string {
  return `
on: push
permissions: {}
jobs:
  deploy:
    name: Deploy
    permissions: ${permissions}
    uses: ${called}
${more}
`;
}

const settings: PlayOptions = {
  secrets: { OTHER: 'not for the suite' },
  vars: { ADDRESS: 'repository' },
  environments: {
    production: { secrets: { PASSED: '12345', HELD: '1234567' }, vars: { ADDRESS: 'production' } },
  },
};

describe('a called workflow', () => {
  test('has its own jobs, uses its own actions and answers with outputs', async () => {
    const { results, lines, reported, result } = await play(
      caller(`
    with: { environment: production, dry-run: true }
    secrets: inherit
  after: { needs: deploy, runs-on: x, steps: [{ run: 'echo "after \${{ needs.deploy.outputs.text }}"' }] }`),
      settings,
    );
    expect(results).toEqual({
      ...{ 'deploy.first': 'success', 'deploy.second': 'success', deploy: 'success', after: 'success' },
    });
    expect(reported('job-started').map(({ name }) => name)).toEqual([
      'Deploy / First',
      'Deploy / Second',
      'after',
    ]);
    expect(lines[0]).toBe('passed=[5] held=[7] vars=[production] dry 2 OWNER/suite example/caller');
    expect(lines.at(-1)).toBe('after from the suite');
    expect(result.jobs.deploy?.outputs).toEqual({ text: 'from the suite', result: 'success' });
    expect(reported('deployment')).toMatchObject([
      { job: 'deploy.first', environment: 'production', url: 'https://production.example.com' },
    ]);
  });

  test.each([
    ['nothing', '', 'passed=[0] held=[0]'],
    ['one name', '    secrets: { PASSED: x }', 'passed=[5] held=[0]'],
    ['everything', '    secrets: inherit', 'passed=[5] held=[7]'],
  ])('gets the secrets of its environment as the caller passes %s', async (_, secrets, seen) => {
    const { lines } = await play(caller(`    with: { environment: production }\n${secrets}`), settings);
    expect(lines[0]).toContain(seen);
  });

  test('lies in the same repository, or is the workflow that runs', async () => {
    const text = `on: { workflow_call: { outputs: { x: { value: "\${{ jobs.a.outputs.x }}" } } } }
jobs:
  a: { runs-on: x, outputs: { x: near }, steps: [{ uses: $/actions/speak, with: { text: near } }] }
`;
    const files = { '.github/workflows/near.yml': text };
    const own = await play(
      'on: push\njobs:\n  a: { uses: ./.github/workflows/near.yml }\n  b: { uses: $/.github/workflows/near.yml }\n',
      { files },
    );
    expect(own.results).toEqual({ 'a.a': 'success', 'b.a': 'success', a: 'success', b: 'success' });
    const alone = await play(text, { event: { name: 'workflow_call' } });
    expect(alone.result.outputs).toEqual({ x: 'near' });
  });
});

test.each<[string, string, PlayOptions, string]>([
  [
    'a permission beyond the caller',
    caller('    with: { environment: x }', '{ contents: read }'),
    {},
    `Error calling workflow '${called}'. The nested job 'first' is requesting 'checks: read', but is only allowed 'checks: none'.`,
  ],
  [
    'an unknown input',
    caller('    with: { environment: x, bogus: 1 }'),
    {},
    'Invalid input, bogus is not defined',
  ],
  ['a missing input', caller(''), {}, 'Input environment is required'],
  [
    'an input of another type',
    caller('    with: { environment: x, dry-run: "yes" }'),
    {},
    'input dry-run must be a boolean, found "yes"',
  ],
  [
    'an undeclared secret',
    caller('    with: { environment: x }\n    secrets: { NOPE: x }'),
    {},
    'Invalid secret, NOPE',
  ],
  [
    'a repository that is not here',
    'on: push\njobs:\n  a: { uses: else/where/.github/workflows/x.yml@v1 }\n',
    {},
    'main.yml:3: the repository else/where is not on this machine',
  ],
  [
    'a file that is not committed',
    'on: push\njobs:\n  a: { uses: ./.github/workflows/x.yml }\n',
    {},
    'has no file .github/workflows/x.yml at commit',
  ],
  [
    'a key that GitHub does not know',
    'on: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n    steps: [{ run: x }]\n',
    {},
    "main.yml:5: Unexpected value 'stepz'",
  ],
  [
    'a matrix',
    'on: push\njobs:\n  a:\n    runs-on: x\n    strategy: { matrix: { x: [1] } }\n    steps: [{ run: x }]\n',
    {},
    'main.yml:5: "strategy" of a job is not implemented by the local runner',
  ],
  [
    'a container',
    'on: push\njobs:\n  a: { runs-on: x, container: alpine, steps: [{ run: x }] }\n',
    {},
    'main.yml:3: "container" of a job',
  ],
  [
    'a need that is not there',
    'on: push\njobs:\n  a: { runs-on: x, needs: b, steps: [{ run: x }] }\n  c: { runs-on: x, steps: [{ run: x }] }\n',
    {},
    "main.yml:3: Job 'a' depends on unknown job 'b'",
  ],
  [
    'an action that is not known',
    'on: push\njobs:\n  a: { runs-on: x, steps: [{ uses: actions/setup-node@v4 }] }\n',
    {},
    'main.yml:3: the repository actions/setup-node is not on this machine',
  ],
  [
    'an action by its tag',
    'on: push\njobs:\n  a: { runs-on: x, steps: [{ uses: actions/checkout@v5 }] }\n',
    {},
    'main.yml:3: "actions/checkout@v5" is not pinned',
  ],
  [
    'an action that does not exist',
    'on: push\njobs:\n  a: { runs-on: x, steps: [{ uses: $/actions/nope }] }\n',
    {},
    "main.yml:3: Can't find 'action.yml'",
  ],
  [
    'a container action',
    'on: push\njobs:\n  a: { runs-on: x, steps: [{ uses: docker://alpine }] }\n',
    {},
    '"docker://alpine" is not implemented',
  ],
  [
    'a context out of its place',
    'on: push\njobs:\n  a: { runs-on: x, if: secrets.X, steps: [{ run: x }] }\n',
    {},
    "main.yml:3: Unrecognized named-value: 'secrets'",
  ],
  [
    'an event that starts nothing',
    'on: { push: { tags: ["v[0-9]+"] } }\njobs:\n  a: { runs-on: x, steps: [{ run: x }] }\n',
    {},
    'a push of refs/tags/v1.2.3 does not start this workflow',
  ],
  [
    'another event',
    'on: push\njobs:\n  a: { runs-on: x, steps: [{ run: x }] }\n',
    { event: { name: 'release' } },
    'does not run on release, only on push',
  ],
])('%s is refused before anything runs', async (_, workflow, options, message) => {
  const events: string[] = [];
  const refusal = await refusalOf(workflow, { ...options, during: ({ type }) => events.push(type) });
  expect(refusal).toContain('UserError: ');
  expect(refusal).toContain(message);
  expect(events.filter((type) => type.startsWith('step'))).toEqual([]);
});

test.each([
  ['shell: pwsh', '{ run: x, shell: pwsh }', 'the shell "pwsh" is not implemented'],
  [
    'lfs',
    '{ uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8, with: { lfs: true } }',
    'the input "lfs" of actions/checkout is not implemented',
  ],
  ['a folder that is missing', '{ run: x, working-directory: nope }', 'there is no folder'],
  [
    'an expression that fails',
    "{ run: 'echo ${{ fromJSON(github.ref) }}' }",
    'main.yml:3: cannot evaluate "format(\'echo {0}\', fromJSON(github.ref))": Error parsing JSON',
  ],
])('%s fails the step and says so', async (_, step, message) => {
  const { results, errors } = await play(`on: push\njobs:\n  a: { runs-on: x, steps: [${step}] }\n`);
  expect(results).toEqual({ a: 'failure' });
  expect(errors.join('\n')).toContain(message);
});

describe('a dispatch', () => {
  const workflow = `
on:
  workflow_dispatch:
    inputs:
      version: { type: string, required: true }
      where: { type: choice, options: [staging, production] }
      force: { type: boolean, default: false }
jobs:
  a:
    runs-on: x
    env: { INPUTS: '\${{ toJSON(inputs) }}' }
    steps: [{ run: 'echo $INPUTS \${{ github.event.inputs.force }}' }]
`;
  const start = (inputs: Record<string, unknown>): PlayOptions => ({
    event: { name: 'workflow_dispatch', inputs },
  });

  test('has typed inputs', async () => {
    const { lines } = await play(workflow, start({ version: '1.0', force: 'true' }));
    expect(lines).toEqual(['{ "version": "1.0", "where": "staging", "force": true } true']);
  });

  test.each([
    [{}, 'Input version is required'],
    [{ version: '1', where: 'moon' }, 'input where must be one of staging, production, found "moon"'],
    [{ version: '1', force: 'maybe' }, 'input force must be a boolean'],
    [{ version: '1', other: 'x' }, 'Invalid input, other'],
  ])('refuses %j', async (inputs, message) => {
    expect(await refusalOf(workflow, start(inputs))).toContain(message);
  });
});

test('a step knows nothing of the machine it runs on but what it needs', async () => {
  process.env.SLIPWAY_LEAK = 'leaked';
  try {
    const { lines } = await play('on: push\njobs:\n  a: { runs-on: x, steps: [{ run: env }] }\n', {
      baseEnv: { DOCKER_HOST: 'tcp://x' },
    });
    const names = lines
      .map((line) => line.split('=')[0])
      .filter((name) => !/^(?:GITHUB|RUNNER)_/.test(name ?? ''));
    expect(names.sort()).toEqual(['CI', 'DOCKER_HOST', 'HOME', 'LANG', 'PATH', 'PWD', 'SHLVL', '_']);
    expect(lines.join()).not.toContain('ghs_tokenOfTheRun');
  } finally {
    delete process.env.SLIPWAY_LEAK;
  }
});
