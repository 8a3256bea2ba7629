import { once } from 'node:events';
import { PassThrough } from 'node:stream';

/** Bytes by which one of two readers may be ahead of the other. */
const lead = 128 * 1024;

/** Told to the second reader; why it ended is told to the first. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

/** One stream for two readers, which goes at the pace of the slower. */
export interface Branch {
  /** For the second reader. Fails when the first reader stops or the content fails: half of it is never the whole. */
  side: AsyncIterable<Buffer>;
  /** For the first reader. */
  through(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
}

export function createBranch(): Branch {
  const side = new PassThrough({ highWaterMark: lead });
  // A second reader that stopped tells why by itself.
  side.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => side.once('close', resolve));
  return {
    side,
    async *through(content) {
      let complete = false;
      try {
        for await (const chunk of content) {
          if (!side.destroyed && !side.write(chunk)) {
            await Promise.race([once(side, 'drain').catch(() => undefined), closed]);
          }
          yield chunk;
        }
        complete = true;
        side.end();
      } finally {
        if (!complete) side.destroy(new CutOff('the dump ended before it was complete'));
      }
    },
  };
}
