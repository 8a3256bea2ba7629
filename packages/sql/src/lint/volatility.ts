import type { Node } from 'libpg-query';
import { walk } from './ast.ts';
import { strings } from './names.ts';

/** Built-in functions that a default may call without making PostgreSQL rewrite the table (pg_proc.provolatile). */
const steady = new Set(
  (
    'now transaction_timestamp statement_timestamp current_setting current_user session_user current_schema ' +
    'current_database version pg_backend_pid txid_current_snapshot pg_current_snapshot ' +
    'abs ceil ceiling floor round trunc sign sqrt power mod div exp ln log pi ' +
    'lower upper initcap length char_length octet_length btrim ltrim rtrim lpad rpad replace repeat reverse ' +
    'left right substr substring position overlay concat concat_ws format split_part strpos translate chr ascii ' +
    'md5 sha224 sha256 sha384 sha512 encode decode to_hex convert_to convert_from quote_ident quote_literal ' +
    'to_char to_date to_number to_timestamp date date_part date_trunc date_bin extract age make_date make_time ' +
    'make_timestamp make_timestamptz make_interval justify_days justify_hours justify_interval timezone ' +
    'array_append array_cat array_fill array_length array_prepend array_remove array_to_string string_to_array ' +
    'cardinality unnest json_build_array json_build_object jsonb_build_array jsonb_build_object to_json to_jsonb ' +
    'row_to_json jsonb_set jsonb_insert jsonb_strip_nulls json_object jsonb_object array_to_json ' +
    'to_tsvector to_tsquery plainto_tsquery setweight int4range int8range numrange tsrange tstzrange daterange ' +
    'point box circle line lseg polygon host network ' +
    'numeric float8 bool txid_current pg_typeof enum_first enum_last enum_range set_bit get_bit'
  ).split(' '),
);

/** Those of them that take nothing: with an argument it is somebody else's function. */
const bare = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_database',
  'current_schema',
  'current_user',
  'session_user',
  'version',
  'pi',
  'txid_current',
]);

/** Built-in or well-known functions that are VOLATILE; used for the wording only. */
const volatile =
  /^(?:gen_random_uuid|random|random_normal|clock_timestamp|timeofday|nextval|currval|lastval|setval|uuid_generate_v[14]\w*|uuidv[47]|gen_random_bytes|gen_salt|pg_sleep)$/;

export interface VolatileCall {
  name: string;
  /** Whether it is known to be volatile, not only unknown. */
  known: boolean;
}

/**
 * The first call in a default that keeps PostgreSQL from storing one value for all old rows (ATExecAddColumn asks
 * contain_volatile_functions). A function that is neither built in nor created by the files counts as volatile, which is what
 * CREATE FUNCTION says when nothing is said.
 */
export function volatileCall(
  expression: Node,
  created: ReadonlyMap<string, string>,
): VolatileCall | undefined {
  let found: VolatileCall | undefined;
  walk({ expression }, (node, value) => {
    if (node !== 'FuncCall' || found) return;
    const { funcname, args = [] } = value as { funcname?: Node[]; args?: Node[] };
    const parts = strings(funcname);
    const name = parts.at(-1) ?? '';
    const own = created.get(name);
    if (own !== undefined ? own !== 'volatile' : isSteady(parts, args.length)) return;
    found = { name, known: own !== undefined || volatile.test(name) };
  });
  return found;
}

function isSteady(parts: readonly string[], args: number): boolean {
  const builtIn = parts.length === 1 || parts[0] === 'pg_catalog';
  const name = parts.at(-1) ?? '';
  return builtIn && steady.has(name) && (args === 0 || !bare.has(name));
}
