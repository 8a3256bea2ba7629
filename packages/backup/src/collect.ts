import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that may go through a stream between two collections. */
const every = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Called with what goes through a stream of any length, keeps the memory of the process flat. A stream makes hardly an
 * object that V8 sees: its buffers lie outside of the heap, and tens of megabytes of them can pile up before V8 looks.
 */
export function createCollector(): (bytes: number) => void {
  let since = 0;
  return (bytes) => {
    since += bytes;
    if (since < every) return;
    since = 0;
    collect ??= exposeCollect();
    collect({ type: 'minor' });
  };
}

/** What `node --expose-gc` has from the start; the command line of an action is not ours. */
function exposeCollect(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
