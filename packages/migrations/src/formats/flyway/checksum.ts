import { crc32 } from 'node:zlib';

/**
 * CRC-32 over the UTF-8 bytes of the lines without their ends and without a byte order mark, as a signed 32-bit number;
 * after flyway's ChecksumCalculator, whose lines end where Java's BufferedReader ends them.
 * @param sql The text without a byte order mark.
 */
export function flywayChecksum(sql: string): string {
  return String(crc32(sql.replace(/\r\n|\n|\r/g, '')) | 0);
}

/** Java's String.hashCode, a signed 32-bit number. */
function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

/** "Flyway" as bytes of a number, plus the hash of the quoted table; after its PostgreSQLAdvisoryLockTemplate. */
export function flywayLock(schema: string, table: string): string {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  return String(77431708279161n + BigInt(javaHashCode(`${quote(schema)}.${quote(table)}`)));
}
