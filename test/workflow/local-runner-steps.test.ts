import { afterAll, expect, test } from '@jest/globals';
import { clearPlays, play } from './fixtures/play.ts';

afterAll(clearPlays);

test('steps continue, are skipped and forgiven as their if says', async () => {
  const { result, errors, reported } = await play(`
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
  expect(reported('step-started').map(({ step }) => step)).not.toContain('skipped');
});

test('an action finds its inputs, leaves outputs however it ends, and is tidied up', async () => {
  const { result, lines, reported, results } = await play(`
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
  expect(reported('annotation')[0]?.message).toMatch(
    /^Unexpected input\(s\) 'unheard', valid inputs are \['text', /,
  );
  expect(result.jobs.one?.steps.map(({ name }) => name).slice(-2)).toEqual(['Post bad', 'Post first']);
});

test('a secret is masked everywhere, and drops the job output and the address that hold it', async () => {
  const { events, reported, result, lines } = await play(
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
  expect(reported('output-dropped').map(({ output }) => output)).toEqual(['secret', 'minted']);
  expect(reported('deployment')).toEqual([]);
  expect(reported('warning')).toHaveLength(3);
  expect(lines).toContain('got [] [plain]');
  expect(lines).toContain('the secret is ***, ***');
  expect(result.jobs.one?.steps[0]?.outputs.secret).toBe('hunter2hunter2');
  const published = JSON.stringify(events);
  for (const secret of ['hunter2hunter2', 'minted-value', 'line-one', 'line-two']) {
    expect(published).not.toContain(secret);
  }
});

test('commands are obeyed until they are stopped, annotations retained up to ten', async () => {
  const { reported, events, errors } = await play(`
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
  expect(reported('annotation')[0]).toMatchObject({
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
  expect(reported('summary')).toEqual([]);
  expect(reported('job-ended')[0]?.result).toBe('failure');
});
