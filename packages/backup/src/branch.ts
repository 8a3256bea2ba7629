import { once } from 'node:events';
import { PassThrough } from 'node:stream';

/** Bytes by which one reader may be ahead of the other. */
const maxLead = 128 * 1024;

/** What the second reader gets when the stream ends early; the first reader gets the reason. */
export class BranchCutOff extends Error {
  override readonly name = 'CutOff';
}

/** One stream for two readers, at the pace of the slower. */
export interface Branch {
  /** For the second reader. Fails when the first reader stops or the content fails: a part is never taken for the whole. */
  side: AsyncIterable<Buffer>;
  /** For the first reader. */
  through(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
}

export function createBranch(): Branch {
  const side = new PassThrough({ highWaterMark: maxLead });
  // A second reader that stopped reports its own reason.
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
        if (!complete) side.destroy(new BranchCutOff('the dump stopped before it was complete'));
      }
    },
  };
}
