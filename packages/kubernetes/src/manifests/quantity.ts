/** A Kubernetes quantity in billionths of its unit: exact, where floating point would exceed a quota by its error. */
export type Quantity = bigint;

const one = 1_000_000_000n;

/** Billionths per unit. */
const suffixes: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': one,
  k: one * 10n ** 3n,
  M: one * 10n ** 6n,
  G: one * 10n ** 9n,
  T: one * 10n ** 12n,
  P: one * 10n ** 15n,
  E: one * 10n ** 18n,
  Ki: one << 10n,
  Mi: one << 20n,
  Gi: one << 30n,
  Ti: one << 40n,
  Pi: one << 50n,
  Ei: one << 60n,
};

const grammar =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[+-]?\d{1,3})|(?<suffix>[KMGTPE]i|[numkMGTPE])?)$/;

/**
 * Reads `100m`, `1.5`, `512Mi`, `1e3`; `1E` is an exa, `1E3` a thousand. Smaller than a billionth is rounded up, as
 * the API server does. null for text that is not a quantity.
 */
export function parseQuantity(written: unknown): Quantity | null {
  const groups = grammar.exec(String(written))?.groups;
  const { sign = '', whole = '', fraction = '', exponent, suffix = '' } = groups ?? {};
  if (!groups || whole + fraction === '') return null;
  const digits = BigInt(whole + fraction);
  const power = BigInt(exponent ?? 0) - BigInt(fraction.length);
  const unit = suffixes[suffix] ?? one;
  const size = power >= 0n ? digits * unit * 10n ** power : divideUp(digits * unit, 10n ** -power);
  return sign === '-' ? -size : size;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'];
const decimal = ['E', 'P', 'T', 'G', 'M', 'k', '', 'm', 'u', 'n'];

/** The shortest exact form: `512Mi`, `1500m`, `2`. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity < 0n) return `-${formatQuantity(-quantity)}`;
  if (quantity === 0n) return '0';
  const exact = (names: readonly string[]): string[] =>
    names
      .filter((name) => quantity % (suffixes[name] ?? one) === 0n)
      .map((name) => `${quantity / (suffixes[name] ?? one)}${name}`)
      .slice(0, 1);
  const [best = ''] = [...exact(decimal), ...exact(binary)].sort((a, b) => a.length - b.length);
  return best;
}
