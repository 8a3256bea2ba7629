import type { StoreCommands } from './program-store.ts';

/**
 * Google Cloud Storage by its CLI, logged in by google-github-actions/auth. `cp -` uploads stdin, `cat` prints an
 * object: cloud.google.com/storage/docs/streaming, cloud.google.com/sdk/gcloud/reference/storage. Pure.
 * @param url gs://bucket/prefix
 */
export function googleCommands(url: string): StoreCommands {
  const address = url.replace(/\/+$/, '');
  return {
    address,
    put: (name) => ['gcloud', 'storage', 'cp', '--no-clobber', '--quiet', '-', `${address}/${name}`],
    get: (name) => ['gcloud', 'storage', 'cat', `${address}/${name}`],
    list: {
      argv: ['gcloud', 'storage', 'ls', `${address}/`],
      names: (stdout) => stdout.split('\n').flatMap(lastPart),
      empty: /matched no objects/i,
    },
    delete: (name) => ['gcloud', 'storage', 'rm', '--quiet', `${address}/${name}`],
    hint: 'Log in with google-github-actions/auth in an earlier step; the account needs roles/storage.objectUser on the bucket.',
  };
}

/**
 * Azure Blob Storage: AzCopy streams (`--from-to PipeBlob` and `BlobPipe`, learn.microsoft.com/azure/storage/common/
 * storage-ref-azcopy-copy), with the login of the Azure CLI, which lists and deletes. Pure.
 * @param url azblob://account/container/prefix
 */
export function azureCommands(url: string): StoreCommands {
  const [account = '', container = '', ...rest] = url
    .replace(/^azblob:\/\//, '')
    .replace(/\/+$/, '')
    .split('/');
  const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`;
  const blob = (name: string): string => {
    const key = `${prefix}${name}`.split('/').map(encodeURIComponent).join('/');
    return `https://${account}.blob.core.windows.net/${container}/${key}`;
  };
  const where = ['--account-name', account, '--container-name', container, '--auth-mode', 'login'];
  return {
    address: url.replace(/\/+$/, ''),
    put: (name) => ['azcopy', 'copy', blob(name), '--from-to', 'PipeBlob'],
    get: (name) => ['azcopy', 'copy', blob(name), '--from-to', 'BlobPipe'],
    list: {
      argv: [
        'az',
        'storage',
        'blob',
        'list',
        ...where,
        '--prefix',
        prefix,
        '--num-results',
        '*',
        '--query',
        '[].name',
        '--output',
        'tsv',
      ],
      names: (stdout) =>
        stdout
          .split('\n')
          .flatMap((line) => (line.startsWith(prefix) ? line.slice(prefix.length).trim() || [] : []))
          // Objects in deeper folders belong to another store.
          .filter((name) => !name.includes('/')),
      // An empty store is an empty list, not an error.
      empty: /(?!)/,
    },
    delete: (name) => ['az', 'storage', 'blob', 'delete', ...where, '--name', `${prefix}${name}`],
    // AzCopy reports no reason when a pipe fails (github.com/Azure/azure-storage-azcopy/issues/1441).
    hint: 'Log in with azure/login in an earlier step; the identity needs the role Storage Blob Data Contributor on the container. AzCopy does not report why a stream fails: copy a file there by hand to see the reason.',
    env: { AZCOPY_AUTO_LOGIN_TYPE: 'AZCLI' },
  };
}

/** The name of an object in a line that holds its path; none for a folder. */
function lastPart(line: string): string | [] {
  return line.trim().split('/').at(-1) || [];
}

/** The user's own programs; `{name}` in an argument is replaced by the name of the object. Pure. */
export function ownCommands(
  put: readonly string[],
  get: readonly string[] | undefined,
  more: { list?: readonly string[] | undefined; delete?: readonly string[] | undefined } = {},
): StoreCommands {
  const { list, delete: remove } = more;
  const fill = (argv: readonly string[], name: string): [string, ...string[]] =>
    argv.map((word) => word.replaceAll('{name}', name)) as [string, ...string[]];
  return {
    address: `command:${put[0]}`,
    put: (name) => fill(put, name),
    get: get ? (name) => fill(get, name) : null,
    list: list
      ? { argv: fill(list, ''), names: (stdout) => stdout.split('\n').flatMap(lastPart), empty: /(?!)/ }
      : null,
    delete: remove ? (name) => fill(remove, name) : null,
    hint: 'Check database.backup.command, read-command and list-command: each object is one call, the manifest comes last, and the list has the names of all objects.',
  };
}
