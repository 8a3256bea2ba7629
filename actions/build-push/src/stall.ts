import type { Duration, OutsideText } from '@slipway/kernel';

/** `#9 pushing layers`, `#9 pushing layer 1f2e3d 1.05MB / 50MB`: BuildKit is sending the image. */
const pushing = /^#\d+ pushing\b/;
const done = /^#\d+ (?:DONE|ERROR|CANCELED)\b/;

/** Ends an upload that makes no progress. A step of the Dockerfile may be silent for as long as it likes. */
export class UploadWatch {
  readonly #stop = new AbortController();
  readonly #limitMs: Duration;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: Duration) {
    this.#limitMs = limitMs;
  }

  /** Aborts when the upload stalls. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Takes each line that the build prints. */
  line(line: OutsideText): void {
    if (done.test(line.data)) this.end();
    else if (pushing.test(line.data)) {
      this.end();
      this.#timer = setTimeout(() => this.#stop.abort(), this.#limitMs);
    }
  }

  /** The build has finished. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
