/** What the name of a file says to flyway. */
export type FlywayName =
  | { kind: 'versioned' | 'undo'; version: string; description: string }
  | { kind: 'repeatable'; description: string }
  | { kind: 'callback' | 'baseline' | 'unknown' };

/** Flyway runs these on its own at certain moments: `afterMigrate.sql`, `beforeEachMigrate__grants.sql`. */
const callback = /^(?:before|after|create)(?:Each)?[A-Z][A-Za-z]*(?:__[^/]*)?\.sql$/;
const versioned = /^([VUB])(\d+(?:[._]\d+)*)__([^/]*)\.sql$/;
const repeatable = /^R__([^/]*)\.sql$/;

/** The parts of a name with flyway's default prefixes and separator, after its ResourceNameParser. Pure. */
export function parseFlywayName(path: string): FlywayName {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [, prefix, number, text] = versioned.exec(name) ?? [];
  if (prefix === 'B') return { kind: 'baseline' };
  if (number !== undefined && text !== undefined) {
    const version = number.replaceAll('_', '.');
    return { kind: prefix === 'U' ? 'undo' : 'versioned', version, description: describe(text) };
  }
  const description = repeatable.exec(name)?.[1];
  if (description !== undefined) return { kind: 'repeatable', description: describe(description) };
  return { kind: callback.test(name) ? 'callback' : 'unknown' };
}

function describe(text: string): string {
  return text.replaceAll('_', ' ');
}

/** Part by part as numbers; what is missing counts as 0, so that 1.0 is 1. After flyway's MigrationVersion. */
export function compareFlywayVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [left, right] = [one[index] ?? 0n, other[index] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** The same for all ways of writing a version: `01.0` and `1` are `1`. */
export function flywayVersionKey(version: string): string {
  return /^\d+(?:\.\d+)*$/.test(version)
    ? partsOf(version)
        .join('.')
        .replace(/(?:\.0)+$/, '')
    : version;
}

function partsOf(version: string): bigint[] {
  return version.split('.').map(BigInt);
}
