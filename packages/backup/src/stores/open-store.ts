import * as path from 'node:path';
import { type Clock, type Exec, type Http, type Redactor, UserError } from '@slipway/kernel';
import type { BackupStore } from '../store.ts';
import { azureCommands, googleCommands, ownCommands } from './cloud-commands.ts';
import { fileStore } from './file-store.ts';
import { programStore } from './program-store.ts';
import { s3Store } from './s3-store.ts';

/** The destination of backups, as `database.backup` has it. */
export interface StoreTarget {
  /** A folder, `file:…`, `s3://bucket/prefix`, `gs://bucket/prefix` or `azblob://account/container/prefix`. */
  to: string;
  /** Instead of `to`: a program that takes each object on its stdin. */
  command?: readonly string[] | undefined;
  /** Gives it back on its stdout. */
  'read-command'?: readonly string[] | undefined;
  /** Prints the names of all objects. */
  'list-command'?: readonly string[] | undefined;
  'delete-command'?: readonly string[] | undefined;
  endpoint?: string | undefined;
  region?: string | undefined;
}

export interface StoreStep {
  /** Base of relative folders. */
  workspace: string;
  env: Readonly<Record<string, string>>;
  exec: Exec;
  http: Http;
  clock: Clock;
  signal: AbortSignal;
  redactor: Redactor;
}

/** Opens the store without sending anything. @throws UserError for an unsupported address. */
export function openStore(target: StoreTarget, step: StoreStep): BackupStore {
  if (target.command) {
    const more = { list: target['list-command'], delete: target['delete-command'] };
    return programStore(ownCommands(target.command, target['read-command'], more), step);
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/.exec(target.to)?.[1];
  switch (scheme) {
    case undefined:
      return fileStore(path.resolve(step.workspace, target.to));
    case 'file':
      return fileStore(path.resolve(step.workspace, target.to.replace(/^file:(?:\/\/(?=\/))?/, '')));
    case 's3': {
      const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(target.to) ?? [];
      if (!bucket) break;
      const region = target.region ?? step.env.AWS_REGION ?? step.env.AWS_DEFAULT_REGION ?? 'us-east-1';
      const endpoint = target.endpoint ?? step.env.AWS_ENDPOINT_URL_S3 ?? step.env.AWS_ENDPOINT_URL;
      return s3Store({ bucket, prefix, region, ...(endpoint ? { endpoint } : {}), ...step });
    }
    case 'gs':
      return programStore(googleCommands(target.to), step);
    case 'azblob':
      return programStore(azureCommands(target.to), step);
  }
  throw new UserError(`unsupported backup destination: ${target.to}`, {
    hint: 'Set database.backup.to to a folder, s3://bucket/prefix, gs://bucket/prefix or azblob://account/container/prefix.',
  });
}
