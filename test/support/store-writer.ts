import { createInterface } from 'node:readline';
import { type Exec, Fault } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import { openStore, type StoreLocation } from './open-store.ts';

/** What one process does with the state of a store. */
export interface StoreJob {
  location: StoreLocation;
  /**
   * `race`: writes 0 as the first value, and then reads a number and replaces it by the next one until that succeeded
   * twice; prints how the first write ended. `die`: writes a value, and is killed when the command that creates it has
   * finished.
   */
  act: 'race' | 'die';
}

/** Ends this process as a lost machine would, once a command has written something. */
function lethal(exec: Exec): Exec {
  return async (command, options) => {
    const result = await exec(command, options);
    if (command.argv.some((word) => ['create', 'replace'].includes(word)))
      process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

async function race({ state }: StateStore): Promise<string> {
  const first = await state.replace('0', null);
  for (let counted = 0; counted < 2; ) {
    const read = await state.read();
    const next = `${Number.parseInt(read?.text ?? '', 10) + 1} by ${process.pid}`;
    const result = await state.replace(next, read?.version ?? null).catch(async (error: unknown) => {
      // It is unknown what became of the write, which happens when many others write at once: the next read shows it.
      if (!(error instanceof Fault)) throw error;
      return (await state.read())?.text === next ? 'replaced' : 'conflict';
    });
    if (result === 'replaced') counted += 1;
  }
  return first;
}

async function die({ state }: StateStore): Promise<string> {
  return state.replace('dead', (await state.read())?.version ?? null);
}

// Everything is loaded when it says so; a line of input starts it, so that many can start at once.
const job: StoreJob = JSON.parse(process.argv[2] ?? '');
const store = await openStore(job.location, job.act === 'die' ? lethal : undefined);
console.log('ready');
for await (const _ of createInterface(process.stdin)) break;
console.log(await (job.act === 'race' ? race(store) : die(store)));
process.exit();
