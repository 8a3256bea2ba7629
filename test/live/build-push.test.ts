import { existsSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRecord } from '@slipway/release';
import { findFreePort } from '@slipway/test-services';
import { type BuildFixture, base, commit, login, startBuildFixture } from '../support/build-fixture.ts';

let fixture: BuildFixture;
beforeAll(async () => {
  fixture = await startBuildFixture();
}, 120_000);
beforeEach(() => fixture.renew());
afterAll(() => fixture?.stop(), 60_000);

describe('build', () => {
  test('pushes every service with tags and labels; record and output hold what the registry has', async () => {
    const { code, outputs, stdout } = await fixture.run(fixture.open.address);
    expect(stdout).toContain('backend | ');
    expect(code).toBe(0);
    const digests = JSON.parse(outputs.digests ?? '') as Record<string, string>;
    const record = decodeRecord(outputs.release ?? '');
    for (const service of ['backend', 'frontend']) {
      const digest = await fixture.digestOf(service, '1.2.0');
      expect(digests[service]).toBe(digest);
      expect(await fixture.digestOf(service, 'sha-0123456789ab')).toBe(digest);
      expect(record.services[service]).toEqual({
        image: `${fixture.open.address}/${service}`,
        digest,
        previous: null,
      });
    }
    const image = `${fixture.open.address}/backend@${digests.backend}`;
    fixture.docker('pull', '--quiet', image);
    const { Config } = JSON.parse(fixture.docker('image', 'inspect', image))[0];
    fixture.docker('image', 'rm', '--force', image);
    expect(Config.Env).toContain('VERSION=1.2.0');
    expect(Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'backend',
      'org.opencontainers.image.version': '1.2.0',
      'org.opencontainers.image.revision': commit,
    });
  }, 30_000);

  test('a failing step names the service, the step, its line and its output, and ends the other build', async () => {
    fixture.dockerfile('backend', `FROM ${base}`, 'RUN echo "the compiler is unhappy"; exit 3');
    fixture.dockerfile('frontend', `FROM ${base}`, 'RUN while :; do :; done');
    const { code, outputs, errors } = await fixture.run(fixture.open.address, { version: '1.2.2' });
    expect(code).toBe(1);
    expect(outputs.outcome).toBe('failed');
    expect(outputs.digests).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /^the build of backend failed: step \[.*2\/2\] RUN echo .* failed with exit code: 3; the build of frontend was cancelled\n.*the compiler is unhappy/,
    );
  }, 30_000);

  test('a cancelled run ends the builds and says so', async () => {
    for (const service of ['backend', 'frontend'])
      fixture.dockerfile(service, `FROM ${base}`, 'RUN while :; do :; done');
    const { code, outputs, errors, stdout } = await fixture.run(
      fixture.open.address,
      { version: '1.2.1' },
      '',
      (child) => {
        const interrupt = (text: Buffer): unknown => /RUN while/.test(`${text}`) && child.kill('SIGINT');
        child.stdout?.on('data', interrupt);
      },
    );
    expect(stdout).toContain('RUN while');
    expect([code, outputs.outcome]).toEqual([1, 'failed']);
    expect(errors).toEqual([
      'build-push was cancelled during docker\nThe run was cancelled; run it again to continue.',
    ]);
    expect(await fixture.digestOf('backend', '1.2.1')).toBeNull();
  }, 30_000);

  test('a registry that is down is named', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const { code, outputs, errors } = await fixture.run(address);
    expect([code, outputs.outcome]).toEqual([1, 'failed']);
    expect(errors[0]).toMatch(/^cannot reach registry 127\.0\.0\.1:\d+: connection refused\n/);
    expect(errors[0]).toContain('that this machine can reach it');
  }, 30_000);

  test('a missing folder and a missing Dockerfile are refused together, before anything is built', async () => {
    rmSync(path.join(fixture.workspace, 'backend'), { recursive: true });
    rmSync(path.join(fixture.workspace, 'frontend/Dockerfile'));
    const { outputs, errors } = await fixture.run(fixture.open.address);
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toContain('services.backend.build.context: folder backend does not exist');
    expect(errors[0]).toContain(
      'services.frontend.build.dockerfile: file frontend/Dockerfile does not exist',
    );
  });
});

describe('login', () => {
  test('right: pushed and proven with it, and nothing of it stays', async () => {
    const { code, stdout, stderr, outputs } = await fixture.run(fixture.guarded.address, login);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(outputs.digests ?? ''))).toEqual(['backend', 'frontend']);
    const config = path.join(fixture.home, '.docker/config.json');
    expect(existsSync(config) ? readFileSync(config, 'utf8') : '').not.toContain(fixture.guarded.address);
    expect(stdout + stderr).not.toContain(login.password);
  }, 30_000);

  test('wrong: refused before anything is built', async () => {
    const { outputs, errors } = await fixture.run(fixture.guarded.address, {
      ...login,
      password: 'battery-staple',
    });
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toMatch(
      /^registry 127\.0\.0\.1:\d+ refused the login of pusher: .*\nCheck the inputs/s,
    );
  }, 30_000);

  test('none where one is needed: failed, with the remedy', async () => {
    const { outputs, errors } = await fixture.run(fixture.guarded.address);
    expect(outputs.outcome).toBe('failed');
    expect(errors[0]).toContain('Check the inputs "username" and "password"');
  }, 30_000);
});
