import { createInterface } from 'node:readline';
import type { Exec } from '@slipway/kernel';
import type { StateStore } from '@slipway/platform';
import { openStore, type StorePlace } from './open-store.ts';

/** What one process does with the state of a store. */
export interface StoreJob {
  place: StorePlace;
  /** Of the process, for the values that it writes. */
  id: string;
  /**
   * `first`: writes the first value, once. `count`: reads a number and replaces it by the next one, until that succeeded
   * `times` times. `die`: writes, and is killed when the command that creates the value has finished.
   */
  act: 'first' | 'count' | 'die';
  times?: number;
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

async function count({ state }: StateStore, times: number): Promise<number> {
  let conflicts = 0;
  for (let done = 0; done < times; ) {
    const read = await state.read();
    const next = String(Number(read?.text ?? '0') + 1);
    if ((await state.replace(next, read?.version ?? null)) === 'replaced') done += 1;
    else conflicts += 1;
  }
  return conflicts;
}

async function act({ id, act: what, times = 1 }: StoreJob, store: StateStore): Promise<string> {
  if (what === 'count') return String(await count(store, times));
  const expected = what === 'first' ? null : ((await store.state.read())?.version ?? null);
  return store.state.replace(id, expected);
}

// Everything is loaded when it says so; a line of input starts it, so that many can start at once.
const job: StoreJob = JSON.parse(process.argv[2] ?? '');
const store = await openStore(job.place, job.act === 'die' ? lethal : undefined);
console.log('ready');
for await (const _ of createInterface(process.stdin)) break;
console.log(await act(job, store));
process.exit();
