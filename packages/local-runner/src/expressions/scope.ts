import { data } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';

/** Plain values by the names of the contexts: `github`, `needs`, `steps`, … */
export type Contexts = Readonly<Record<string, unknown>>;

/** What `success()`, `failure()` and `cancelled()` say at one moment. */
export interface Status {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

/** Everything an expression may see at its place. */
export interface Scope {
  /** File to name in messages. */
  file: string;
  contexts: Contexts;
  functions: ReadonlyMap<string, FunctionDefinition>;
}

export function makeScope(file: string, contexts: Contexts): Scope {
  return { file, contexts, functions: new Map() };
}

export function withContexts(scope: Scope, contexts: Contexts): Scope {
  return { ...scope, contexts: { ...scope.contexts, ...contexts } };
}

export function withStatus(scope: Scope, status: Status): Scope {
  const says = { ...status, always: true };
  const functions = new Map(scope.functions);
  for (const [name, value] of Object.entries(says)) {
    functions.set(name, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) });
  }
  return { ...scope, functions };
}

/** Adds `hashFiles`, which only steps know, because only they have a workspace. */
export function withHashFiles(scope: Scope, hash: (patterns: string[]) => string): Scope {
  const call = (...patterns: data.ExpressionData[]): data.StringData =>
    new data.StringData(hash(patterns.map((pattern) => pattern.coerceString())));
  const functions = new Map(scope.functions).set('hashfiles', {
    name: 'hashFiles',
    minArgs: 1,
    maxArgs: 255,
    call,
  });
  return { ...scope, functions };
}
