/** Inputs of the third-party actions that our workflows name, at the pinned versions; outputs where they are used. */
interface PinnedAction {
  description: string;
  inputs: readonly string[];
  outputs: readonly string[];
}

export const pinnedActions: ReadonlyMap<string, PinnedAction> = new Map([
  [
    'actions/checkout',
    {
      description: 'Checks out a repository',
      inputs: [
        ...['repository', 'ref', 'token', 'ssh-key', 'ssh-known-hosts', 'ssh-strict', 'ssh-user', 'path'],
        ...['persist-credentials', 'clean', 'filter', 'sparse-checkout', 'sparse-checkout-cone-mode', 'lfs'],
        ...['fetch-depth', 'fetch-tags', 'show-progress', 'submodules', 'set-safe-directory'],
        'github-server-url',
      ],
      outputs: ['ref', 'commit'],
    },
  ],
  [
    'actions/upload-artifact',
    {
      description: 'Keeps files of a run',
      inputs: [
        ...['name', 'path', 'if-no-files-found', 'retention-days', 'compression-level', 'overwrite'],
        ...['include-hidden-files', 'archive'],
      ],
      outputs: ['artifact-id', 'artifact-url', 'artifact-digest'],
    },
  ],
  [
    'actions/download-artifact',
    {
      description: 'Fetches files of a run',
      inputs: [
        ...[
          'name',
          'artifact-ids',
          'path',
          'pattern',
          'merge-multiple',
          'github-token',
          'repository',
          'run-id',
        ],
        ...['skip-decompress', 'digest-mismatch'],
      ],
      outputs: ['download-path'],
    },
  ],
]);
