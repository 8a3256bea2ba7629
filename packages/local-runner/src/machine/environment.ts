import type { RunOptions } from '../options.ts';
import type { Machine } from './machine.ts';

/** Members of the context `github` that every step finds as GITHUB_* as well. */
const published = [
  ...[
    'event_name',
    'sha',
    'ref',
    'ref_name',
    'ref_type',
    'ref_protected',
    'head_ref',
    'base_ref',
    'repository',
  ],
  ...[
    'repository_owner',
    'run_id',
    'run_number',
    'run_attempt',
    'retention_days',
    'actor',
    'triggering_actor',
  ],
  ...['workflow', 'workflow_ref', 'workflow_sha', 'job', 'action', 'server_url', 'api_url', 'graphql_url'],
];

/** What a step's process has before anything of the workflow: nothing of this process but how to find programs. */
export function baseEnvironment(options: RunOptions): Record<string, string> {
  const own = Object.fromEntries(
    ['PATH', 'HOME'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  return { LANG: 'C.UTF-8', ...own, ...options.baseEnv };
}

/** What the runner sets over everything that the workflow says. */
export function runnerEnvironment(github: Record<string, unknown>, machine: Machine): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ...Object.fromEntries(
      published.map((name) => [`GITHUB_${name.toUpperCase()}`, String(github[name] ?? '')]),
    ),
    GITHUB_WORKSPACE: machine.workspace,
    GITHUB_EVENT_PATH: machine.eventFile,
    ...Object.fromEntries(
      Object.entries(runnerContext(machine)).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value]),
    ),
  };
}

export function runnerContext(machine: Machine): Record<string, string> {
  const systems: Record<string, string> = { darwin: 'macOS', win32: 'Windows' };
  return {
    name: 'local',
    os: systems[process.platform] ?? 'Linux',
    arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
    environment: 'self-hosted',
    temp: machine.temp,
    tool_cache: machine.tools,
    workspace: machine.workspace,
  };
}
