import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Breakages to practise with; the README of this example says what each one does. */
const FAULTS = ['none', 'crash', 'deaf', 'sick', 'wrong-version', 'errors', 'slow', 'projections'];
const DEFAULT_DELAY_S = 5;
/** `errors@watch`: begins when the metrics are first asked for, however long the rollout before that took. */
const WHEN_WATCHED = Number.POSITIVE_INFINITY;
const CAN_WAIT_FOR_WATCH = ['errors', 'slow'];

/**
 * The fault that is built into this image: the file `FAULT` holds one word, and for the late ones optionally when they
 * begin: in which second of the process' life, as in `errors@20`, or once it is watched, as in `errors@watch`.
 */
export class Fault {
  #answers = 0;

  /**
   * @param {string} name
   * @param {number} startsAtS seconds after the start of the process
   */
  constructor(name, startsAtS = DEFAULT_DELAY_S) {
    this.name = name;
    this.startsAtS = startsAtS;
  }

  /**
   * @param {string | URL} file
   * @throws {Error} when the file names no fault that exists: a misspelt one would look like a good release
   */
  static read(file) {
    const word = readFileSync(file, 'utf8').trim();
    const [, name, start] = /^([a-z-]+)(?:@(\d{1,5}|watch))?$/.exec(word) ?? [];
    if (name === undefined || !FAULTS.includes(name))
      throw new Error(`FAULT must be one of ${FAULTS.join(', ')}`);
    if (start !== 'watch') return new Fault(name, start === undefined ? DEFAULT_DELAY_S : Number(start));
    if (!CAN_WAIT_FOR_WATCH.includes(name))
      throw new Error(`only ${CAN_WAIT_FOR_WATCH.join(' and ')} can begin @watch`);
    return new Fault(name, WHEN_WATCHED);
  }

  /** @param {string} name */
  is(name) {
    return this.name === name;
  }

  /** The metrics were asked for. */
  measured() {
    if (this.startsAtS === WHEN_WATCHED) this.startsAtS = performance.now() / 1_000 + DEFAULT_DELAY_S;
  }

  /** Before every answer about documents. Counted, not drawn by lot: the share is exact, and spread evenly. */
  async beforeDocuments() {
    if (performance.now() < this.startsAtS * 1_000) return;
    this.#answers += 1;
    if (this.is('errors') && (this.#answers * 3) % 10 < 3) throw new Error('document index is out of date');
    if (this.is('slow') && this.#answers % 2 === 0) await pause(1_500);
  }
}
