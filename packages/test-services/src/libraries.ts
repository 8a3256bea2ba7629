import { open } from 'node:fs/promises';
import { UserError } from '@slipway/kernel';
import { execOrThrow } from './program.ts';

/** Every library that these programs need at run time, the loader included; what is not a program counts for nothing. */
export async function librariesOf(paths: string[]): Promise<string[]> {
  const programs: string[] = [];
  for (const path of paths) if (await isDynamic(path)) programs.push(path);
  if (programs.length === 0) return [];
  // Named by absolute path and more than one at a time, ldd heads each list with the program's path and a colon.
  const listed = await execOrThrow('list the libraries of programs', ['ldd', ...programs]);
  const lost = /^\s*(\S+) => not found/m.exec(listed);
  if (lost) throw new UserError(`the library ${lost[1]} of a program for an image is not installed`);
  const libraries = listed
    .split('\n')
    .flatMap((line) => /^\s+(?:\S+ => )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(libraries)];
}

/** An ELF file that asks for a loader (program header PT_INTERP); ldd fails on the others. */
async function isDynamic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer: head } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    if (head.toString('latin1', 0, 4) !== '\x7fELF' || head[4] !== 2) return false;
    const [start, size, count] = [
      Number(head.readBigUInt64LE(32)),
      head.readUInt16LE(54),
      head.readUInt16LE(56),
    ];
    const interpreter = 3;
    return Array.from({ length: count }, (_, n) => start + n * size).some(
      (at) => at + 4 <= head.length && head.readUInt32LE(at) === interpreter,
    );
  } finally {
    await file.close();
  }
}
