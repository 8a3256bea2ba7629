import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { RunOptions } from './options.ts';

/** The folders of one job: a fresh machine, but for the tool cache. */
export interface Machine {
  workspace: string;
  temp: string;
  tools: string;
  eventFile: string;
}

export async function prepareMachine(work: string, job: string, options: RunOptions): Promise<Machine> {
  const dir = path.join(work, job);
  const machine = {
    workspace: path.join(dir, 'workspace'),
    temp: path.join(dir, 'temp'),
    tools: path.join(work, 'tools'),
    eventFile: path.join(dir, 'event.json'),
  };
  for (const folder of [machine.workspace, machine.temp, machine.tools])
    await mkdir(folder, { recursive: true });
  await writeFile(machine.eventFile, JSON.stringify(eventPayload(options)));
  return machine;
}

export function eventPayload(options: RunOptions): Record<string, unknown> {
  return { ...options.event.payload, ...(options.event.inputs ? { inputs: options.event.inputs } : {}) };
}

/** The context `github`, which is always the caller's. */
export function githubContext(options: RunOptions, job: string, machine?: Machine): Record<string, unknown> {
  const { repository } = options;
  const refType = repository.ref.startsWith('refs/tags/') ? 'tag' : 'branch';
  return {
    event_name: options.event.name,
    event: eventPayload(options),
    sha: repository.sha,
    ref: repository.ref,
    ref_name: repository.ref.replace(/^refs\/(?:heads|tags)\//, ''),
    ref_type: refType,
    repository: repository.name,
    repository_owner: repository.name.split('/')[0] ?? '',
    run_id: String(options.runId ?? 1),
    run_number: '1',
    run_attempt: '1',
    actor: options.actor ?? 'somebody',
    triggering_actor: options.actor ?? 'somebody',
    workflow: options.workflow,
    job,
    token: options.token ?? '',
    api_url: options.apiUrl ?? 'https://api.github.com',
    server_url: 'https://github.com',
    ...(machine ? { workspace: machine.workspace } : {}),
  };
}

/** Environment that every process of a job gets; nothing else of this machine's is handed on. */
export function machineEnvironment(
  options: RunOptions,
  job: string,
  machine: Machine,
): Record<string, string> {
  const github = githubContext(options, job, machine);
  const names = [
    ...[
      'event_name',
      'sha',
      'ref',
      'ref_name',
      'ref_type',
      'repository',
      'repository_owner',
      'run_id',
      'run_number',
    ],
    ...['run_attempt', 'actor', 'triggering_actor', 'workflow', 'job', 'api_url', 'server_url', 'workspace'],
  ];
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_PATH: machine.eventFile,
    RUNNER_TEMP: machine.temp,
    RUNNER_TOOL_CACHE: machine.tools,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'self-hosted',
    ...Object.fromEntries(names.map((name) => [`GITHUB_${name.toUpperCase()}`, String(github[name])])),
    ...options.baseEnv,
  };
}
