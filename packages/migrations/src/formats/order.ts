/** Numeric, for numbers of any length. */
export function compareNumbers(a: string, b: string): number {
  const safe = Number.isSafeInteger(Number(a)) && Number.isSafeInteger(Number(b));
  const [one, other] = safe ? [Number(a), Number(b)] : [BigInt(a), BigInt(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** By code units, as tools that sort names do: neither the locale nor the width of numbers counts. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers without the zeros before them, so that a bigint in a table finds `002` among the files. */
export function withoutZeros(version: string): string {
  return /^0\d*$/.test(version) ? version.replace(/^0+(?=\d)/, '') : version;
}

/** A problem for each migration whose version an earlier one has already. */
export function twinProblems<M extends { file: string }>(
  migrations: readonly M[],
  keyOf: (migration: M) => string,
  what = 'number',
): string[] {
  const seen = new Map<string, M>();
  return migrations.flatMap((migration) => {
    const key = keyOf(migration);
    const twin = seen.get(key);
    if (twin) return [`${migration.file}: ${twin.file} has the same ${what}`];
    seen.set(key, migration);
    return [];
  });
}
