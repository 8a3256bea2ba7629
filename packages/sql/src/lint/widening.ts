interface Type {
  name: string;
  modifiers: number[];
  array: string;
}

/** The names that the grammar and `format_type` have for one type. */
const aliases: Record<string, string> = {
  'character varying': 'varchar',
  'bit varying': 'varbit',
  decimal: 'numeric',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  integer: 'int4',
  int: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  character: 'bpchar',
};

function read(text: string): Type {
  const modifiers = /\(([\d,\s-]*)\)/.exec(text)?.[1] ?? '';
  const array = /(?:\[\])+$/.exec(text)?.[0] ?? '';
  const bare = text
    .replace(/\([^)]*\)/, '')
    .replace(/(?:\[\])+$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^.*\./, '');
  return {
    name: aliases[bare] ?? bare,
    modifiers: modifiers.split(',').filter(Boolean).map(Number),
    array,
  };
}

/** Casts of pg_cast without a function. Between the timestamps it depends on the session, so they are not here. */
const coercible: Record<string, string[]> = {
  varchar: ['text'],
  text: ['varchar'],
  xml: ['text', 'varchar'],
  cidr: ['inet'],
  bit: ['varbit'],
};

/**
 * Whether a change of type needs neither a rewrite nor a scan: the binary coercible casts, and length coercions that
 * the planner's support functions remove (varchar_support, numeric_support, varbit_support, TemporalSimplify).
 * @param before As `format_type` writes it. @param after As the grammar names it.
 */
export function isWidening(before: string, after: string): boolean {
  const [from, to] = [read(before), read(after)];
  if (from.array !== to.array) return false;
  if (from.name === to.name && to.modifiers.join() === from.modifiers.join()) return true;
  if (from.array !== '') return false;
  if (from.name === to.name) return isLonger(from, to);
  return (coercible[from.name] ?? []).includes(to.name) && to.modifiers.length === 0;
}

function isLonger(from: Type, to: Type): boolean {
  const [maxLength = Number.POSITIVE_INFINITY, scale = 0] = from.modifiers;
  const [more = Number.POSITIVE_INFINITY, otherScale = 0] = to.modifiers;
  if (from.name === 'numeric')
    return more >= maxLength && (to.modifiers.length === 0 || scale === otherScale);
  if (['timestamp', 'timestamptz', 'time', 'timetz'].includes(from.name))
    // Without a modifier they keep six digits.
    return Math.min(more, 6) >= Math.min(maxLength, 6);
  if (from.name === 'interval') return to.modifiers.length === 0;
  return (from.name === 'varchar' || from.name === 'varbit') && more >= maxLength;
}
