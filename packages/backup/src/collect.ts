import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of a stream between two garbage collections. */
const every = 4 * 1024 * 1024;

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Called with the length of each chunk, keeps the memory of the process flat. The buffers of a stream are outside of the
 * heap, so that tens of megabytes can pile up before V8 collects them.
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

/** Does what `node --expose-gc` does: an action cannot choose Node's command line. */
function exposeCollect(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
