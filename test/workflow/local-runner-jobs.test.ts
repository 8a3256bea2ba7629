import { afterAll, describe, expect, test } from '@jest/globals';
import { clearPlays, play, refusalOf } from './fixtures/play.ts';

afterAll(clearPlays);

/** Jobs with one command each, run on a push. */
function jobs(all: Record<string, { needs?: string[]; if?: string; run?: string; more?: string }>): string {
  const texts = Object.entries(all).map(([id, { needs = [], if: condition, run = 'true', more = '' }]) =>
    [
      `  ${id}:`,
      '    runs-on: ubuntu-24.04',
      `    needs: [${needs.join(', ')}]`,
      ...(condition === undefined ? [] : [`    if: ${condition}`]),
      ...more
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `    ${line}`),
      '    steps:',
      `      - run: ${run}`,
    ].join('\n'),
  );
  return `on: push\njobs:\n${texts.join('\n')}\n`.replaceAll('    needs: []\n', '');
}

test('a job hands its outputs to the next, an action its environment to the next step', async () => {
  const { results, lines, told } = await play(`
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    outputs: { text: '\${{ steps.spoken.outputs.text }}' }
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - run: git log --format=%s
      - id: spoken
        uses: $/actions/speak
        with: { text: abc }
      - run: echo "heard $SPOKEN"
  two:
    needs: one
    runs-on: ubuntu-24.04
    steps:
      - run: echo "needs \${{ needs.one.outputs.text }}"
`);
  expect(results).toEqual({ one: 'success', two: 'success' });
  expect(lines).toEqual([
    ...['first', 'said abc to example/caller in true', 'heard abc', 'tidied abc'],
    'needs abc',
  ]);
  expect(told('summary').map(({ markdown }) => markdown)).toEqual(['# abc\n']);
});

test('needs and if decide which jobs run', async () => {
  const { results, result, lines } = await play(
    jobs({
      good: { run: 'echo good' },
      bad: { run: 'exit 3' },
      'after-good': { needs: ['good'] },
      'after-bad': { needs: ['bad'] },
      'far-after-bad': { needs: ['after-bad'] },
      'if-false': { if: "${{ github.event_name == 'release' }}" },
      'after-skipped': { needs: ['if-false'] },
      'not-cancelled': { needs: ['after-skipped'], if: '${{ !cancelled() }}' },
      'on-failure': { needs: ['after-bad'], if: 'failure()' },
      'no-failure': { needs: ['good'], if: 'failure()' },
      'with-status': { needs: ['bad'], if: "${{ needs.bad.result == 'failure' }}" },
      always: { needs: ['bad', 'good'], if: "${{ always() && contains(needs.*.result, 'failure') }}" },
      forgiven: { run: 'exit 1', more: 'continue-on-error: true' },
      'after-forgiven': { needs: ['forgiven'] },
    }),
  );
  expect(results).toEqual({
    ...{ good: 'success', bad: 'failure', 'after-good': 'success', 'after-bad': 'skipped' },
    ...{
      'far-after-bad': 'skipped',
      'if-false': 'skipped',
      'after-skipped': 'skipped',
      'not-cancelled': 'success',
    },
    ...{ 'on-failure': 'success', 'no-failure': 'skipped', 'with-status': 'skipped', always: 'success' },
    ...{ forgiven: 'success', 'after-forgiven': 'success' },
  });
  expect(result.conclusion).toBe('failure');
  expect(lines).toContain('good');
});

test('steps go on, are skipped and forgiven as their if says', async () => {
  const { result, errors, told } = await play(`
on: push
env: { LEVEL: workflow, ONE: workflow }
jobs:
  one:
    runs-on: ubuntu-24.04
    defaults: { run: { shell: bash, working-directory: sub } }
    env: { LEVEL: job }
    steps:
      - { run: mkdir sub, working-directory: . }
      - { id: lax, run: exit 4, continue-on-error: true }
      - { id: after-lax, run: 'test "$LEVEL $ONE" = "step workflow"; test $(basename "$PWD") = sub', env: { LEVEL: step } }
      - { id: pipe, run: 'false | true' }
      - { id: skipped, run: 'true' }
      - { id: seen, if: failure(), run: 'test \${{ steps.pipe.outcome }}\${{ steps.lax.outcome }}\${{ steps.lax.conclusion }}\${{ job.status }} = failurefailuresuccessfailure' }
      - { id: always, if: "\${{ always() && steps.skipped.conclusion == 'skipped' }}", run: 'true' }
      - { id: cancelled, if: cancelled(), run: 'true' }
`);
  const steps = result.jobs.one?.steps ?? [];
  expect(
    Object.fromEntries(steps.map(({ id, outcome, conclusion }) => [id, `${outcome} ${conclusion}`])),
  ).toEqual({
    __run: 'success success',
    lax: 'failure success',
    'after-lax': 'success success',
    pipe: 'failure failure',
    skipped: 'skipped skipped',
    seen: 'success success',
    always: 'success success',
    cancelled: 'skipped skipped',
  });
  expect(errors).toEqual(['Process completed with exit code 4.', 'Process completed with exit code 1.']);
  expect(told('step-started').map(({ step }) => step)).not.toContain('skipped');
});

