import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import type { Origin } from './origin.ts';
import type { Permissions } from './permissions.ts';

/** Parts of a workflow keep their tokens until their expressions can be evaluated. */
export type Template = TemplateToken;

export interface RunDefaults {
  shell?: Template;
  workingDirectory?: Template;
}

export interface Step {
  id: string;
  line: number | undefined;
  name?: Template;
  condition?: Template;
  env?: Template;
  continueOnError?: Template;
  timeout?: Template;
  work: RunWork | UseWork;
}

export interface RunWork {
  kind: 'run';
  script: Template;
  shell?: Template;
  workingDirectory?: Template;
}

export interface UseWork {
  kind: 'uses';
  uses: string;
  with?: Template;
}

interface AnyJob {
  id: string;
  line: number | undefined;
  name?: Template;
  needs: string[];
  condition?: Template;
  permissions?: Permissions;
  concurrency?: Template;
}

export interface StepsJob extends AnyJob {
  kind: 'steps';
  runsOn?: Template;
  env?: Template;
  environment?: Template;
  outputs?: Template;
  defaults: RunDefaults;
  timeout?: Template;
  continueOnError?: Template;
  steps: Step[];
}

/** A job that calls another workflow. */
export interface CallJob extends AnyJob {
  kind: 'call';
  uses: string;
  with?: Template;
  secrets?: Template;
  /** Filled in when everything that the run may need has been read. */
  workflow?: Workflow;
}

export type Job = StepsJob | CallJob;

export interface Workflow {
  /** As messages name it: `.github/workflows/release.yml`, `OWNER/slipway/.github/workflows/deploy.yml@v1`. */
  file: string;
  origin: Origin;
  path: string;
  name: string;
  /** Events by name, with their filters. */
  events: Map<string, Template>;
  dispatch: CallInterface | undefined;
  call: CallInterface | undefined;
  permissions?: Permissions;
  env?: Template;
  jobs: Map<string, Job>;
}

export type InputType = 'string' | 'boolean' | 'number' | 'choice' | 'environment';

export interface InputDeclaration {
  type: InputType;
  required: boolean;
  default: Template | undefined;
  /** Of a choice. */
  options: string[];
}

/** What `workflow_call` or `workflow_dispatch` declares. */
export interface CallInterface {
  inputs: Map<string, InputDeclaration>;
  /** Names, and whether the caller must pass them. */
  secrets: Map<string, boolean>;
  outputs: Map<string, Template>;
}
