import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import {
  type Engine,
  importImage,
  provision,
  type Registry,
  startEngine,
  startRegistry,
} from '@slipway/test-services';
import { type BundleResult, type BundleRun, runBundle } from './action.ts';

/** Of the registry `guarded`. */
export const login = { username: 'pusher', password: 'correct-horse' };
/** With a shell, for a step that runs a command. */
export const base = 'local/slipway-build-push:1';
export const app = `buildpush${process.pid}`;
/** Of this run alone: what it built is found by it and removed. */
export const commit = `0123456789ab${String(process.pid).padStart(28, '0')}`;

/** Two services, an engine that builds them, a registry for anybody and one with a login. */
export interface BuildFixture {
  engine: Engine;
  open: Registry;
  guarded: Registry;
  home: string;
  /** New for each test, by `renew`. */
  workspace: string;
  renew(): void;
  /** @param more further lines of the configuration */
  run(
    address: string,
    inputs?: Record<string, string>,
    more?: string,
    started?: BundleRun['started'],
  ): Promise<BundleResult>;
  docker(...args: string[]): string;
  dockerfile(service: string, ...lines: string[]): void;
  /** Of a tag in the open registry; null when it has none. */
  digestOf(repository: string, tag: string): Promise<string | null>;
  stop(): Promise<void>;
}

export async function startBuildFixture(): Promise<BuildFixture> {
  await provision(['engine', 'compose', 'buildx', 'registry'], () => {});
  const engine = await startEngine(() => {});
  const [open, guarded] = await Promise.all([startRegistry(), startRegistry({ auth: login })]);
  await importImage(engine, base, { files: { '/bin/sh': { from: '/bin/sh' } } });
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-home-'));
  const docker = (...args: string[]): string =>
    execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, ...engine.env } }).trim();
  const fixture: BuildFixture = {
    engine,
    open,
    guarded,
    home,
    workspace: '',
    docker,
    renew() {
      if (fixture.workspace) rmSync(fixture.workspace, { recursive: true, force: true });
      fixture.workspace = mkdtempSync(path.join(tmpdir(), 'slipway-build-push-'));
      mkdirSync(path.join(fixture.workspace, '.github'));
      for (const service of ['backend', 'frontend']) {
        mkdirSync(path.join(fixture.workspace, service));
        fixture.dockerfile(service, 'FROM scratch', 'ARG VERSION', 'COPY content /', 'ENV VERSION=$VERSION');
        writeFileSync(path.join(fixture.workspace, service, 'content'), `${service} of ${app}\n`);
      }
    },
    dockerfile(service, ...lines) {
      writeFileSync(path.join(fixture.workspace, service, 'Dockerfile'), `${lines.join('\n')}\n`);
    },
    run(address, inputs = {}, more = '', started = () => {}) {
      const { workspace } = fixture;
      const service = (name: string): string =>
        `${name}: {image: ${address}/${name}, build: {context: ${name}}}`;
      const text = `app: ${app}\nservices:\n  ${service('backend')}\n  ${service('frontend')}\n${more}`;
      writeFileSync(path.join(workspace, '.github/slipway.yml'), text);
      const env = { ...engine.env, HOME: home, GITHUB_SHA: commit, GITHUB_RUN_ID: '1' };
      const given = { version: inputs.promote ? '' : '1.2.0', ...inputs };
      return runBundle('build-push', { inputs: given, env, workspace, started });
    },
    async digestOf(repository, tag) {
      const types = ['index.v1', 'manifest.v1'].map((type) => `application/vnd.oci.image.${type}+json`);
      const accept = [...types, 'application/vnd.docker.distribution.manifest.v2+json'].join(', ');
      const url = `http://${open.address}/v2/${repository}/manifests/${tag}`;
      const reply = await fetch(url, { headers: { accept } });
      return reply.ok ? reply.headers.get('docker-content-digest') : null;
    },
    async stop() {
      await Promise.all([open.stop(), guarded.stop()]);
      const label = `label=org.opencontainers.image.revision=${commit}`;
      const built = docker('image', 'ls', '--quiet', '--filter', label).split('\n').filter(Boolean);
      docker('image', 'rm', '--force', base, ...new Set(built));
      const volumes = docker('volume', 'ls', '--quiet', '--filter', `name=slipway-${app}`).split('\n');
      for (const name of volumes) if (name) docker('volume', 'rm', name);
      await engine.stop();
      for (const folder of [fixture.workspace, home])
        if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
  return fixture;
}