test('an action finds its inputs, leaves outputs however it ends, and is tidied up', async () => {
  const { result, lines, told, results } = await play(`
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    outputs: { text: '\${{ steps.bad.outputs.text }}', nothing: '\${{ steps.bad.outputs.none }}' }
    steps:
      - { id: first, uses: $/actions/speak, with: { Text: "one\\ntwo", unheard: x } }
      - { id: bad, uses: OWNER/suite/actions/speak@v1, with: { text: fail } }
      - { if: always(), run: 'echo "\${{ toJSON(steps.first.outputs) }}"' }
`);
  expect(results).toEqual({ one: 'failure' });
  expect(result.jobs.one?.outputs).toEqual({ text: 'fail' });
  expect(result.jobs.one?.steps[0]?.outputs).toEqual({ text: 'one\ntwo' });
  expect(lines.slice(-2)).toEqual(['tidied fail', 'tidied one']);
  expect(told('annotation')[0]?.message).toMatch(
    /^Unexpected input\(s\) 'unheard', valid inputs are \['text', /,
  );
  expect(result.jobs.one?.steps.map(({ name }) => name).slice(-2)).toEqual(['Post bad', 'Post first']);
});

test('a secret is masked everywhere, and drops the job output and the address that hold it', async () => {
  const { events, told, result, lines } = await play(
    `
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    environment: { name: production, url: "https://\${{ steps.s.outputs.minted }}.example.com" }
    outputs: { secret: '\${{ steps.s.outputs.secret }}', minted: 'x-\${{ steps.s.outputs.minted }}', plain: plain }
    steps:
      - id: s
        run: |
          set -u
          echo "::add-mask::minted-value"
          echo "secret=$SECRET" >> "$GITHUB_OUTPUT"
          echo "minted=minted-value" >> "$GITHUB_OUTPUT"
          echo "the secret is $SECRET, minted-value"
          echo "::error title=$SECRET::it was $SECRET"
          echo "# $SECRET" >> "$GITHUB_STEP_SUMMARY"
          echo "::group::$SECRET"
          printf '%s\\n' "$CERTIFICATE"
        env: { SECRET: '\${{ secrets.PASSWORD }}', CERTIFICATE: '\${{ secrets.CERTIFICATE }}' }
      - run: test "\${{ steps.s.outputs.secret }}" = hunter2hunter2
  two:
    needs: one
    runs-on: ubuntu-24.04
    steps: [{ run: 'echo "got [\${{ needs.one.outputs.secret }}] [\${{ needs.one.outputs.plain }}]"' }]
`,
    {
      secrets: { PASSWORD: 'repository-wide', CERTIFICATE: 'line-one\nline-two' },
      environments: { production: { secrets: { PASSWORD: 'hunter2hunter2' } } },
    },
  );
  expect(result.conclusion).toBe('success');
  expect(result.jobs.one?.outputs).toEqual({ plain: 'plain' });
  expect(told('output-dropped').map(({ output }) => output)).toEqual(['secret', 'minted']);
  expect(told('deployment')).toEqual([]);
  expect(told('warning')).toHaveLength(3);
  expect(lines).toContain('got [] [plain]');
  expect(lines).toContain('the secret is ***, ***');
  expect(result.jobs.one?.steps[0]?.outputs.secret).toBe('hunter2hunter2');
  const published = JSON.stringify(events);
  for (const secret of ['hunter2hunter2', 'minted-value', 'line-one', 'line-two']) {
    expect(published).not.toContain(secret);
  }
});

test('commands are obeyed until they are stopped, annotations kept up to ten', async () => {
  const { told, events, errors } = await play(`
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          echo "::warning file=a.sql,line=7,title=Slow::takes long%0Avery long"
          echo "::stop-commands::pause-7"
          echo "::error::not an error"
          echo "::pause-7::"
          echo "::group::Details"
          echo inside
          echo "::endgroup::"
          echo "::debug::quiet"
          for i in $(seq 12); do echo "::error::number $i"; done
      - run: |
          head -c 1100000 /dev/zero | tr '\\0' x > "$GITHUB_STEP_SUMMARY"
          echo "no value" >> "$GITHUB_OUTPUT"
`);
  expect(told('annotation')[0]).toMatchObject({
    ...{ level: 'warning', file: 'a.sql', line: 7, title: 'Slow', message: 'takes long\nvery long' },
  });
  expect(errors).toHaveLength(12);
  expect(errors.slice(9)).toEqual([
    'number 10',
    expect.stringContaining('upload aborted'),
    expect.stringContaining("Invalid format 'no value'"),
  ]);
  const logs = events.flatMap((event) =>
    event.type === 'log' ? [`${event.level} ${event.group} ${event.line}`] : [],
  );
  expect(logs.slice(0, 4)).toEqual([
    ...[
      'info null ::error::not an error',
      'group Details Details',
      'info Details inside',
      'debug null quiet',
    ],
  ]);
  expect(told('summary')).toEqual([]);
  expect(told('job-ended')[0]?.result).toBe('failure');
});

describe('an approval', () => {
  const gated = `
on: push
jobs:
  gate: { runs-on: x, environment: { name: production-approval, deployment: false }, steps: [{ run: echo approved }] }
  after: { runs-on: x, needs: gate, steps: [{ run: 'true' }] }
`;
  const environments = { 'production-approval': { reviewers: true } };

  test.each([
    ['approved', { gate: 'success', after: 'success' }],
    ['rejected', { gate: 'failure', after: 'skipped' }],
  ] as const)('%s', async (answer, expected) => {
    const asked: unknown[] = [];
    const approve = async (request: unknown) => {
      asked.push(request);
      return answer;
    };
    const { results, told } = await play(gated, { environments, approve });
    expect(results).toEqual(expected);
    expect(asked).toEqual([{ environment: 'production-approval', job: 'gate' }]);
    expect(told('approval-waiting')).toHaveLength(1);
    expect(told('approval-given')).toMatchObject([{ answer }]);
  });

  test('that is never given ends with the cancellation', async () => {
    const cancel = new AbortController();
    const { results, result } = await play(gated, {
      environments,
      approve: () => new Promise(() => {}),
      signal: cancel.signal,
      during: (event) => event.type === 'approval-waiting' && cancel.abort(),
    });
    expect(results).toEqual({ gate: 'cancelled', after: 'skipped' });
    expect(result.conclusion).toBe('cancelled');
  });

  test('that nobody can give is refused before the run', async () => {
    expect(await refusalOf(gated, { environments })).toContain('there is no "approve" to ask');
  });
});

test('jobs of one group run one after the other', async () => {
  const one = (name: string): { run: string; more: string } => ({
    run: `'echo ${name} in; sleep 0.1; echo ${name} out'`,
    more: 'concurrency: { group: lane, queue: max }',
  });
  const { lines } = await play(jobs({ a: one('a'), b: one('b'), c: one('c') }));
  expect(lines).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

test('files travel between jobs as artifacts', async () => {
  const upload = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a';
  const { results, lines, result, told } = await play(`
on: push
jobs:
  make:
    runs-on: x
    steps:
      - run: mkdir -p out/deep && echo 1 > out/a.txt && echo 2 > out/deep/b.txt && echo 3 > out/.hidden && echo x > "$RUNNER_TEMP/report.html"
      - { uses: ${upload}, with: { name: files, path: out/, retention-days: 3 } }
      - { uses: ${upload}, with: { name: report, path: '\${{ runner.temp }}/report.html' } }
      - { uses: ${upload}, with: { name: none, path: missing } }
      - { id: again, uses: ${upload}, with: { name: files, path: 'out/*.txt' }, continue-on-error: true }
      - { uses: ${upload}, with: { name: files, path: "out/**\\n!out/deep/*", overwrite: true } }
  take:
    needs: make
    runs-on: x
    steps:
      - { uses: actions/download-artifact@018cc2cf5baa6db3ef3c5f8a56943fffe632ef53, with: { name: files, path: got } }
      - run: find got -type f
      - { uses: actions/download-artifact@018cc2cf5baa6db3ef3c5f8a56943fffe632ef53, with: { name: missing } }
`);
  expect(results).toEqual({ make: 'success', take: 'failure' });
  expect(lines).toContain('got/a.txt');
  expect(lines).not.toContain('got/deep/b.txt');
  expect(Object.keys(result.artifacts)).toEqual(['files', 'report']);
  expect(told('annotation').map(({ message }) => message)).toEqual([
    expect.stringContaining('No files were found with the provided path: missing'),
    'an artifact with the name files exists in this run already',
    expect.stringContaining('Artifact not found for name: missing'),
  ]);
});
