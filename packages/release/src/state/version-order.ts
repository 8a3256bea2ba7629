/**
 * Whether a version precedes another by the rules of Semantic Versioning 2.0.0, section 11, for numbers with any count of
 * parts. false where one of them is not such a version: then nothing is known of their order. Pure.
 */
export function isOlderVersion(version: string, than: string): boolean {
  const [one, other] = [parse(version), parse(than)];
  if (!one || !other) return false;
  const byNumbers = compareParts(one.numbers, other.numbers, '0');
  if (byNumbers !== 0) return byNumbers < 0;
  // A pre-release precedes its release.
  if (one.prerelease.length === 0 || other.prerelease.length === 0)
    return one.prerelease.length > other.prerelease.length;
  return compareParts(one.prerelease, other.prerelease, null) < 0;
}

function parse(version: string): { numbers: string[]; prerelease: string[] } | null {
  const found = /^(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version);
  const [, numbers, prerelease] = found ?? [];
  return numbers === undefined
    ? null
    : { numbers: numbers.split('.'), prerelease: prerelease === undefined ? [] : prerelease.split('.') };
}

/** @param missing What a part that only the other one has counts as; null: it precedes. */
function compareParts(one: readonly string[], other: readonly string[], missing: string | null): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [a, b] = [one[at] ?? missing, other[at] ?? missing];
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    const order = comparePart(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers by value, and before words; words by ASCII. */
function comparePart(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [a, b].map((part) => /^\d+$/.test(part));
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
