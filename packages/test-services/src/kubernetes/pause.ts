import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importImage } from '../image.ts';
import { execOrThrow } from '../program.ts';

/** Keeps a pod's network while its containers come and go: waits for the end and takes orphans in. */
const source = `#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int signal) { _exit(0); }
static void reap(int signal) { while (waitpid(-1, 0, WNOHANG) > 0); }
int main(void) {
  struct sigaction ending = {.sa_handler = end}, reaping = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  sigaction(SIGINT, &ending, 0);
  sigaction(SIGTERM, &ending, 0);
  sigaction(SIGCHLD, &reaping, 0);
  for (;;) pause();
}
`;

/** Builds the program into `bin`, using `folder` for its source. */
export async function buildPause(folder: string, bin: string): Promise<void> {
  const file = join(folder, 'pause.c');
  await writeFile(file, source);
  await execOrThrow('compile the pause program', [
    'gcc',
    '-static',
    '-Os',
    '-s',
    '-o',
    join(bin, 'pause'),
    file,
  ]);
}

/** The image every pod's sandbox runs. */
export async function importPause(env: Record<string, string>, bin: string): Promise<string> {
  const tag = 'local/pause:1';
  const files = { '/pause': { from: join(bin, 'pause'), mode: 0o755 } };
  await importImage({ env }, tag, { files, config: { entrypoint: ['/pause'] } });
  return tag;
}
