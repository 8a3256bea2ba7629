import { open } from 'node:fs/promises';
import { run } from './program.ts';

/** Every library that a program needs at run time, its loader included, as absolute paths; none for a static one. */
export async function librariesOf(program: string): Promise<string[]> {
  if (!(await isElf(program))) return [];
  const ldd = await run(['ldd', program]);
  return ldd.stdout.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

async function isElf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === '\x7fELF';
  } finally {
    await file.close();
  }
}
