/** Programs that actions run, by the name that a pin has in the configuration. */
export type ProgramName = 'docker' | 'docker-compose' | 'docker-buildx' | 'kubectl' | 'pg_dump';

/** The start of a command line: the program, and the sub-command when it is a plug-in of another. */
export type CommandPrefix = readonly [program: string, ...args: string[]];

export interface CatalogueEntry {
  /** For messages. */
  title: string;
  /** Oldest version whose options the actions use. */
  minimum: string;
  /** Ways to call it, best first; `docker` stands for the Docker CLI that was found or pinned. */
  ways: readonly CommandPrefix[];
  /** Arguments that make it print its version without asking a server. */
  version: readonly string[];
  /** Matches the version in its output, when that is not the first number. */
  reads?: RegExp;
  /** How to get it, one sentence. */
  remedy: string;
}

/**
 * Minimums: Docker 20.10 is the oldest engine that Compose v2 supports; Compose 2.20 has `up --wait-timeout`; buildx
 * 0.10 writes `containerimage.digest` for what it pushes and knows `--provenance`; kubectl
 * 1.20 applies on the server, dry runs included.
 */
export const catalogue: Record<Exclude<ProgramName, 'pg_dump'>, CatalogueEntry> = {
  docker: {
    title: 'Docker CLI',
    minimum: '20.10.0',
    ways: [['docker']],
    version: ['--version'],
    remedy: 'Install Docker on the runner (docs.docker.com/engine/install)',
  },
  'docker-compose': {
    title: 'Docker Compose',
    minimum: '2.20.0',
    ways: [['docker', 'compose'], ['docker-compose']],
    version: ['version', '--short'],
    remedy: 'Install the package docker-compose-plugin on the runner',
  },
  'docker-buildx': {
    title: 'Docker Buildx',
    minimum: '0.10.0',
    ways: [['docker', 'buildx'], ['docker-buildx'], ['buildx']],
    version: ['version'],
    remedy: 'Install the package docker-buildx-plugin on the runner',
  },
  kubectl: {
    title: 'kubectl',
    minimum: '1.20.0',
    ways: [['kubectl']],
    version: ['version', '--client'],
    // Old ones print a Go value that begins with the major version alone.
    reads: /v\d+\.\d+\.\d+/,
    remedy: 'Install kubectl on the runner (kubernetes.io/docs/tasks/tools)',
  },
};

/** The clients of PostgreSQL that are taken of exactly the server's major version. */
export type PostgresProgram = 'pg_dump' | 'pg_restore' | 'pg_amcheck' | 'psql';

/** Where distributions install the clients of one PostgreSQL major version, in addition to PATH. */
export function postgresPaths(program: PostgresProgram, major: number): string[] {
  return [
    `/usr/lib/postgresql/${major}/bin/${program}`,
    `/usr/pgsql-${major}/bin/${program}`,
    `/opt/homebrew/opt/postgresql@${major}/bin/${program}`,
    `/usr/local/opt/postgresql@${major}/bin/${program}`,
    program,
  ];
}
