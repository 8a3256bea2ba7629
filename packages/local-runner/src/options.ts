import type { RunnerEvent, RunResult } from './events.ts';

/** What the settings of a repository say about one environment. */
interface EnvironmentSettings {
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  /** Somebody must approve every job that names it. */
  reviewers?: boolean;
  /** The refs whose jobs may name it, such as `refs/tags/v*`. Default: all. */
  refs?: readonly string[];
}

interface ApprovalRequest {
  environment: string;
  job: string;
}

export interface RunOptions {
  /** Path of the workflow file in the caller's repository, read at `repository.sha`. */
  workflow: string;
  /** The caller: `docsense/docsense`, its git checkout, the commit and the full ref of the event. */
  repository: { name: string; dir: string; sha: string; ref: string };
  /** Folders of other repositories that workflows name in `uses`; every ref of them is what lies there. */
  repositories?: Record<string, string>;
  /** Folder of this project: what `OWNER/slipway` stands for when `repositories` does not say. */
  self?: string;
  event: { name: string; payload?: unknown; inputs?: Record<string, unknown> };
  actor?: string;
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  environments?: Record<string, EnvironmentSettings>;
  approve?: (request: ApprovalRequest) => Promise<'approved' | 'rejected'>;
  apiUrl?: string;
  /** `github.token` and `secrets.GITHUB_TOKEN`. */
  token?: string;
  /** Environment of the machines next to PATH, HOME and LANG, e.g. DOCKER_HOST. Nothing else of this process goes in. */
  baseEnv?: Record<string, string>;
  /** Folder for workspaces, temporary files and artifacts. The caller removes it. */
  work: string;
  /** Aborting it cancels the run, as the button on GitHub does. */
  signal?: AbortSignal;
  on?: (event: RunnerEvent) => void;
  runId?: number;
  /** The run again, as the buttons of GitHub's page start it. */
  again?: RunAgain;
  /** `full`: nothing more can be uploaded, as when the quota of the account is used up. */
  artifactStorage?: 'full';
  /** For tests of this package. */
  timing?: Partial<Timing>;
}

/** Another attempt of a run that has ended. Its id stays; `failed` keeps what jobs that succeeded said. */
export interface RunAgain {
  /** 2 for the first repetition. */
  attempt: number;
  /** All jobs, or those that failed or were cancelled with all that need them. */
  jobs: 'all' | 'failed';
  /** How the attempt before it ended. */
  before: RunResult;
}

/** Milliseconds. The defaults are GitHub's. */
export interface Timing {
  /** From SIGINT to SIGTERM. */
  interrupt: number;
  /** From SIGTERM to SIGKILL. */
  terminate: number;
  /** From the cancellation of a run or job until everything that is left of it is killed. */
  overtime: number;
  /** What `timeout-minutes` counts. */
  minute: number;
}

export const githubTiming: Timing = {
  interrupt: 7500,
  terminate: 2500,
  overtime: 5 * 60_000,
  minute: 60_000,
};

export interface RunHandle {
  /** The forced cancellation: everything ends at once, and no `if` is asked, not even one with `always()`. */
  forceCancel(): void;
  /** Rejects with a UserError when GitHub would not have started the run, or something in it is not known here. */
  done: Promise<RunResult>;
  /** Kills the machine under a running job: no step of it runs on, nothing is handed over. @throws UserError when it has none. */
  loseMachine(job: string): void;
}
