import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { truthy } from '@actions/expressions/result';
import { ensureStatusFunction } from '@actions/workflow-parser/model/converter/if-condition';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import {
  isBasicExpression,
  isBoolean,
  isMapping,
  isNumber,
  isSequence,
  isString,
} from '@actions/workflow-parser/templates/tokens/type-guards';
import { UserError } from '@slipway/kernel';
import type { Scope } from './scope.ts';
import { toData, toPlain } from './values.ts';

/** What the official evaluator makes of an expression. @throws UserError with file and line. */
function evaluateExpression(expression: string, scope: Scope, line?: number): data.ExpressionData {
  try {
    const { tokens } = new Lexer(expression).lex();
    const tree = new Parser(tokens, Object.keys(scope.contexts), [...scope.functions.values()]).parse();
    return new Evaluator(
      tree,
      toData(scope.contexts) as data.Dictionary,
      new Map(scope.functions),
    ).evaluate();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `${formatLocation(scope.file, line)}: cannot evaluate "${expression.trim()}": ${message}`,
    );
  }
}

/** `deploy.yml:12`, or the file alone. */
export function formatLocation(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** The value of a part of a workflow file, its expressions evaluated. */
export function resolve(token: TemplateToken | undefined, scope: Scope): unknown {
  if (token === undefined) return undefined;
  if (isBasicExpression(token)) return toPlain(evaluateExpression(token.expression, scope, token.line));
  if (isString(token) || isNumber(token) || isBoolean(token)) return token.value;
  if (isSequence(token)) return [...token].map((item) => resolve(item, scope));
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => [resolveText(key, scope), resolve(value, scope)]),
    );
  }
  if (token.isExpression) {
    throw new UserError(
      `${formatLocation(scope.file, token.line)}: "${String(token)}" is not implemented by the local runner`,
    );
  }
  return null;
}

/** As `resolve`, for places that hold text. @throws UserError for lists and mappings, as GitHub does. */
export function resolveText(token: TemplateToken | undefined, scope: Scope): string {
  const value = toData(resolve(token, scope));
  if (value.primitive) return value.coerceString();
  const kind = value.kind === data.Kind.Array ? 'A sequence' : 'A mapping';
  throw new UserError(`${formatLocation(scope.file, token?.line)}: ${kind} was not expected`);
}

/** A mapping of texts: `env`, `with`, `outputs`. */
export function resolveTexts(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  if (token === undefined) return {};
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => [resolveText(key, scope), resolveText(value, scope)]),
    );
  }
  const value = resolve(token, scope);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new UserError(`${formatLocation(scope.file, token.line)}: a mapping was expected`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toData(one).coerceString()]));
}

/** Whether an `if` holds. One that asks no status function means `success() && (…)`. */
export function holds(condition: TemplateToken | undefined, scope: Scope): boolean {
  const text =
    condition === undefined ? '' : isBasicExpression(condition) ? condition.expression : String(condition);
  const complete =
    text.trim() === '' ? 'success()' : ensureStatusFunction(text.trim(), condition?.definitionInfo);
  return truthy(evaluateExpression(complete, scope, condition?.line));
}
