import { describe, expect, test } from '@jest/globals';
import type { ServiceConfig } from '@slipway/config';
import { parseChallenge, registryAddress } from '@slipway/registry';
import { explainBuild } from '../../../actions/build-push/src/build-failure.ts';
import { buildCommand, shellLine } from '../../../actions/build-push/src/buildx-command.ts';
import { type BuiltPlan, planImages } from '../../../actions/build-push/src/image-plan.ts';
import { exited } from '../../support/command-result.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const provenance = {
  source: 'https://github.com/example/docsense',
  committed: new Date('2026-01-02T03:04:05Z'),
};
const release = { version: '1.2.0', commit };

const build = {
  context: 'backend',
  dockerfile: 'Dockerfile',
  args: { MODE: "it's" },
  secrets: { npm: 'NPM_TOKEN' },
};

function service(image: string, more: object | null = {}): ServiceConfig {
  return { image, ...(more && { build: { ...build, ...more } }) } as unknown as ServiceConfig;
}

describe('the plan', () => {
  test('becomes one command line with tags, labels and build arguments; secrets are named', () => {
    const services = { backend: service('registry.example.com:5000/docsense') };
    const [plan] = planImages(services, release, provenance);
    const command = buildCommand(['docker', 'buildx'], plan as BuiltPlan, ['1.2.0', 'sha-0123456789ab'], {
      workspace: '/repo',
      metadata: '/tmp/m.json',
    });
    expect(shellLine(command)).toBe(
      'docker buildx build --push --progress=plain --metadata-file /tmp/m.json --file /repo/backend/Dockerfile' +
        ' --tag registry.example.com:5000/docsense:1.2.0 --tag registry.example.com:5000/docsense:sha-0123456789ab' +
        ' --label org.opencontainers.image.title=backend --label org.opencontainers.image.version=1.2.0' +
        ` --label org.opencontainers.image.revision=${commit}` +
        ' --label org.opencontainers.image.source=https://github.com/example/docsense' +
        ' --label org.opencontainers.image.created=2026-01-02T03:04:05.000Z' +
        ` --build-arg VERSION=1.2.0 --build-arg COMMIT=${commit} --build-arg 'MODE=it'\\''s'` +
        ' --secret id=npm,env=NPM_TOKEN /repo/backend',
    );
    expect(command.env).toEqual({ SOURCE_DATE_EPOCH: '1767323045' });
  });

  test('of a context that Docker fetches leaves it as it is', () => {
    const context = 'https://github.com/example/docsense.git#main';
    const [plan] = planImages({ backend: service('docsense', { context }) }, release, provenance);
    const paths = { workspace: '/repo', metadata: '/tmp/m.json' };
    const { argv } = buildCommand(['docker', 'buildx'], plan as BuiltPlan, ['1.2.0'], paths);
    expect([argv.at(-1), argv[argv.indexOf('--file') + 1]]).toEqual([context, 'Dockerfile']);
  });

  test('without a commit has no commit tag, label or argument', () => {
    const services = { backend: service('docsense') };
    const [plan] = planImages(services, { version: '1', commit: '' }, { source: '', committed: null });
    const { commitTag, build } = plan as BuiltPlan;
    expect(commitTag).toBeNull();
    expect(Object.keys(build.labels).map((name) => name.split('.').at(-1))).toEqual(['title', 'version']);
    expect(Object.keys(build.args)).toEqual(['VERSION', 'MODE']);
  });

  test('has one image for services of one repository, whichever of them has the build', () => {
    const services = {
      worker: service('docsense', null),
      web: service('docsense'),
      job: service('docsense'),
    };
    const plans = planImages(services, release, provenance);
    expect(plans.map(({ services, repository }) => [services, repository])).toEqual([
      [['worker', 'web', 'job'], 'docsense'],
    ]);
    expect(plans[0]?.build?.labels).toMatchObject({ 'org.opencontainers.image.title': 'web' });
  });

  test('refuses two builds of one repository that differ', () => {
    const services = { web: service('docsense'), admin: service('docsense', { context: 'admin' }) };
    expect(() => planImages(services, release, provenance)).toThrow(
      'services web and admin build docsense in different ways: one tag cannot be two images',
    );
  });

  test('refuses a release without a version, and an image with a tag', () => {
    const plan = (image: string, version: string) => () =>
      planImages({ backend: service(image) }, { version, commit }, provenance);
    expect(plan('docsense', '')).toThrow('cannot tag the images: the release has no version');
    expect(plan('host:5000/docsense:1', '1')).toThrow(
      'services.backend.image "host:5000/docsense:1" has a tag: name the repository alone',
    );
  });
});

const failedRun = `#5 [2/3] RUN npm ci
#5 0.412 npm error ECONNRESET: connection reset by peer
#5 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [2/3] RUN npm ci:
0.412 npm error ECONNRESET: connection reset by peer
------
Dockerfile:5
--------------------
   3 |     COPY package.json .
   5 | >>> RUN npm ci
--------------------
ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
`;

