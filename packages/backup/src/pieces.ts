import { createHash } from 'node:crypto';
import { createCollector } from './collect.ts';

/** What went through a stream so far. */
export interface Meter {
  readonly bytes: number;
  /** Hexadecimal; asked once, at the end. */
  sha256(): string;
  /** Passes the content on and counts it. */
  through(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
}

export function createMeter(): Meter {
  const hash = createHash('sha256');
  const collected = createCollector();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    sha256: () => hash.digest('hex'),
    async *through(content) {
      for await (const chunk of content) {
        hash.update(chunk);
        bytes += chunk.length;
        collected(chunk.length);
        yield chunk;
      }
    },
  };
}

export interface Piece {
  bytes: Buffer;
  last: boolean;
}

/** Cuts a stream into pieces of one size. The last is shorter or as long, and empty only when everything is. */
export async function* inPieces(content: AsyncIterable<Buffer>, size: number): AsyncGenerator<Piece> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of content) {
    held.push(chunk);
    length += chunk.length;
    if (length <= size) continue;
    let rest = Buffer.concat(held);
    for (; rest.length > size; rest = rest.subarray(size)) {
      yield { bytes: rest.subarray(0, size), last: false };
    }
    held = [rest];
    length = rest.length;
  }
  yield { bytes: Buffer.concat(held), last: true };
}
