import { type Clock, Fault, retry } from '@slipway/kernel';
import type { Register, RegisterValue } from '@slipway/platform';

/** A target that restarts or a network that drops a connection is asked again for a minute. */
const retries = { maxAttempts: 8, firstDelayMs: 500, maxDelayMs: 15_000, deadlineMs: 60_000 };

interface Waiting {
  clock: Clock;
  signal: AbortSignal;
}

/** Reads a register. @throws Fault when the target has not answered for a minute; Cancelled. */
export async function readRegister(register: Register, waiting: Waiting): Promise<RegisterValue | null> {
  const read = await retry<RegisterValue | null, Fault>(
    { ...retries, ...waiting, during: 'reading the state of the target' },
    () => register.read().then((value) => ({ state: 'done', value }), failed),
  );
  if (read.ok) return read.value;
  throw read.error;
}

/**
 * Replaces the value of a register. When the reply was lost, the register is read again: every text is written once only,
 * because it holds a random value, so that its writer knows it again.
 * @throws Fault when the target has not answered for a minute; Cancelled.
 */
export async function replaceRegister(
  register: Register,
  text: string,
  expected: string | null,
  { summary, ...waiting }: Waiting & { summary?: string },
): Promise<'replaced' | 'conflict'> {
  const replaced = await retry<'replaced' | 'conflict', Fault>(
    { ...retries, ...waiting, during: 'writing the state of the target' },
    async (attempt) => {
      try {
        const result = await register.replace(text, expected, summary);
        if (result === 'replaced' || attempt === 1) return { state: 'done', value: result };
        return { state: 'done', value: (await holds(register, text)) ? 'replaced' : 'conflict' };
      } catch (error) {
        return failed(error);
      }
    },
  );
  if (replaced.ok) return replaced.value;
  throw replaced.error;
}

async function holds(register: Register, text: string): Promise<boolean> {
  return (await register.read())?.text === text;
}

/** @throws what is not a Fault: nothing that another attempt could change. */
function failed(error: unknown): { state: 'failed'; class: 'server'; error: Fault } {
  if (error instanceof Fault) return { state: 'failed', class: 'server', error };
  throw error;
}
