import { UserError } from '@slipway/kernel';
import { formatLocation } from '../expressions/evaluate.ts';
import { fields, literal, type Part } from './document.ts';

const levels = ['none', 'read', 'write'] as const;
type Level = (typeof levels)[number];

/** What a token may do. `rest` holds for every scope that is not named: `read-all` is all rest. */
export interface Permissions {
  scopes: ReadonlyMap<string, Level>;
  rest: Level;
}

/** What GitHub gives when neither workflow nor job says anything, with the setting that new repositories have. */
export const defaultPermissions: Permissions = {
  scopes: new Map([
    ['contents', 'read'],
    ['packages', 'read'],
    ['metadata', 'read'],
  ]),
  rest: 'none',
};

export function readPermissions(part: Part): Permissions {
  const said = fields(part);
  if (said.size === 0) {
    const text = String(part.token);
    if (text === 'read-all') return { scopes: new Map(), rest: 'read' };
    if (text === 'write-all') return { scopes: new Map(), rest: 'write' };
    return { scopes: new Map(), rest: 'none' };
  }
  const scopes = new Map<string, Level>();
  for (const [scope, token] of said) {
    const level = literal({ file: part.file, token });
    if (!levels.includes(level as Level)) {
      throw new UserError(
        `${formatLocation(part.file, token.line)}: "${level}" is not a permission: ${levels.join(', ')}`,
      );
    }
    scopes.set(scope, level as Level);
  }
  return { scopes, rest: 'none' };
}

/** What is asked for beyond a ceiling, as GitHub words it, or null. */
export function excess(asked: Permissions, ceiling: Permissions): string | null {
  const rank = (level: Level): number => levels.indexOf(level);
  const allowed = (scope: string): Level => ceiling.scopes.get(scope) ?? ceiling.rest;
  const over = [...asked.scopes].filter(([scope, level]) => rank(level) > rank(allowed(scope)));
  if (rank(asked.rest) > rank(ceiling.rest)) over.push(['all scopes', asked.rest]);
  if (over.length === 0) return null;
  const list = (all: readonly (readonly [string, Level])[]): string =>
    all.map(([scope, level]) => `${scope}: ${level}`).join(', ');
  const have = over.map(([scope]) => [scope, allowed(scope)] as const);
  return `is requesting '${list(over)}', but is only allowed '${list(have)}'`;
}
