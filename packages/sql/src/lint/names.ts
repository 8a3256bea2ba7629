import type { Node, RangeVar, TypeName } from 'libpg-query';

/** A name of one or two parts, as the user wrote it. */
export interface Named {
  /** null when it is left to search_path. */
  schema: string | null;
  name: string;
}

/** Words that cannot name a table or a column without quotes (manual, appendix C), of those that are used as names. */
const reserved = new Set(
  (
    'all analyse analyze and any array as asc both case cast check collate column constraint create current_date ' +
    'current_role current_time current_timestamp current_user default deferrable desc distinct do else end except ' +
    'false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime ' +
    'not null offset on only or order placing primary references returning select session_user some symmetric ' +
    'table then to trailing true union unique user using variadic when where window with'
  ).split(' '),
);

/** An identifier as SQL needs it: quoted only when it must be. */
export function sqlName(name: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

export function sqlOf({ schema, name }: Named): string {
  return schema === null ? sqlName(name) : `${sqlName(schema)}.${sqlName(name)}`;
}

export function ofRange({ schemaname, relname = '' }: RangeVar): Named {
  return { schema: schemaname ?? null, name: relname };
}

/** The parts of a list of String nodes. */
export function strings(nodes: readonly Node[] = []): string[] {
  return nodes.flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

export function ofParts(parts: readonly string[]): Named {
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' };
}

/** A table under a name that cuts nothing off: identifiers longer than 63 bytes are cut by the server. */
export function derivedName(...parts: string[]): string {
  const name = parts.filter(Boolean).join('_');
  return Buffer.byteLength(name) <= 63 ? name : name.slice(0, 60);
}

/** A type as its bare name with modifiers and array: `varchar(20)`, `int4[]`. */
export function typeText({ names, typmods = [], arrayBounds = [] }: TypeName): string {
  const modifiers = typmods.flatMap((node) =>
    'A_Const' in node ? [String(node.A_Const.ival?.ival ?? (node.A_Const.ival ? 0 : ''))] : [],
  );
  const name = strings(names).at(-1) ?? '';
  return `${name}${modifiers.length > 0 ? `(${modifiers.join(',')})` : ''}${arrayBounds.map(() => '[]').join('')}`;
}
