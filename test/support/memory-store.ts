import { type Clock, Fault } from '@slipway/kernel';
import type { Register, StateStore } from '@slipway/platform';

/** A register in memory that others can write, too, and that can stop to answer. */
class MemoryRegister implements Register {
  text: string | null = null;
  /** How many values it has had. */
  writes = 0;
  isAway = false;
  /** Called before a value is replaced, once: somebody else comes first, or the answer is lost. */
  interfere: 'lose-answer' | (() => void) | undefined;

  async read(): Promise<{ text: string; version: string } | null> {
    this.#answer();
    return this.text === null ? null : { text: this.text, version: String(this.writes) };
  }

  async replace(text: string, expected: string | null): Promise<'replaced' | 'conflict'> {
    this.#answer();
    const { interfere } = this;
    this.interfere = undefined;
    if (typeof interfere === 'function') interfere();
    if (expected !== (this.text === null ? null : String(this.writes))) return 'conflict';
    this.set(text);
    if (interfere === 'lose-answer') throw new Fault('no answer');
    return 'replaced';
  }

  /** As another writer. */
  set(text: string): void {
    this.text = text;
    this.writes += 1;
  }

  #answer(): void {
    if (this.isAway) throw new Fault('no answer');
  }
}

/** A clock that is moved by hand and by whoever sleeps, and the registers of a target that goes by it. */
export function memoryStore() {
  const time = { ms: 0, onSleep: (): void => {} };
  const clock: Clock = {
    now: () => new Date(time.ms),
    monotonic: () => time.ms,
    async sleep(ms) {
      time.ms += ms;
      time.onSleep();
    },
  };
  const [state, lease] = [new MemoryRegister(), new MemoryRegister()];
  const store = { state, lease, now: async () => new Date(time.ms) } satisfies Partial<StateStore>;
  return { store, clock, time };
}
