import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { describeError, Fault, UserError } from '@slipway/kernel';
import type { BackupStore } from '../store.ts';

/** A folder on this machine or a mounted volume, readable by this user alone. */
export function fileStore(folder: string): BackupStore {
  const locate = (name: string): string => path.join(folder, name);
  return {
    address: folder,
    locate,
    prepare: (owner) => prepareFolder(folder, owner),
    put: (name, content) => putFile(folder, name, content),
    async *get(name) {
      try {
        for await (const chunk of createReadStream(locate(name), { highWaterMark: 256 * 1024 })) {
          yield chunk as Buffer;
        }
      } catch (cause) {
        throw new Fault(`cannot read the backup ${locate(name)}: ${describeError(cause)}`, {
          cause,
          hint: 'Check that the file exists and that this user can read it.',
        });
      }
    },
    list: () => readdir(folder).catch(() => []),
    deletes: true,
    delete: (name) => rm(locate(name), { force: true }),
  };
}

async function prepareFolder(folder: string, owner: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = (await readdir(folder)).filter(
      (name) => name.includes(`.${owner}.`) && name.endsWith('.partial'),
    );
    await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
  } catch (cause) {
    throw new UserError(`cannot use the backup folder ${folder}: ${describeError(cause)}`, {
      cause,
      hint: 'Set database.backup.to to a folder that this user can write to. Nothing was changed.',
    });
  }
}

async function putFile(folder: string, name: string, content: AsyncIterable<Buffer>): Promise<void> {
  const file = path.join(folder, name);
  const partial = `${file}.partial`;
  try {
    // Readable by nobody else at any time.
    const handle = await open(partial, 'wx', 0o600);
    try {
      for await (const chunk of content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link never replaces an existing backup.
    await link(partial, file);
    await rm(partial);
    // The names must survive a crash of the machine, as the bytes do.
    const names = await open(folder, 'r');
    await names.sync().finally(() => names.close());
  } catch (error) {
    await rm(partial, { force: true });
    throw explain(error, folder);
  }
}

/** Explains errors of the file system. Whatever the content threw stays as it is. */
function explain(error: unknown, folder: string): unknown {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const what = code === 'ENOSPC' ? 'No space left on device' : 'Disk quota exceeded';
    return new Fault(`${what} in the backup folder ${folder}`, {
      cause: error,
      hint: 'Free space in the backup folder, or set database.backup.to to another folder.',
    });
  }
  return new Fault(`cannot write the backup to ${folder}: ${describeError(error)}`, {
    cause: error,
    hint: 'Check the backup folder, or set database.backup.to to another folder.',
  });
}
