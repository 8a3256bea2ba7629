import { gunzipSync, gzipSync } from 'node:zlib';
import { Fault, UserError } from '@slipway/kernel';

/** Characters of a packed text: a ConfigMap of Kubernetes holds 1 MiB, its metadata included. */
const maxPacked = 1_000_000;

/** Bytes of the text itself. What is read from a target was not necessarily written by Slipway. */
const maxUnpacked = 8 * 1024 * 1024;

/**
 * A text as a target holds it: compressed, in base64.
 * @param what Names it in the error.
 * @throws UserError when it is too large.
 */
export function packText(what: string, text: string): string {
  const bytes = Buffer.byteLength(text);
  const packed = gzipSync(text).toString('base64');
  if (bytes <= maxUnpacked && packed.length <= maxPacked) return packed;
  throw new UserError(`cannot save ${what} on the target: it is too large`, {
    hint: `Make it smaller: it has ${bytes} bytes, ${packed.length} compressed; ${maxUnpacked} and ${maxPacked} fit.`,
  });
}

/**
 * The text that was packed.
 * @throws Fault when it is damaged or larger than any that Slipway writes.
 */
export function unpackText(what: string, packed: string): string {
  try {
    return gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: maxUnpacked }).toString('utf8');
  } catch (cause) {
    throw new Fault(`cannot read ${what} on the target: its content is damaged`, { cause });
  }
}
