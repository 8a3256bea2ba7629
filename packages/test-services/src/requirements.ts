import { existsSync } from 'node:fs';
import { locateChromium } from './chromium.ts';
import { engineAnswers } from './engine-probe.ts';
import { mayHaveGo } from './kubernetes/go.ts';
import { pluginFolder } from './kubernetes/network.ts';
import { mayHavePostgres17 } from './postgres-17.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { findProgram, isRoot, run } from './program.ts';

/** A real part that can be looked for and, on a Debian-like system, installed. */
export type Requirement =
  | 'engine'
  | 'compose'
  | 'buildx'
  | 'registry'
  | 'postgres'
  | 'postgres-17'
  | 'pgbouncer'
  | 'object-store'
  | 'sqitch'
  | 'age'
  | 'prometheus'
  | 'nginx'
  | 'chromium'
  | 'kubectl'
  | 'kubernetes'
  | 'kubernetes-build';

/** One thing a need consists of, and the packages that bring it, best first. */
export interface Piece {
  present(): Promise<boolean>;
  packages: string[];
  /** The plugin of Debian 13 to take when this system's packages have none that is new enough. */
  plugin?: 'docker-compose' | 'docker-buildx';
}

export interface Part {
  title: string;
  pieces: Piece[];
  /** How to get it where it is not installed for the user. */
  elsewhere: string;
}

const program = (packages: string[], ...names: string[]): Piece => ({
  packages,
  present: async () => findProgram(...names) !== undefined,
});

/** A running engine makes its own server program unnecessary; without one, only root can start one. */
const engineOr = (piece: Piece): Piece => ({
  ...piece,
  present: async () => (await engineAnswers()) || (isRoot() && (await piece.present())),
});

/**
 * Asked with a configuration folder that does not exist, because plugins in the user's own folder are out of sight
 * of a deployment, which logs in to registries with its own configuration.
 */
const plugin = (name: string): Piece['present'] => {
  return async () => {
    if (!findProgram('docker')) return false;
    const env = { DOCKER_CONFIG: '/nonexistent' };
    return (await run(['docker', name, 'version'], { env, timeoutMs: 30_000 })).code === 0;
  };
};

const perlModule = (name: string): Piece['present'] => {
  return async () =>
    findProgram('perl') !== undefined && (await run(['perl', `-M${name}`, '-e1'])).code === 0;
};

export const parts: Record<Requirement, Part> = {
  engine: {
    title: 'Docker Engine',
    pieces: [
      program(['docker-cli', 'docker.io'], 'docker'),
      engineOr(program(['docker.io'], 'dockerd')),
      engineOr(program(['iptables'], 'iptables')),
    ],
    elsewhere: 'install Docker and start it (https://docs.docker.com/engine/install/)',
  },
  compose: {
    title: 'Docker Compose v2, for all users',
    pieces: [
      {
        present: plugin('compose'),
        packages: ['docker-compose-v2', 'docker-compose-plugin', 'docker-compose'],
        plugin: 'docker-compose',
      },
    ],
    elsewhere:
      'put the plugin into /usr/local/lib/docker/cli-plugins (https://docs.docker.com/compose/install/linux/)',
  },
  buildx: {
    title: 'Docker buildx, for all users',
    pieces: [
      {
        present: plugin('buildx'),
        packages: ['docker-buildx', 'docker-buildx-plugin'],
        plugin: 'docker-buildx',
      },
    ],
    elsewhere:
      'put the plugin into /usr/local/lib/docker/cli-plugins (https://github.com/docker/buildx#installing)',
  },
  registry: {
    title: 'an image registry',
    pieces: [
      program(['docker-registry'], 'docker-registry', 'registry'),
      program(['apache2-utils'], 'htpasswd'),
    ],
    elsewhere: 'put `registry` (https://github.com/distribution/distribution/releases) and htpasswd on PATH',
  },
  postgres: {
    title: 'PostgreSQL, server and clients',
    pieces: [{ present: async () => findPostgresPrograms() !== undefined, packages: ['postgresql'] }],
    elsewhere: 'install PostgreSQL 13 or later with initdb on PATH (https://www.postgresql.org/download/)',
  },
  'postgres-17': {
    title: 'PostgreSQL 17, or what its packages are checked with',
    pieces: [{ present: async () => mayHavePostgres17(), packages: ['debian-archive-keyring'] }],
    elsewhere: 'install PostgreSQL 17 so that it is in /usr/lib/postgresql/17/bin',
  },
  pgbouncer: {
    title: 'PgBouncer',
    pieces: [program(['pgbouncer'], 'pgbouncer')],
    elsewhere: 'put `pgbouncer` on PATH (https://www.pgbouncer.org/install.html)',
  },
  sqitch: {
    title: 'sqitch, with its driver for PostgreSQL',
    pieces: [program(['sqitch'], 'sqitch'), { present: perlModule('DBD::Pg'), packages: ['libdbd-pg-perl'] }],
    elsewhere: 'install sqitch for PostgreSQL (https://sqitch.org/download/)',
  },
  age: {
    title: 'age, which decrypts backups',
    pieces: [program(['age'], 'age')],
    elsewhere: 'put `age` on PATH (https://github.com/FiloSottile/age)',
  },
  'object-store': {
    title: 'OpenStack Swift, which speaks S3',
    pieces: ['proxy', 'account', 'container', 'object'].map((server) =>
      program([`swift-${server}`], `swift-${server}-server`),
    ),
    elsewhere:
      'install the packages swift-proxy, swift-account, swift-container and swift-object of Debian or Ubuntu',
  },
  prometheus: {
    title: 'Prometheus',
    pieces: [program(['prometheus'], 'prometheus')],
    elsewhere: 'put `prometheus` on PATH (https://prometheus.io/download/)',
  },
  nginx: {
    title: 'nginx',
    pieces: [program(['nginx-light', 'nginx'], 'nginx')],
    elsewhere: 'install nginx (https://nginx.org/en/download.html); it need not run',
  },
  chromium: {
    title: 'Chromium',
    pieces: [{ present: async () => locateChromium() !== undefined, packages: ['chromium'] }],
    elsewhere: 'install Chromium or Chrome, or run `npx playwright-core install chromium`',
  },
  kubectl: {
    title: 'kubectl',
    pieces: [program(['kubernetes-client'], 'kubectl')],
    elsewhere: 'install kubectl (https://kubernetes.io/docs/tasks/tools/)',
  },
  kubernetes: {
    title: 'what our own Kubernetes runs with',
    pieces: [
      {
        present: async () => existsSync(`${pluginFolder}/bridge`),
        packages: ['containernetworking-plugins'],
      },
      ...['runc', 'iptables', 'openssl'].map((name) => program([name], name)),
      program(['iproute2'], 'ip'),
    ],
    elsewhere: 'install kind (https://kind.sigs.k8s.io/) or name a cluster with SLIPWAY_TEST_KUBECONFIG',
  },
  'kubernetes-build': {
    title: 'Go, or what the packages of Go are checked with',
    pieces: [{ present: mayHaveGo, packages: ['debian-archive-keyring'] }],
    elsewhere: 'install Go 1.21 or newer (https://go.dev/dl/)',
  },
};
