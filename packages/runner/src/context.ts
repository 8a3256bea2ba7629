import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { type LoadedConfig, loadConfig, type Use } from '@slipway/config';
import { createExec, systemClock, UserError } from '@slipway/kernel';
import type { ReleaseRecord } from '@slipway/release';
import type { ActionContext, Run } from './action.ts';
import { headCommit } from './checkout.ts';
import * as core from './commands.ts';
import type { StepEnvironment } from './environment.ts';
import { ownRelease, readRecord } from './handed-record.ts';
import { stepHttp } from './http.ts';
import type { CommonInputs } from './inputs.ts';
import { stepLog } from './log.ts';

export interface Beginning<Inputs> {
  inputs: Inputs;
  step: StepEnvironment;
  signal: AbortSignal;
  saveRecord(record: ReleaseRecord): void;
}

/** Builds what the action works with, in the order in which mistakes should be reported: files, configuration, record. */
export async function buildContext<Inputs extends CommonInputs, Uses extends Use>(
  begin: Beginning<Inputs>,
  uses: readonly Uses[],
): Promise<ActionContext<Inputs, Uses>> {
  const { inputs, step, signal } = begin;
  const env = step.variables;
  const workspace = env.GITHUB_WORKSPACE ?? process.cwd();
  const exec = createExec({ env, signal, redactor: step.redactor });
  const config = readConfig(inputs, workspace, env, [...uses, 'network']);
  const log = stepLog(step.redactor);
  const run = describeRun(env, (await headCommit({ workspace, exec })) ?? '');
  const record = readRecord(inputs, config.app, run, env);
  return {
    inputs,
    config,
    record,
    run,
    env,
    workspace,
    signal,
    environment: inputs.environment,
    temp: mkdtempSync(path.join(env.RUNNER_TEMP ?? workspace, 'slipway-step-')),
    dryRun: inputs['dry-run'],
    log,
    exec,
    http: stepHttp({ network: config.network, env, workspace, log, redactor: step.redactor }),
    clock: systemClock,
    redactor: step.redactor,
    readConfig: (more) => readConfig(inputs, workspace, env, more),
    ownRelease: () => ownRelease(inputs, run, env),
    output: writeOutputs,
    saveRecord: begin.saveRecord,
  };
}

export function writeOutputs(outputs: Record<string, string>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

function readConfig<Uses extends Use>(
  inputs: CommonInputs,
  workspace: string,
  env: Record<string, string>,
  uses: readonly Uses[],
): LoadedConfig<Uses> {
  const file = path.resolve(workspace, inputs.config);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(`there is no configuration file ${inputs.config} in the workspace`, {
      hint: 'Check out the repository before this step, or set the input "config".',
    });
  }
  return loadConfig({
    file: inputs.config,
    text: readFileSync(file, 'utf8'),
    environment: inputs.environment,
    env,
    uses,
  });
}

function describeRun(env: Record<string, string>, head: string): Run {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = 'local' } = env;
  const repositoryUrl = server && repository ? `${server}/${repository}` : '';
  const sha = env.GITHUB_SHA ?? '';
  return {
    id,
    attempt: env.GITHUB_RUN_ATTEMPT ?? '1',
    job: env.GITHUB_JOB ?? '',
    runner: env.RUNNER_NAME ?? '',
    repository,
    repositoryUrl,
    actor: env.GITHUB_ACTOR ?? '',
    ref: env.GITHUB_REF ?? '',
    isHosted: env.RUNNER_ENVIRONMENT === 'github-hosted',
    apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
    commit: head || sha,
    head,
    sha,
    url: repositoryUrl && `${repositoryUrl}/actions/runs/${id}`,
  };
}
