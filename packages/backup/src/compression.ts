import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress, type ZstdOptions } from 'node:zlib';
import { Fault } from '@slipway/kernel';

/** Named in the manifest. */
export const compressionName = 'zstd';

/** Bytes of a chunk. The default of 16 KiB calls the library eight times as often. */
const chunkSize = 128 * 1024;

/**
 * The fastest level: event tables of jsonb become smaller than with pg_dump's default gzip, in a quarter of the time. With
 * a checksum of the content, so that decompression proves it.
 */
const compress: ZstdOptions = {
  chunkSize,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** The content as one Zstandard frame, which `zstd -d` reads (RFC 8878). */
export function compressed(content: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(content, createZstdCompress(compress));
}

/** The reverse. @throws whatever `content` throws; Fault when it is damaged. */
export async function* decompressed(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* through(content, createZstdDecompress({ chunkSize }));
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw new Fault(`cannot decompress the backup: ${cause.message}`, { cause });
  }
}

async function* through(
  content: AsyncIterable<Buffer>,
  transform: ReturnType<typeof createZstdCompress>,
): AsyncGenerator<Buffer> {
  const done = pipeline(content, transform);
  // The reader of the transform gets the failure first.
  done.catch(() => undefined);
  yield* transform;
  // A decompressor stops at the end of its frame. The rest is read as well, and must be empty.
  await done;
}

function isDamage(error: unknown): error is Error {
  return /^(?:ZSTD_|Z_)/.test((error as NodeJS.ErrnoException).code ?? '');
}
