import type { LoadedConfig, Use } from '@slipway/config';
import type { Clock, Exec, Http, Log, Outcome, OutsideText, Redactor } from '@slipway/kernel';
import type { Evidence, ReleaseRecord } from '@slipway/release';
import type * as z from 'zod';
import type { InputSchema, InputsOf } from './inputs.ts';

/** How an action finished, for its outputs, its record, its summary and its exit code. */
export interface Result {
  outcome: Outcome;
  /** An inconclusive end that the configuration lets pass: exit code 0, and a warning in place of the error. */
  tolerated?: boolean;
  /** One sentence: what happened, and on failure what, where and why. */
  summary: string;
  /** Lines that show more than the sentence: the end of a log, the steps of a plan. Bounded where they are printed. */
  details?: readonly (string | OutsideText)[];
  /** What to do next; printed with a failure. */
  hint?: string;
  /** The record extended by what the action learned. The runner adds the phase. Default: the record saved last. */
  record?: ReleaseRecord;
  evidence?: Evidence;
  /** The action's own outputs, written as they are: names, digests and numbers for other steps, no free text. */
  outputs?: Record<string, string>;
}

export interface Run {
  /** Stays the same when the run is run again. */
  id: string;
  attempt: string;
  /** Its id in the workflow; empty outside one. */
  job: string;
  /** Name of the runner that executes the job; empty outside one. */
  runner: string;
  repository: string;
  /** Web page of the repository, or empty outside GitHub. */
  repositoryUrl: string;
  actor: string;
  /** The branch or tag, `refs/tags/v1.4.0`; empty outside a run. */
  ref: string;
  /** One of GitHub's own machines, not a self-hosted one. */
  isHosted: boolean;
  apiUrl: string;
  /** What is released: the commit that is checked out, or the one that the run is for where there is no checkout. */
  commit: string;
  /** The commit that is checked out; empty when the workspace is not a git checkout. */
  head: string;
  /** The commit, or the annotated tag, that GitHub started the run for. */
  sha: string;
  /** Page of the run, or empty outside GitHub. */
  url: string;
}

/** Everything an action may touch; nothing below reads the process environment itself. */
export interface ActionContext<Inputs, Uses extends Use> {
  inputs: Inputs;
  config: LoadedConfig<Uses>;
  environment: string;
  record: ReleaseRecord;
  run: Run;
  env: Readonly<Record<string, string>>;
  /** Root of the checked-out repository. */
  workspace: string;
  /** The step's own folder, removed when it finishes. */
  temp: string;
  dryRun: boolean;
  signal: AbortSignal;
  log: Log;
  exec: Exec;
  http: Http;
  clock: Clock;
  redactor: Redactor;
  /** Reads more of the configuration. @throws UserError as the loading of the declared sections does. */
  readConfig<More extends Use>(uses: readonly More[]): LoadedConfig<More>;
  /** Id of the release of this run, whatever record was passed. @throws UserError when the tag of the run names none. */
  ownRelease(): string;
  /** Writes outputs at once, so that they are there even when the process is killed in the next moment. */
  output(outputs: Record<string, string>): void;
  /** Saves the record as it now is: it becomes the output when the action fails later. */
  saveRecord(record: ReleaseRecord): void;
}

export interface Action<Shape extends z.ZodRawShape, Uses extends Use> {
  /** Folder name of the action, and name of its phase unless `phase` says otherwise. */
  name: string;
  phase?: (inputs: InputsOf<Shape>) => string;
  inputs: InputSchema<Shape>;
  /** Whether it works with the sources in the workspace, which must then be those of the release. Default: no. */
  usesSources?: (inputs: InputsOf<Shape>) => boolean;
  /** Sections of the configuration that are read; their `${NAME}` must be set. */
  uses: readonly Uses[];
  main(context: ActionContext<InputsOf<Shape>, Uses>): Promise<Result>;
}

/** Turns the record into what people read; the record holds no secret any more. */
export type Render = (record: ReleaseRecord) => { markdown: string; html: string };

/** Loads the renderer: first while the action waits for other systems, again when there is something to render. */
export type LoadReport = () => Promise<{ render: Render }>;
