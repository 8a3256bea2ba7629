import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseImage } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import {
  decodeRecord,
  emptyState,
  encodeRecord,
  encodeState,
  parseState,
  provenRelease,
} from '@slipway/release';
import { app, type BuildFixture, startBuildFixture } from '../support/build-fixture.ts';
import { openStore } from '../support/open-store.ts';
import { releaseEntry } from '../support/releases.ts';

let fixture: BuildFixture;
beforeAll(async () => {
  fixture = await startBuildFixture();
}, 120_000);
beforeEach(() => fixture.renew());
afterAll(() => fixture?.stop(), 60_000);

describe('promote', () => {
  const compose = 'compose: {files: [compose.yml]}\n';

  function target(): Promise<StateStore> {
    const services = 'services: {backend: {image: x}, frontend: {image: x}}\n';
    writeFileSync(path.join(fixture.workspace, 'compose.yml'), services);
    const config = { files: ['compose.yml'] };
    return openStore({ target: { name: 'compose', config }, env: fixture.engine.env, app });
  }

  test('moves latest to the very same digests and marks the release as proven', async () => {
    const built = await fixture.run(fixture.open.address, { version: '2.0.0' });
    const store = await target();
    const record = decodeRecord(built.outputs.release ?? '');
    const serving = releaseEntry({ sequence: 1, id: record.id, version: '2.0.0', phase: 'serving' });
    const state = { ...emptyState(app, 'production'), sequence: 1, releases: [serving] };
    expect(await store.state.replace(encodeState(state, 'test'), null)).toBe('replaced');
    const inputs = { promote: 'true', release: built.outputs.release ?? '' };
    const promoted = await fixture.run(fixture.open.address, inputs, compose);
    expect(promoted.errors).toEqual([]);
    for (const service of ['backend', 'frontend']) {
      expect(await fixture.digestOf(service, 'latest')).toBe(record.services[service]?.digest);
    }
    expect(decodeRecord(promoted.outputs.release ?? '').verdict).toBe('verified');
    const written = (await store.state.read())?.text ?? '';
    expect(provenRelease(parseState(written, app, 'production'))?.id).toBe(record.id);
    const again = await fixture.run(fixture.open.address, inputs, compose);
    expect(again.code).toBe(0);
  }, 60_000);

  test('with "proven", moves latest to what is proven on the target, as after a rollback', async () => {
    const built = await fixture.run(fixture.open.address, { version: '2.5.0' });
    const digests = JSON.parse(built.outputs.digests ?? '') as Record<string, string>;
    expect(await fixture.digestOf('backend', 'latest')).not.toBe(digests.backend);
    const store = await target();
    const proven = (repository: string): string => {
      const image = parseImage(`${repository}/backend@${digests.backend}`);
      const services = { backend: { image, release: '2.5.0-1' } };
      const entry = releaseEntry({ sequence: 1, version: '2.5.0', services });
      return encodeState({ ...emptyState(app, 'production'), sequence: 1, releases: [entry] }, 'test');
    };
    const write = async (text: string): Promise<void> => {
      const before = await store.state.read();
      expect(await store.state.replace(text, before?.version ?? null)).toBe('replaced');
    };
    await write(proven('elsewhere.example'));
    const refused = await fixture.run(fixture.open.address, { promote: 'proven' }, compose);
    expect(refused.errors[0]).toContain('images from repositories that the configuration does not name');
    await write(proven(fixture.open.address));
    const planned = await fixture.run(
      fixture.open.address,
      { promote: 'proven', 'dry-run': 'true' },
      compose,
    );
    expect(planned.outputs.summary).toMatch(/^Dry run: latest would move to backend \(sha256:/);
    expect(await fixture.digestOf('backend', 'latest')).not.toBe(digests.backend);
    const moved = await fixture.run(fixture.open.address, { promote: 'proven' }, compose);
    expect(moved).toMatchObject({ code: 0, outputs: { outcome: 'passed' } });
    expect(await fixture.digestOf('backend', 'latest')).toBe(digests.backend);
  }, 60_000);

  test('of a release that the target does not run is refused and moves nothing', async () => {
    const built = await fixture.run(fixture.open.address, { version: '3.0.0' });
    const before = await fixture.digestOf('backend', 'latest');
    await target();
    const inputs = { promote: 'true', release: built.outputs.release ?? '' };
    const { outputs, errors } = await fixture.run(fixture.open.address, inputs, compose);
    expect(outputs.outcome).toBe('refused');
    expect(errors[0]).toContain('the target does not run release 3.0.0-1');
    expect(await fixture.digestOf('backend', 'latest')).toBe(before);
  }, 60_000);

  test('an index keeps its digest too', async () => {
    const built = await fixture.run(fixture.open.address, { version: '4.0.0' });
    const record = decodeRecord(built.outputs.release ?? '');
    const member = record.services.backend?.digest;
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { mediaType: 'application/vnd.docker.distribution.manifest.v2+json', digest: member, size: 1 },
      ],
    });
    const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const put = await fetch(`http://${fixture.open.address}/v2/backend/manifests/index`, {
      method: 'PUT',
      headers,
      body: index,
    });
    const digest = put.headers.get('docker-content-digest');
    expect(put.status).toBe(201);
    Object.assign(record.services.backend ?? {}, { digest });
    const { errors } = await fixture.run(fixture.open.address, {
      promote: 'true',
      release: encodeRecord(record),
    });
    expect(errors).toEqual([]);
    expect(await fixture.digestOf('backend', 'latest')).toBe(digest);
  }, 30_000);

  test('a digest that the registry has lost moves no tag', async () => {
    const built = await fixture.run(fixture.open.address, { version: '5.0.0' });
    const record = decodeRecord(built.outputs.release ?? '');
    const before = await fixture.digestOf('backend', 'latest');
    Object.assign(record.services.frontend ?? {}, { digest: `sha256:${'0'.repeat(64)}` });
    const { outputs, errors } = await fixture.run(fixture.open.address, {
      promote: 'true',
      release: encodeRecord(record),
    });
    expect(outputs.outcome).toBe('failed');
    expect(errors[0]).toContain('of frontend; no tag was moved');
    expect(await fixture.digestOf('backend', 'latest')).toBe(before);
  }, 30_000);
});
