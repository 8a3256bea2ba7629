import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { describeError, Fault, UserError } from '@slipway/kernel';
import type { BackupStore } from '../store.ts';

/** A folder of this machine or a mounted volume, readable by this user alone. */
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
        throw new Fault(`the backup ${locate(name)} cannot be read: ${describeError(cause)}`, {
          cause,
          hint: 'Check that the file is still there and that this user may read it.',
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
    throw new UserError(`the backup folder ${folder} cannot be used: ${describeError(cause)}`, {
      cause,
      hint: 'Set database.backup.to to a folder that this user can write. Nothing was changed.',
    });
  }
}

async function putFile(folder: string, name: string, content: AsyncIterable<Buffer>): Promise<void> {
  const file = path.join(folder, name);
  const partial = `${file}.partial`;
  try {
    // Nobody else can read it at any time.
    const handle = await open(partial, 'wx', 0o600);
    try {
      for await (const chunk of content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // Unlike a rename, a link never replaces a backup that is there.
    await link(partial, file);
    await rm(partial);
    // The names have to survive a crash of the machine as well as the bytes.
    const names = await open(folder, 'r');
    await names.sync().finally(() => names.close());
  } catch (error) {
    await rm(partial, { force: true });
    throw explain(error, folder);
  }
}

/** Errors of the file system in words; whatever the content threw is left as it is. */
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
  return new Fault(`the backup cannot be written into ${folder}: ${describeError(error)}`, {
    cause: error,
    hint: 'Check the backup folder, or set database.backup.to to another one.',
  });
}
