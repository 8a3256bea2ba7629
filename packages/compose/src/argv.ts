import * as path from 'node:path';
import type { ComposeConfig } from '@slipway/config';
import type { Command } from '@slipway/kernel';
import type { ProgramCommand } from '@slipway/platform';

/** Labels that Slipway puts on what it creates. */
export const labels = {
  release: 'dev.slipway.release',
  /** Of the volumes that hold the values of a register: which register it is. */
  register: 'dev.slipway.register',
  /** Of these volumes: whose value it is, and the Compose project that it is about. */
  app: 'dev.slipway.app',
  project: 'dev.slipway.project',
  environment: 'dev.slipway.environment',
  nonce: 'dev.slipway.nonce',
  /** The nonce of the value that was replaced by this one. */
  replaced: 'dev.slipway.replaced',
  summary: 'dev.slipway.summary',
  /** The value, in parts that are numbered from 0. */
  text: 'dev.slipway.text',
  /** Of a document: the application and environment that it belongs to. */
  documents: 'dev.slipway.documents',
} as const;

/** Command lines of one Compose project on one Docker host, as plain values. */
export interface ComposeCommands {
  docker(...args: string[]): Command;
  /** `override` is a further Compose file, merged over the others. */
  compose(override: string | null, ...args: string[]): Command;
  /** The same for a Compose file that takes the place of those of the configuration; its paths are relative as theirs are. */
  reading(file: string): ComposeCommands;
}

/** The programs that drive Compose. */
export type ComposeProgram = 'docker' | 'docker-compose';

/** Builds the commands. Secrets reach Compose through the environment of the step (its `${NAME}`), never by arguments. */
export function composeCommands(
  app: string,
  config: ComposeConfig,
  workspace: string,
  programs: Readonly<Record<ComposeProgram, ProgramCommand>>,
): ComposeCommands {
  const { host, files } = config;
  const at = { cwd: workspace, ...(host ? { env: { DOCKER_HOST: host } } : {}) };
  const project = ['--project-name', projectName(app, config)];
  // Compose takes the folder of the first file for that of the project.
  const folder = path.resolve(workspace, path.dirname(files[0] ?? ''));
  const of = (read: readonly string[], options: readonly string[]): ComposeCommands => ({
    docker: (...args) => ({ ...at, argv: [...programs.docker, ...args] }),
    compose: (override, ...args) => {
      const each = [...read, ...(override ? [override] : [])].flatMap((file) => ['--file', file]);
      const output = ['--ansi', 'never', '--progress', 'plain'];
      const argv: Command['argv'] = [
        ...programs['docker-compose'],
        ...output,
        ...project,
        ...options,
        ...each,
        ...args,
      ];
      return { ...at, argv };
    },
    reading: (file) => of([file], ['--project-directory', folder]),
  });
  return of(files, []);
}

/** The name of the Compose project. */
export function projectName(app: string, config: ComposeConfig): string {
  return config.project ?? app;
}

/** Filters of `docker ps` for the containers of a service, one-off `run` containers left out. */
export function serviceFilters(project: string, service: string): string[] {
  return [
    `label=com.docker.compose.project=${project}`,
    `label=com.docker.compose.service=${service}`,
    'label=com.docker.compose.oneoff=False',
  ].flatMap((filter) => ['--filter', filter]);
}
