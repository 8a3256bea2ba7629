import type { RunOptions } from '../options.ts';
import type { Workflow } from '../workflow/model.ts';

/** What the run was started with. `github.*` is always the caller's, also in a called workflow. */
export function githubContext(options: RunOptions, workflow: Workflow): Record<string, unknown> {
  const { repository, event } = options;
  const actor = options.actor ?? 'octocat';
  const [, kind, name = repository.ref] = /^refs\/(heads|tags|pull)\/(.+)$/.exec(repository.ref) ?? [];
  return {
    event_name: event.name,
    event: eventPayload(options),
    sha: repository.sha,
    ref: repository.ref,
    ref_name: name,
    ref_type: kind === 'tags' ? 'tag' : 'branch',
    ref_protected: false,
    head_ref: '',
    base_ref: '',
    repository: repository.name,
    repository_owner: repository.name.split('/')[0] ?? '',
    repositoryUrl: `git://github.com/${repository.name}.git`,
    run_id: String(options.runId ?? 1),
    run_number: '1',
    run_attempt: String(options.again?.attempt ?? 1),
    retention_days: '90',
    actor,
    triggering_actor: actor,
    workflow: workflow.name,
    workflow_ref: `${repository.name}/${workflow.path}@${repository.ref}`,
    workflow_sha: repository.sha,
    token: options.token ?? '',
    secret_source: 'Actions',
    server_url: serverUrl,
    api_url: options.apiUrl ?? 'https://api.github.com',
    graphql_url: `${options.apiUrl ?? 'https://api.github.com'}/graphql`,
  };
}

export const serverUrl = 'https://github.com';

/** The event as GITHUB_EVENT_PATH holds it. Inputs of a dispatch are text there, as on GitHub. */
export function eventPayload({ event, repository }: RunOptions): Record<string, unknown> {
  const [owner = '', name = ''] = repository.name.split('/');
  const about = { repository: { name, full_name: repository.name, owner: { login: owner } } };
  const inputs = Object.entries(event.inputs ?? {}).map(([key, value]) => [key, String(value)]);
  const own = event.payload && typeof event.payload === 'object' ? event.payload : {};
  const pushed =
    event.name === 'push' ? { ref: repository.ref, after: repository.sha } : { ref: repository.ref };
  return { ...about, ...pushed, ...(event.inputs ? { inputs: Object.fromEntries(inputs) } : {}), ...own };
}
