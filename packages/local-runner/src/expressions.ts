import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { UserError } from '@slipway/kernel';

/** Contexts by name, as plain values: `github`, `needs`, `steps`, … */
export type Contexts = Readonly<Record<string, unknown>>;
/** Status functions as they stand at this moment. */
export type Status = Readonly<Record<'success' | 'failure' | 'cancelled' | 'always', () => boolean>>;

const placeholder = /\$\{\{([\s\S]*?)\}\}/g;
const statusFunction = /\b(?:success|failure|cancelled|always)\s*\(/;

/** Evaluates one expression to a plain value. @throws UserError for an unknown context or function, or a syntax error. */
export function evaluate(expression: string, contexts: Contexts, status?: Status): unknown {
  const functions = new Map(
    Object.entries(status ?? {}).map(([name, call]) => [name, definition(name, call)]),
  );
  try {
    const { tokens } = new Lexer(expression).lex();
    const ast = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse();
    return toPlain(new Evaluator(ast, toDictionary(contexts), functions).evaluate());
  } catch (cause) {
    throw new UserError(`cannot evaluate "${expression.trim()}": ${(cause as Error).message}`, { cause });
  }
}

function definition(name: string, call: () => boolean): FunctionDefinition {
  return { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(call()) };
}

function toDictionary(contexts: Contexts): data.Dictionary {
  return JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
}

function toPlain(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}

/** A value of the workflow file with its `${{ … }}` filled in; alone it keeps its type, inside text it becomes text. */
export function fill(value: unknown, contexts: Contexts, status?: Status): unknown {
  if (typeof value !== 'string') return value;
  const alone = /^\s*\$\{\{([\s\S]*?)\}\}\s*$/.exec(value);
  if (alone && !alone[1]?.includes('${{')) return evaluate(alone[1] ?? '', contexts, status);
  return value.replace(placeholder, (_, expression: string) =>
    toText(evaluate(expression, contexts, status)),
  );
}

/** As GitHub turns a value into text: null is empty, numbers and booleans as written, objects as "Object". */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? (Array.isArray(value) ? 'Array' : 'Object') : String(value);
}

export function fillTexts(
  values: Record<string, unknown> | undefined,
  contexts: Contexts,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [name, toText(fill(value, contexts))]),
  );
}

/** An `if`: with or without `${{ }}`, and with the implicit `success()` when it asks no status function itself. */
export function holds(condition: string | boolean | undefined, contexts: Contexts, status: Status): boolean {
  const text = String(condition ?? 'success()').trim();
  const bare = /^\$\{\{([\s\S]*)\}\}$/.exec(text)?.[1] ?? text;
  if (!statusFunction.test(bare) && !status.success()) return false;
  const value = evaluate(bare, contexts, status);
  return value !== null && value !== false && value !== '' && value !== 0;
}