describe('a failed build', () => {
  test('of a step of the Dockerfile names the step, the line and what it printed, and is not tried again', () => {
    const failure = explainBuild(exited(1, { stderr: failedRun }));
    expect(failure).toMatchObject({
      reason:
        'step [2/3] RUN npm ci (Dockerfile:5) failed with exit code: 1: npm error ECONNRESET: connection reset by peer',
      again: false,
    });
    expect(failure.details.map(String)).toEqual(['0.412 npm error ECONNRESET: connection reset by peer']);
  });

  test('is understood in the words of an older BuildKit, too', () => {
    const stderr = `#5 ERROR: executor failed running [/bin/sh -c echo [x]; exit 3]: exit code: 3
------
 > [2/2] RUN echo [x]; exit 3:
0.151 [x]
------
ERROR: failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c echo [x]; exit 3]: exit code: 3
`;
    const failure = explainBuild(exited(1, { stderr }));
    expect(failure).toMatchObject({
      reason: 'step [2/2] RUN echo [x]; exit 3 failed with exit code: 3',
      again: false,
    });
    expect(failure.details.map(String)).toEqual(['0.151 [x]']);
  });

  test.each([
    [
      'failed to push r/x:1: unexpected status from PUT request to https://r/v2/x: 503 Service Unavailable',
      true,
      'status of the registry',
    ],
    [
      'failed to push r/x:1: received unexpected HTTP status: 502 Bad Gateway',
      true,
      'status of the registry',
    ],
    ['failed to push r/x:1: toomanyrequests: retry later', true, 'limits'],
    [
      'failed to do request: Put "https://r/v2/x": read tcp 10.0.0.1: connection reset by peer',
      true,
      'status of the registry',
    ],
    [
      'failed to do request: Head "https://r/v2/x": net/http: TLS handshake timeout',
      true,
      'status of the registry',
    ],
    [
      'failed to do request: Head "https://r/v2/x": dial tcp 10.0.0.1:443: connect: connection refused',
      false,
      'reachable',
    ],
    [
      'push access denied, repository does not exist or may require authorization',
      false,
      '"username" and "password"',
    ],
    [
      'failed to push r/x:1: unexpected status from POST request: 403 Forbidden',
      false,
      '"username" and "password"',
    ],
    [
      'failed to authorize: failed to fetch oauth token: 401 Unauthorized',
      false,
      '"username" and "password"',
    ],
    ['failed to copy: write /var/lib/docker/tmp: no space left on device', false, 'Free disk space'],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      false,
      'Engine',
    ],
  ])('%s', (message, again, hint) => {
    const failure = explainBuild(exited(1, { stderr: `ERROR: ${message}\n` }));
    expect(failure).toMatchObject({ again, hint: expect.stringContaining(hint) });
    expect(failure.reason).toBe(`docker buildx build exited 1: ${message}`);
  });

  test('with a long log has its first error in the sentence, and the lines around it', () => {
    const noise = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, at) => `#7 ${from + at}.100 compiling unit ${from + at}\n`).join(
        '',
      );
    const stderr = `#5 0.100 fatal: nothing of this step\n${noise(0, 20)}#7 20.100 warning: 0 errors so far
#7 20.200 src/cart.ts:12:3 - error TS2345: Argument of type 'string' is not assignable
#7 20.300 12   total(cart)
${noise(21, 80)}#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
------
 > [build 4/6] RUN make:
79.100 compiling unit 79
------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
`;
    const { reason, details } = explainBuild(exited(1, { stderr }));
    expect(reason).toBe(
      "step [build 4/6] RUN make failed with exit code: 2: src/cart.ts:12:3 - error TS2345: Argument of type 'string' is not assignable",
    );
    expect(details.map(String)).toEqual([
      "20.200 src/cart.ts:12:3 - error TS2345: Argument of type 'string' is not assignable",
      '20.300 12   total(cart)',
      '21.100 compiling unit 21',
      '22.100 compiling unit 22',
      '79.100 compiling unit 79',
    ]);
  });

  test('of several parts names the one that failed first, not those that were cancelled with it', () => {
    const stderr = `#6 ERROR: failed to push r/x:1: toomanyrequests: retry later
#5 CANCELED
ERROR: failed to solve: Canceled: context canceled
`;
    expect(explainBuild(exited(1, { stderr }))).toMatchObject({
      reason: 'docker buildx build exited 1: failed to push r/x:1: toomanyrequests: retry later',
      again: true,
    });
  });

  test('that was killed without output says so', () => {
    expect(explainBuild(exited(137))).toMatchObject({
      reason: 'docker buildx build was killed (exit code 137: often out of memory): (no output)',
      again: false,
    });
  });
});

test.each([
  ['docsense', 'docker.io', 'https://registry-1.docker.io', 'library/docsense'],
  ['example/docsense', 'docker.io', 'https://registry-1.docker.io', 'example/docsense'],
  ['docker.io/example/docsense', 'docker.io', 'https://registry-1.docker.io', 'example/docsense'],
  ['ghcr.io/example/docsense', 'ghcr.io', 'https://ghcr.io', 'example/docsense'],
  ['registry:5000/docsense', 'registry:5000', 'https://registry:5000', 'docsense'],
  ['localhost:5000/a/b', 'localhost:5000', 'http://localhost:5000', 'a/b'],
  ['127.0.0.1:5000/a', '127.0.0.1:5000', 'http://127.0.0.1:5000', 'a'],
  ['127.0.0.1.example.com/a', '127.0.0.1.example.com', 'https://127.0.0.1.example.com', 'a'],
])('the registry of %s is %s', (repository, host, origin, name) => {
  expect(registryAddress(repository)).toEqual({ host, origin, name });
});

test('challenges of registries are read, others are not', () => {
  expect(
    parseChallenge('Bearer realm="https://auth.example.com/token",service="registry",scope="a:b:pull"'),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example.com/token',
    service: 'registry',
  });
  expect(parseChallenge('Basic realm="slipway"')?.scheme).toBe('basic');
  expect(parseChallenge('Negotiate')).toBeUndefined();
});
