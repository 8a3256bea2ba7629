import { describe, expect, test } from '@jest/globals';
import type { ServiceConfig } from '@slipway/config';
import { parseChallenge, registryAddress } from '@slipway/registry';
import { explainBuild } from '../../../actions/build-push/src/build-failure.ts';
import { buildCommand, shellLine } from '../../../actions/build-push/src/buildx-command.ts';
import { type ImagePlan, planImages } from '../../../actions/build-push/src/image-plan.ts';
import { exited } from '../../support/command-result.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const provenance = {
  source: 'https://github.com/example/docsense',
  created: new Date('2026-01-02T03:04:05Z'),
};

function services(image: string): Record<string, ServiceConfig> {
  const build = { context: 'backend', dockerfile: 'Dockerfile', args: { MODE: "it's" } };
  return { backend: { image, build } as unknown as ServiceConfig };
}

describe('the plan', () => {
  test('becomes one command line with tags, labels and build arguments', () => {
    const [plan] = planImages(
      services('registry.example.com:5000/docsense'),
      { version: '1.2.0', commit },
      provenance,
    );
    const command = buildCommand(['docker', 'buildx'], plan as Parameters<typeof buildCommand>[1], {
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
        ` --build-arg VERSION=1.2.0 --build-arg COMMIT=${commit} --build-arg 'MODE=it'\\''s' /repo/backend`,
    );
  });

  test('without a commit has no commit tag, label or argument', () => {
    const [plan] = planImages(
      services('docsense'),
      { version: '1', commit: '' },
      { ...provenance, source: '' },
    );
    const { tags, labels, args } = plan as ImagePlan;
    expect([tags, Object.keys(labels).map((name) => name.split('.').at(-1)), Object.keys(args)]).toEqual([
      ['1'],
      ['title', 'version', 'created'],
      ['VERSION', 'MODE'],
    ]);
  });

  test('refuses a release without a version, and an image with a tag', () => {
    expect(() => planImages(services('docsense'), { version: '', commit }, provenance)).toThrow(
      'cannot tag the images: the release has no version',
    );
    expect(() => planImages(services('host:5000/docsense:1'), { version: '1', commit }, provenance)).toThrow(
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
      reason: 'step [2/3] RUN npm ci (Dockerfile:5) failed with exit code: 1',
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
