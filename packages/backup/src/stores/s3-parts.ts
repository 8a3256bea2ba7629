import { inPieces, type Piece } from '../pieces.ts';

/** After so many parts they grow by one size each. */
const growsAfter = 1000;

/**
 * Cuts a backup, whose size nobody knows beforehand, into parts. S3 takes 10,000: with 8 MB at first they hold 430 GB,
 * while a small backup needs no more memory than two small parts.
 */
export async function* partsOf(content: AsyncIterable<Buffer>, size: number): AsyncGenerator<Piece> {
  let number = 1;
  let held: Buffer[] = [];
  for await (const { bytes, last } of inPieces(content, size)) {
    held.push(bytes);
    if (!last && held.length < Math.ceil(number / growsAfter)) continue;
    yield { bytes: held.length === 1 ? bytes : Buffer.concat(held), last };
    held = [];
    number++;
  }
}
