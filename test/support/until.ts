import { setTimeout as pause } from 'node:timers/promises';

type Seen<T> = Exclude<T, undefined | null | false | 0 | ''>;

/**
 * Asks until there is an answer: anything but undefined, null, false, 0 and ''. An error counts as none.
 * @param within Milliseconds. @param every Milliseconds between two questions; 0 for what exists for a moment only.
 * @throws Error that shows the question and the last error, when the answer never comes.
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  { within = 20_000, every = 10 }: { within?: number; every?: number } = {},
): Promise<Seen<T>> {
  let last: unknown;
  for (const end = Date.now() + within; Date.now() < end; await pause(every)) {
    try {
      const seen = await ask();
      if (seen) return seen as Seen<T>;
      last = undefined;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`never true: ${ask}`, { cause: last });
}
