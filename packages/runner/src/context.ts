import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { type LoadedConfig, loadConfig, type Use } from '@slipway/config';
import { createExec, parseVersion, systemClock, UserError } from '@slipway/kernel';
import { beginRelease, decodeRecord, mergeRecords, type ReleaseRecord } from '@slipway/release';
import type { ActionContext, Run } from './action.ts';
import { headCommit } from './checkout.ts';
import * as core from './commands.ts';
import type { StepEnvironment } from './environment.ts';
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

/** The version of the input, else of the tag of the run; empty when there is neither. */
function ownVersion(inputs: CommonInputs, env: Record<string, string>): string {
  const tag = env.GITHUB_REF_TYPE === 'tag' ? (env.GITHUB_REF_NAME ?? '') : '';
  const given = inputs.version || tag;
  return given === '' ? '' : parseVersion(given);
}

/** The id depends on the run and the version only: a re-run finds its own traces, and no lost output changes it. */
function ownRelease(inputs: CommonInputs, run: Run, env: Record<string, string>): string {
  return `${ownVersion(inputs, env) || 'release'}-${run.id}`;
}

/** The record handed over, or a new one. */
function readRecord(inputs: CommonInputs, app: string, run: Run, env: Record<string, string>): ReleaseRecord {
  const handed = inputs.release
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(decodeRecord)
    .reduce<ReleaseRecord | undefined>((all, one) => (all ? mergeRecords(all, one) : one), undefined);
  const given = inputs.version === '' ? '' : parseVersion(inputs.version);
  if (handed) {
    if (handed.app !== app || handed.environment !== inputs.environment) {
      throw new UserError(
        `input "release" belongs to ${handed.app} in ${handed.environment}, this step deploys ${app} in ${inputs.environment}`,
      );
    }
    if (given !== '' && handed.version !== '' && given !== handed.version) {
      throw new UserError(
        `input "version" is ${given}, but input "release" belongs to version ${handed.version}`,
        { hint: 'Leave the input "version" empty, or pass the record of the release of that version.' },
      );
    }
    return { ...handed, version: handed.version || given };
  }
  const version = ownVersion(inputs, env);
  const id = ownRelease(inputs, run, env);
  const { actor, url, commit } = run;
  return beginRelease({ id, app, environment: inputs.environment, version, commit, run: { actor, url } });
}
