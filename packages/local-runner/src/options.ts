import type { RunnerEvent } from './events.ts';

export interface EnvironmentSettings {
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  /** Whether somebody must approve a job that names it. */
  reviewers?: boolean;
}

export interface RunOptions {
  /** Path of the workflow file in the caller's repository. */
  workflow: string;
  repository: { name: string; dir: string; sha: string; ref: string };
  /** Remote repositories that workflows name, as folders: `OWNER/slipway` to a checkout. */
  repositories: Readonly<Record<string, string>>;
  event: { name: string; inputs?: Record<string, unknown>; payload?: Record<string, unknown> };
  actor?: string;
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  environments?: Record<string, EnvironmentSettings>;
  approve?: (request: { environment: string; job: string }) => Promise<'approved' | 'rejected'>;
  apiUrl?: string;
  token?: string;
  /** Environment of the machine beside PATH and HOME, e.g. DOCKER_HOST. */
  baseEnv?: Record<string, string>;
  /** Folder for workspaces, temporary files and artifacts. The caller removes it. */
  work: string;
  /** Aborting it cancels the run, as the button on GitHub does. */
  signal?: AbortSignal;
  on?: (event: RunnerEvent) => void;
  runId?: number;
  /** GitHub's 7.5 s and 2.5 s, shorter in tests of the runner itself. */
  grace?: { interrupt: number; terminate: number };
}
