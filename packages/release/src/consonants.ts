/**
 * Bytes as text that no mask matches by accident: capital consonants in threes, parted by full stops. GitHub drops an
 * output in which a secret of the job occurs, raw or encoded. A secret of four characters or more would have to hold a
 * full stop as every fourth sign, and neither a vowel, nor a small letter, nor a digit.
 */
const symbols = 'BCDFGHJKLMNPQRSTVWXYZ';
/** What three symbols hold: 21³ is 9261. */
const groupBits = 13;
const groupPattern = new RegExp(`^[${symbols}]{3}$`);
/** Parts the bytes from the bits that fill the last group. */
const endMark = 0x80;

/** One number of 13 bits as a group of three symbols. */
export function groupOf(value: number): string {
  const base = symbols.length;
  return [Math.floor(value / base / base), Math.floor(value / base) % base, value % base]
    .map((digit) => symbols.charAt(digit))
    .join('');
}

/** The number of a group; null for text that is none. */
export function numberOf(group: string): number | null {
  if (!groupPattern.test(group)) return null;
  const value = [...group].reduce((sum, symbol) => sum * symbols.length + symbols.indexOf(symbol), 0);
  return value < 2 ** groupBits ? value : null;
}

/** The groups of these bytes. */
export function toGroups(bytes: Uint8Array): string[] {
  const groups: string[] = [];
  let pending = 0;
  let bits = 0;
  for (const byte of [...bytes, endMark]) {
    pending = (pending << 8) | byte;
    bits += 8;
    if (bits < groupBits) continue;
    bits -= groupBits;
    groups.push(groupOf(pending >> bits));
    pending &= (1 << bits) - 1;
  }
  return bits === 0 ? groups : [...groups, groupOf(pending << (groupBits - bits))];
}

/** The bytes of these groups; null when they are none. */
export function fromGroups(groups: readonly string[]): Uint8Array | null {
  const bytes: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const group of groups) {
    const value = numberOf(group);
    if (value === null) return null;
    pending = (pending << groupBits) | value;
    bits += groupBits;
    for (; bits >= 8; pending &= (1 << bits) - 1) {
      bits -= 8;
      bytes.push(pending >> bits);
    }
  }
  const end = bytes.lastIndexOf(endMark);
  return end < 0 ? null : Uint8Array.from(bytes.slice(0, end));
}
